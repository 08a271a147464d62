"""The cases themselves: well formed, enough of them, and one at least for every directive that can be carried over exactly.

Nothing runs here but the converter; what nginx and a gateway answer is asked elsewhere.
"""

import functools
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.commands.decisions import parse_decisions
from converter.conversion import convert
from converter.model import mappings
from converter.model.conversion import Conversion
from converter.model.decisions import Decisions
from converter.model.outcomes import Outcome
from converter.nginx import handled
from converter.sources.dump import Dump
from converter.sources.texts import Source
from tests.conversions import http

CASES = {path.stem: path for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))}

KEYS = {"title", "topic", "nginx", "main", "files", "decisions", "requests"}
METHODS = {"get", "post", "put", "delete", "head", "options", "patch", "raw"}
REQUEST_KEYS = METHODS | {"headers", "body", "from", "repeat", "port", "sni", "about", "verdict"}
TOPICS = {
    "access", "auth", "canary", "cors", "errors", "fleet", "headers", "idiom", "if", "limits", "location", "map", "mirror", "proxy_pass",
    "redirect", "rewrite", "server", "static", "timeouts", "tls", "upstream", "variables", "websocket",
}  # fmt: skip

# What never ends as exact, whatever the configuration, and why.
NEVER_EXACT = {
    "a gateway serves no files": {"alias", "index", "root", "try_files"},
    "a gateway counts trusted proxies and does not know their addresses": {"real_ip_header", "real_ip_recursive", "set_real_ip_from"},
    "the same key stays at one server, but at another one than with nginx": {"hash", "ip_hash", "least_conn"},
    "Envoy manages connections by itself": {
        "keepalive", "keepalive_requests", "keepalive_time", "keepalive_timeout", "proxy_http_version", "proxy_send_timeout",
    },
    "a gateway has its own way with odd requests": {"ignore_invalid_headers", "merge_slashes", "underscores_in_headers"},
    "a gateway has its own settings of TLS": {
        "proxy_ssl_ciphers", "proxy_ssl_protocols", "proxy_ssl_verify_depth", "ssl_ecdh_curve", "ssl_prefer_server_ciphers", "ssl_verify_depth",
    },
    "is for files of keys and lists that are not read": {
        "proxy_ssl_crl", "proxy_ssl_password_file", "ssl_crl", "ssl_password_file", "ssl_trusted_certificate",
    },
    "is not in this version": {"add_trailer", "recursive_error_pages", "ssl_reject_handshake"},
    "nginx itself refuses it since 1.25.1": {"ssl"},
}  # fmt: skip


@functools.cache
def case(name: str) -> dict[str, Any]:
    found = yaml.load(CASES[name].read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert isinstance(found, dict)
    return found


@functools.cache
def converted(name: str) -> Conversion:
    """The conversion of a case, read as `nginx -T` would print it."""
    found = case(name)
    files = {"nginx.conf": found["main"] if "main" in found else http(found["nginx"]), **found.get("files", {})}
    dump = Dump("".join(f"# configuration file /etc/nginx/{path}:\n{text}\n" for path, text in files.items()).encode())
    decisions = parse_decisions(found["decisions"], "migration.yaml") if "decisions" in found else Decisions()
    return convert(Source(name, dump.main, dump), decisions)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 120


def test_every_directive_that_can_be_exact_is_exercised() -> None:
    tables = {name for name, row in mappings.load().items() if row.converted or row.outcome is Outcome.EXACT}
    exact = {row.entry.directive for name in CASES for row in converted(name).rows if row.outcome is Outcome.EXACT}
    never = {name for names in NEVER_EXACT.values() for name in names}
    assert (handled.names() | tables) - exact == never


def test_titles_are_unique() -> None:
    titles = [case(name)["title"] for name in CASES]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_well_formed(name: str) -> None:
    found = case(name)
    assert set(found) <= KEYS
    assert ("nginx" in found) != ("main" in found)
    assert found["topic"] in TOPICS
    assert name.startswith(found["topic"] + "-")
    assert isinstance(found["title"], str)
    assert found["title"]
    assert found["requests"]


@pytest.mark.parametrize("name", CASES)
def test_each_request_is_well_formed(name: str) -> None:
    written = {row.entry.directive for row in converted(name).rows}
    for request in case(name)["requests"]:
        assert set(request) <= REQUEST_KEYS
        assert len(set(request) & METHODS) == 1
        assert request.get("verdict", "announced") == "announced"  # `agree` goes without saying
        assert request["about"]
        assert set(request["about"]) <= written
        assert all(isinstance(value, str) for value in request.get("headers", {}).values())
