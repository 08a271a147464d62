"""Reports to look at: of a sample, of a configuration with work of every kind, of many hosts."""

from functools import cache
from pathlib import Path

from converter.conversion import convert_whole
from converter.model.conversion import Conversion
from converter.model.decisions import Decisions
from converter.model.fleet import State
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.html import Index, IndexEntry, assets, index, page_path, site
from converter.sources import read_source
from tests.conversions import FILE, convert_text, http

SAMPLES = Path(__file__).parents[3] / "samples"
WORK = http(
    "server { listen 80 default_server; return 404; }",
    "server { listen 80; server_name ready.example.com; location / { return 204; } }",
    "server { listen 80; server_name ask.example.com; set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For;\n"
    "  allow 192.0.2.0/24; deny all; location / { proxy_pass http://10.0.0.3; } }",
    "server {\n  listen 80;\n  server_name lost.example.com;\n  location / {\n    proxy_cache static;\n    proxy_pass http://10.0.0.1;\n  }\n}",
    "server { listen 80; server_name near.example.com; location / { proxy_pass http://10.0.0.2; proxy_cach x; } }",
)


def converted(source: Path) -> tuple[Conversion, dict[str, str]]:
    """The conversion of a source, and the texts of its files."""
    read = read_source(str(source))
    conversion = convert_whole(read, Decisions()).conversion
    return conversion, {file: read.texts.read(file).text for file in {row.entry.position.file for row in conversion.rows}}


@cache
def shop() -> dict[str, str]:
    conversion, texts = converted(SAMPLES / "shop")
    return site(replace(conversion, source="shop"), texts)


@cache
def work() -> dict[str, str]:
    return site(convert_text(WORK), {FILE: WORK})


def many(number: int) -> dict[str, str]:
    """The index of many hosts, with every state and outcome."""
    outcomes, states = list(Outcome), list(State)
    entries = tuple(
        IndexEntry(
            f"host-{n}.example.com",
            page_path(f"host-{n}.example.com"),
            states[n % len(states)],
            {Outcome.EXACT: 40, outcomes[n % len(outcomes)]: n % 7 + 1},
            tuple(f"directive_{(n * step) % 90}" for step in range(1, 7)),
            ("gateway.trusted_proxies",) if n % 5 == 0 else (),
            n % 12 + 1,
        )
        for n in range(number)
    )
    return {"report.html": index(Index("fleet", {Outcome.EXACT: 40 * number}, entries))} | assets()
