"""Hosts that are not written get no answers of the names above them."""

from pathlib import Path

from tests.fleet.fleets import Made, made, main, proxied, site

CONFLICT = [site("allow 10.0.0.0/8;\n    deny all;\n    " + proxied(f"10.0.0.{n}"), "pay.apps.example.com") for n in (1, 2)]
WILDCARD = site(proxied("10.0.9.1"), "*.apps.example.com")


def answers(fleet: Made, host: str) -> list[object]:
    return [route.get("directResponse", {}).get("status") for route in fleet.routes(host)]


def test_below_a_wildcard_that_is_written_they_answer_404(tmp_path: Path) -> None:
    fleet = made(tmp_path, {"a": main(WILDCARD, CONFLICT[0]), "b": main(WILDCARD, CONFLICT[1])})
    assert (fleet.site("pay.apps.example.com").chosen, answers(fleet, "pay.apps.example.com")) == (None, [404])
    (closed,) = (o for o in fleet.objects("VirtualService") if "pay.apps.example.com" in o["spec"]["hosts"])
    (wild,) = (o for o in fleet.objects("VirtualService") if "*.apps.example.com" in o["spec"]["hosts"])
    assert closed["spec"]["gateways"] == wild["spec"]["gateways"]


def test_below_the_default_server_they_answer_404(tmp_path: Path) -> None:
    fleet = made(tmp_path, {f"{n}": main(text).replace("return 404;", "return 200 hello;") for n, text in enumerate(CONFLICT)})
    assert answers(fleet, "*") == [200]
    assert answers(fleet, "pay.apps.example.com") == [404]


def test_where_nothing_covers_them_nothing_is_written(tmp_path: Path) -> None:
    texts = {"a": main(CONFLICT[0]), "b": main(CONFLICT[1]).replace("return 404;", "return 410;"), "c": main(site(proxied()))}
    fleet = made(tmp_path, texts)
    assert fleet.site("default").chosen is None
    assert answers(fleet, "pay.apps.example.com") == []


def test_on_ports_where_they_are_not_served_the_wildcard_answers_as_on_its_machines(tmp_path: Path) -> None:
    wild = site(proxied("10.0.9.1"), "*.apps.example.com", "80;\n    listen 8080")
    fleet = made(tmp_path, {"a": main(wild, CONFLICT[0]), "b": main(wild, CONFLICT[1])})
    (route,) = fleet.routes("pay.apps.example.com")
    assert route["match"] == [{"port": 80}]


def test_when_it_is_decided_the_host_is_served_and_no_longer_closed(tmp_path: Path) -> None:
    decisions = "version: 1\nhosts: {pay.apps.example.com: {take: a}}\n"
    fleet = made(tmp_path, {"a": main(WILDCARD, site(proxied(), "pay.apps.example.com")), "b": main(WILDCARD, CONFLICT[1])}, decisions)
    assert fleet.behind("pay.apps.example.com") == {"10.0.0.1"}
    assert 404 not in answers(fleet, "pay.apps.example.com")
