"""A small conversion for the tests of reports and commands: two hosts, rows of every kind, hostile text."""

from converter.model.conversion import Conversion, DecisionNeeded, HostSummary, PlatformNote, SecretNeeded
from converter.model.findings import Finding, Severity
from converter.model.ledger import Entry, Row
from converter.model.outcomes import Outcome, PlatformDifference
from converter.model.places import Position

HOSTILE = 'x|`y`\x1b[2J"<b>\n::error::\r%,:'
SERVER = ("http", "server")


def row(
    line: int, directive: str, outcome: Outcome, *args: str, file: str = "nginx.conf", context: tuple[str, ...] = SERVER, **rest: str
) -> Row:
    """A row at column 5 of a line; `reason` and one `place` (an object) as keywords."""
    objects = (rest["place"],) if "place" in rest else ()
    return Row(Entry(Position(file, line, 5), directive, args, context), outcome, rest.get("reason", ""), objects)


ROWS = (
    row(1, "worker_processes", Outcome.PROCESS, "auto", context=()),
    row(2, "upstream", Outcome.EXACT, "orders", context=("http",), place="ServiceEntry/apps/orders"),
    row(3, "server", Outcome.EXACT, "10.0.3.12:8080", context=("http", "upstream"), place="ServiceEntry/apps/orders"),
    row(5, "server", Outcome.EXACT, context=("http",), place="VirtualService/apps/shop.example.com"),
    row(6, "listen", Outcome.EXACT, "443", "ssl", place="Gateway/apps/shop.example.com"),
    row(7, "ssl_certificate", Outcome.EXACT, "/etc/ssl/shop.pem", place="Gateway/apps/shop.example.com"),
    row(8, "proxy_pass", Outcome.EXACT, "http://orders", place="VirtualService/apps/shop.example.com#root"),
    row(15, "server", Outcome.EXACT, context=("http",), place="VirtualService/apps/api.example.com"),
    row(16, "proxy_pass", Outcome.EXACT, "https://10.0.0.9/x", place="VirtualService/apps/api.example.com#root"),
    row(17, "proxy_cache", Outcome.UNSUPPORTED, HOSTILE, reason=f"the gateway does not cache {HOSTILE}"),
    row(
        18,
        "proxy_read_timeout",
        Outcome.APPROXIMATE,
        "30s",
        reason="counts from the first byte",
        place="VirtualService/apps/api.example.com",
    ),
    row(19, "geoip_country", Outcome.DECISION, "x", reason="write gateway.trusted_proxies"),
    row(20, "proxy_cach", Outcome.UNKNOWN, "x"),
    row(21, "retrun", Outcome.WAIVED, "x", reason="nobody misses it"),
    row(1, "listn", Outcome.INVALID, "x", file="snippets/a.conf", reason="is not there"),
)

CONVERSION = Conversion(
    source="shop",
    files={
        "kustomization.yaml": "kind: Kustomization\n",
        "shop.example.com/gateway.yaml": "apiVersion: networking.istio.io/v1\nkind: Gateway\n",
        "api.example.com/virtualservice.yaml": "apiVersion: networking.istio.io/v1\nkind: VirtualService\n",
        "helm/apps.yaml": "service: {}\n",
    },
    rows=ROWS,
    findings=(Finding("NGX001", Severity.WARNING, f"an include is missing {HOSTILE}", Position("nginx.conf", 4, 3), "add the file"),),
    hosts=(
        HostSummary(
            "shop.example.com",
            ("shop.example.com", "www.shop.example.com"),
            (443,),
            1,
            0,
            ("Gateway/apps/shop.example.com", "ServiceEntry/apps/orders", "VirtualService/apps/shop.example.com"),
            ("nginx.conf:5",),
            ("shop.example.com/gateway.yaml",),
        ),
        HostSummary(
            "api.example.com", ("api.example.com",), (80, 8080), 2, 1, ("VirtualService/apps/api.example.com",), ("nginx.conf:15",)
        ),
    ),
    platform=(PlatformNote(PlatformDifference.PATH_SPELLING, "paths such as //a | b"),),
    secrets=(SecretNeeded("apps", "shop-example-com-tls", "tls", "/etc/ssl/shop.pem", "/etc/ssl/shop.key"),),
    decisions_needed=(DecisionNeeded("gateway.trusted_proxies", "how many proxies stand before the gateway?\nNone?"),),
)

SOUND = Conversion(source="shop", files=CONVERSION.files, rows=ROWS[:7], hosts=CONVERSION.hosts[:1])
