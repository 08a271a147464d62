"""How the variants of a site differ: drift, access alone, or a contradiction; and who would be let in whom another keeps out."""

from pathlib import Path

import pytest

from converter.fleet.comparing import Compared, compared
from converter.model.fleet import Difference
from tests.fleet.fleets import looked, main, proxied, site

SHOP = frozenset(["shop.example.com"])
ALLOW = "allow 10.0.0.0/8;\n    deny all;\n    "
TLS = "ssl_certificate /tls/{0}.pem;\n    ssl_certificate_key /tls/{0}.key;\n    "


def found(place: Path, *servers: str) -> Compared:
    return compared([(each.spool, SHOP) for each in looked(place, {f"{n:02}": main(text) for n, text in enumerate(servers)})])


def location(path: str, address: str = "10.0.0.1", more: str = "") -> str:
    return f"location {path} {{\n        {more}\n        proxy_pass http://{address};\n    }}\n    "


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(proxied(more="proxy_read_timeout 5s;"), proxied(more="proxy_read_timeout 6s;"), id="a timeout"),
        pytest.param(proxied(), "add_header X-A 1;\n" + proxied(), id="a header"),
        pytest.param(proxied(), location("/new") + proxied(), id="a location"),
        pytest.param(location("~ ^/a") + location("~ b$", "10.0.0.2"), location("~ b$", "10.0.0.2") + location("~ ^/a"), id="order"),
        pytest.param(ALLOW + proxied(), ALLOW + proxied(more="proxy_read_timeout 5s;"), id="a timeout behind the same list"),
        pytest.param(
            location("/admin/", more=ALLOW) + proxied(),
            location("/admin/", more=ALLOW) + location("/new/") + proxied(),
            id="beside a closed one",
        ),
    ],
)
def test_small_differences_are_drift(tmp_path: Path, one: str, other: str) -> None:
    seen = found(tmp_path, site(one), site(other))
    assert (seen.difference, seen.causes, seen.strictest, seen.looser) == (Difference.DRIFT, (), None, ((), ()))
    assert len(seen.statements) > 0


@pytest.mark.parametrize(
    ("one", "other", "cause"),
    [
        pytest.param(site(proxied()), site(proxied("10.0.0.2")), "the servers behind it: 10.0.0.1:80 and 10.0.0.2:80", id="servers"),
        pytest.param(
            site(TLS.format("a") + proxied(), listen="443 ssl"),
            site(TLS.format("b") + proxied(), listen="443 ssl"),
            "the certificate: /tls/a.pem and /tls/b.pem",
            id="certificate",
        ),
        pytest.param(
            site(TLS.format("a") + proxied(), listen="8443 ssl"),
            site(proxied(), listen="8443"),
            "port 8443 speaks TLS on some of them only",
            id="protocol",
        ),
        pytest.param(
            site(proxied()),
            site("add_header A 1; add_header B 1; add_header C 1; add_header D 1; return 301 /x;"),
            "they have little more than the name in common",
            id="another site",
        ),
    ],
)
def test_contradictions_are_named(tmp_path: Path, one: str, other: str, cause: str) -> None:
    seen = found(tmp_path, one, other)
    assert seen.difference is Difference.CONFLICT
    assert cause in seen.causes
    assert seen.strictest is None


def test_a_server_more_in_a_group_is_no_contradiction(tmp_path: Path) -> None:
    groups = ["upstream shop {\n server 10.0.0.1;\n}\n", "upstream shop {\n server 10.0.0.1;\n server 10.0.0.2;\n}\n"]
    assert found(tmp_path, *(group + site(proxied("shop")) for group in groups)).difference is Difference.DRIFT


@pytest.mark.parametrize(
    ("loose", "strict"),
    [
        pytest.param(proxied(), ALLOW + proxied(), id="a list or none"),
        pytest.param(ALLOW + proxied(), "allow 10.1.0.0/16;\n deny all;\n" + proxied(), id="a narrower list"),
        pytest.param(proxied(), "location /admin/ {\n deny all;\n }\n" + proxied(), id="a closed path"),
        pytest.param("deny 192.0.2.1;\n" + proxied(), "deny 192.0.2.0/24;\n" + proxied(), id="a wider refusal"),
        pytest.param(proxied(), "if ($http_user_agent ~ bot) {\n return 403;\n }\n" + proxied(), id="a refusing condition"),
    ],
)
def test_of_access_alone_the_strictest_is_known_wherever_it_stands(tmp_path: Path, loose: str, strict: str) -> None:
    for place, (texts, strictest) in enumerate((([loose, strict], 1), ([strict, loose], 0))):
        seen = found(tmp_path / str(place), *map(site, texts))
        assert (seen.difference, seen.strictest) == (Difference.ACCESS, strictest)
        assert seen.looser[strictest] == ()
        assert seen.looser[1 - strictest] == (strictest,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "allow 10.1.0.0/16;\n deny all;\n" + proxied(), "allow 10.2.0.0/16;\n deny all;\n" + proxied(), id="lists that do not nest"
        ),
        pytest.param(
            ALLOW + proxied(more="proxy_read_timeout 5s;"),
            "allow 10.1.0.0/16;\n deny all;\n" + proxied(),
            id="a narrower list and a timeout",
        ),
    ],
)
def test_lists_that_cannot_be_ranked_are_a_contradiction_and_either_may_keep_somebody_out(tmp_path: Path, one: str, other: str) -> None:
    seen = found(tmp_path, site(one), site(other))
    assert (seen.difference, seen.causes, seen.strictest) == (Difference.CONFLICT, ("who is let in",), None)
    assert any(seen.looser)


def test_an_exception_before_a_closed_path_lets_in_whom_the_other_keeps_out(tmp_path: Path) -> None:
    closed = location("/admin/", more=ALLOW) + proxied()
    seen = found(tmp_path, site(location("= /admin/health") + closed), site(closed))
    assert (seen.difference, seen.looser[0]) == (Difference.CONFLICT, (1,))


def test_another_order_that_takes_requests_from_a_closed_path_is_no_drift(tmp_path: Path) -> None:
    closed, php = location("~ ^/admin", more=ALLOW), location(r"~ \.php$")
    seen = found(tmp_path, site(php + closed + proxied()), site(closed + php + proxied()))
    assert (seen.difference, seen.looser[0]) == (Difference.CONFLICT, (1,))


def test_client_certificates_are_access(tmp_path: Path) -> None:
    verified = "ssl_verify_client on;\n ssl_client_certificate /tls/ca.pem;\n"
    tls = [site(TLS.format("a") + more + proxied(), listen="443 ssl") for more in ("", verified)]
    seen = found(tmp_path, *tls)
    assert (seen.difference, seen.causes, seen.looser[0]) == (Difference.CONFLICT, ("who is let in",), (1,))


def test_a_port_that_some_serve_alone_is_no_difference_in_access(tmp_path: Path) -> None:
    one = site(ALLOW + proxied())
    assert found(tmp_path, one, one.replace("listen 80;", "listen 80;\n    listen 8080;")).causes == ()


def test_rare_variants_count_too(tmp_path: Path) -> None:
    """The statements are those of the commonest; who is let in, and what contradicts, is looked at in all."""
    many = [site(f"allow 10.0.0.0/8;\n allow 192.0.2.{n};\n deny all;\n" + proxied()) for n in range(13)]
    seen = found(tmp_path, *many, site("deny all;\n" + proxied()))
    assert (seen.difference, seen.strictest) == (Difference.CONFLICT, None)
    assert 13 in seen.looser[0]
    drifting = [site(proxied(more=f"proxy_read_timeout {n + 1}s;")) for n in range(13)]
    assert found(tmp_path / "drift", *drifting, site(proxied("10.0.0.2"))).difference is Difference.CONFLICT
