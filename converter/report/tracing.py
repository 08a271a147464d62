"""A trace for readers: on a terminal, and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict

from converter.model.tracing import Line, Side, Traced
from converter.report.style import paint, printable

_LONGEST_BODY = 200  # characters of a body that are shown


def text(traced: Traced, colour: bool = False) -> str:
    """Both sides one below the other, then whether they do the same; a newline ends it."""
    request = traced.request
    extra = "".join(f" | {name}: {value}" for name, value in request.headers)
    head = paint(printable(f"{request}{extra}"), "strong", colour) + f" from {printable(request.client)}"
    sides = ("\n".join(_side(name, side, colour)) for name, side in (("nginx", traced.nginx), ("gateway", traced.gateway)))
    return "\n\n".join((head, *sides, "\n".join(_verdict(traced, colour)))) + "\n"


def _side(name: str, side: Side, colour: bool) -> Iterator[str]:
    yield paint(name, "strong", colour)
    width = max((len(line.place) for line in side.lines), default=0)
    yield from (f"  {printable(line.place):{width}}  {_said(line)}".rstrip() for line in side.lines)
    yield f"  => {printable(side.answer)}" if side.known else paint(f"  => not known: {printable(side.answer)}", "warning", colour)
    if side.upstream:
        yield f"     {side.scheme}, to {printable(', '.join(side.servers) or 'no server')}"
        yield f"     Host: {printable(_value(side.host))}"
    yield from (f"     {printable(name)}: {printable(_value(value))}" for name, value in side.headers)
    if side.body:
        body = side.body if len(side.body) <= _LONGEST_BODY else side.body[:_LONGEST_BODY] + "…"
        yield f"     {printable(body)}"


def _said(line: Line) -> str:
    return printable(line.text) + (f"  [inherited from {printable(line.inherited)}]" if line.inherited else "")


def _value(value: str | None) -> str:
    return "(not known here)" if value is None else value


def _verdict(traced: Traced, colour: bool) -> Iterator[str]:
    if not traced.nginx.known or not traced.gateway.known:
        yield paint(
            "Whether both do the same cannot be told from the configuration: nginx2istio verify asks the real programs.", "warning", colour
        )
    elif not traced.differences:
        yield paint("Both do the same.", "good", colour)
    else:
        yield paint("They differ:", "warning" if traced.because else "error", colour)
        yield from (f"  {printable(d.field)}: nginx {printable(d.nginx)} / gateway {printable(d.gateway)}" for d in traced.differences)
        yield (
            f"  the report says so: {printable(traced.because)}"
            if traced.because
            else "  the report says nothing of it: `nginx2istio verify` shows who is right"
        )


def document(traced: Traced) -> dict[str, object]:
    """The same as plain data."""
    request = traced.request
    return {
        "request": {
            "method": request.method,
            "url": f"{request.scheme}://{request.host}{request.target}",
            "headers": [list(pair) for pair in request.headers],
            "from": request.client,
        },
        "nginx": _plain(traced.nginx),
        "gateway": _plain(traced.gateway),
        "differences": [asdict(difference) for difference in traced.differences],
        "announced": traced.because,
    }


def _plain(side: Side) -> dict[str, object]:
    end: dict[str, object] = {"known": side.known, "text": side.answer}
    if side.upstream:
        kept = ("upstream", "servers", "scheme", "method", "target", "host")
        end |= {name: value for name, value in asdict(side).items() if name in kept}
    elif side.known:
        end |= {"status": side.status, "location": side.location, "body": side.body}
    end["headers"] = [list(pair) for pair in side.headers]
    return {"steps": [asdict(line) for line in side.lines], "end": end}
