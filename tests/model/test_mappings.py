"""The tables of directives are complete, honest, and refuse what breaks their format."""

import csv
import importlib
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from converter.model import mappings
from converter.model.mappings import Mapping
from converter.model.outcomes import Outcome

EXACT_BY_DEFAULT = {"http"}
CONTEXTS = {
    *("main", "events", "http", "server", "location", "upstream", "if_in_server", "if_in_location", "limit_except"),
    *("stream", "stream_server", "stream_upstream", "mail", "mail_server", "mgmt", "oidc_provider", "acme_issuer"),
}
TABLE = "module: m\nlink: https://nginx.org/\ndirectives:\n"
ROW = "    contexts: [http]\n    outcome: process\n    reason: Why.\n"


def test_every_directive_that_the_parser_knows_has_a_verdict() -> None:
    known = importlib.import_module("crossplane.analyzer").DIRECTIVES  # an untyped package
    assert {name for name in known if mappings.lookup(name) is None} == set()


LISTS = Path(os.environ.get("DIRECTIVE_LISTS") or Path(__file__).parents[3] / "shared" / "reference")


@pytest.mark.skipif(not LISTS.is_dir(), reason="no lists of directives: set DIRECTIVE_LISTS to a folder of CSV files")
def test_every_directive_of_the_reference_lists_stands_in_a_table_itself() -> None:
    texts = [path.read_text(encoding="utf-8") for path in LISTS.glob("*.csv")]
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text)) if "outcome" in row]
    names = {row["directive"].partition(" (")[0] for row in rows}
    assert len(names) > 1000
    assert names - mappings.load().keys() == set()


def test_every_row_is_complete_and_readable() -> None:
    assert {name: faults for name, mapping in mappings.load().items() if (faults := list(faults_of(mapping)))} == {}


def test_outcomes_that_only_code_or_people_can_give_are_no_defaults() -> None:
    only_found = {Outcome.DEAD, Outcome.WAIVED, Outcome.UNKNOWN, Outcome.INVALID}
    assert {name for name, mapping in mappings.load().items() if mapping.outcome in only_found} == set()


def test_exact_is_said_by_code_alone_except_for_plain_containers() -> None:
    assert {name for name, mapping in mappings.load().items() if mapping.outcome is Outcome.EXACT} == EXACT_BY_DEFAULT


def test_what_restricts_access_is_never_settled_by_default() -> None:
    restricting = [mapping for mapping in mappings.load().values() if mapping.restricts]
    assert {mapping.directive for mapping in restricting if mapping.outcome.settled} == set()


@pytest.mark.parametrize(
    "name",
    [
        *("allow", "deny", "satisfy", "internal", "limit_except", "valid_referers", "secure_link", "ssl_verify_client", "ssl_crl"),
        *("auth_basic", "auth_request", "auth_jwt", "auth_oidc", "auth_ldap", "auth_pam", "auth_digest", "ntlm", "SecRulesEnabled"),
        *(
            "modsecurity",
            "ModSecurityEnabled",
            "app_protect_enable",
            "access_by_lua_block",
            "rewrite_by_lua_file",
            "something_new_by_lua_block",
        ),
    ],
)
def test_directives_that_guard_access_are_marked(name: str) -> None:
    mapping = mappings.lookup(name)
    assert mapping is not None
    assert mapping.restricts


@pytest.mark.parametrize(
    "name",
    [
        *(
            "gzip",
            "charset",
            "client_max_body_size",
            "limit_req",
            "limit_conn",
            "limit_rate",
            "proxy_cache",
            "proxy_method",
            "proxy_set_body",
        ),
        *("add_header", "sub_filter", "ssi", "error_page", "return", "rewrite", "if", "map", "proxy_pass", "root", "try_files", "expires"),
        *(
            "fastcgi_pass",
            "uwsgi_pass",
            "scgi_pass",
            "memcached_pass",
            "grpc_pass",
            "stub_status",
            "api",
            "empty_gif",
            "content_by_lua_block",
        ),
        *(
            "more_set_headers",
            "echo",
            "js_content",
            "state",
            "jdomain",
            "sticky",
            "set_real_ip_from",
            "types",
            "default_type",
            "server_tokens",
        ),
    ],
)
def test_directives_that_change_answers_are_not_settled_by_default(name: str) -> None:
    assert not mappings.load()[name].outcome.settled


def test_a_name_with_a_star_answers_for_its_family() -> None:
    mapping = mappings.lookup("something_new_by_lua_block")
    assert mapping is not None
    assert (mapping.directive, mapping.module) == ("something_new_by_lua_block", "ngx_http_lua_module")


def test_unknown_names_have_no_mapping() -> None:
    assert mappings.lookup("proxy_pas") is None
    assert mappings.verdict("proxy_pas", ("http://b",), ("http", "server", "location"))[0] is Outcome.UNKNOWN


@pytest.mark.parametrize(("args", "outcome"), [(("off",), Outcome.BUILTIN), (("OFF",), Outcome.BUILTIN), (("on",), Outcome.UNSUPPORTED)])
def test_switching_off_what_the_gateway_does_not_do_loses_nothing(args: tuple[str, ...], outcome: Outcome) -> None:
    assert mappings.verdict("gzip", args, ("http",))[0] is outcome


def test_entries_of_a_block_share_its_verdict() -> None:
    outcome, reason = mappings.verdict("text/html", ("html", "htm"), ("http", "types"))
    assert outcome is mappings.load()["types"].outcome
    assert reason.startswith("Part of `types`. ")


def test_nothing_in_a_stream_block_is_called_converted() -> None:
    assert mappings.verdict("access_log", ("off",), ("stream", "server"))[0] is Outcome.UNSUPPORTED


def test_a_row_speaks_for_the_names_beside_it_too(tmp_path: Path) -> None:
    table = read(tmp_path, f"{TABLE}  a:\n    also: [b, c]\n    harmless: [off, 1.0]\n{ROW}")
    assert list(table) == ["a", "b", "c"]
    assert table["b"] == Mapping("b", "m", ("http",), Outcome.PROCESS, "Why.", link="https://nginx.org/", harmless=("off", "1.0"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{TABLE}  a:\n    colour: red\n{ROW}", "a.yaml: a: unknown key colour"),
        (f"{TABLE}  a:\n    outcome: process\n    reason: Why.\n", "a.yaml: a: contexts is missing"),
        (f"{TABLE}  a:\n{ROW}".replace("process", "envoyfilter"), "a.yaml: a: 'envoyfilter' is not an outcome"),
        (f"{TABLE}  a:\n    restricts: yes\n{ROW}", "a.yaml: a: restricts is true or false"),
        (f"{TABLE}  a:\n    also: b\n{ROW}", "a.yaml: a: also is a list"),
        (f"{TABLE}  a:\n    target: [b]\n{ROW}", "a.yaml: a: target is a text"),
        (f"{TABLE}  a:\n{ROW}  a:\n{ROW}", "a.yaml: a: stands twice"),
        (f"{TABLE}  a:\n    also: [a]\n{ROW}", "a.yaml: a: stands twice, the first time in the table of m"),
        (f"{TABLE}  a: text\n", "a.yaml: a: "),
        ("directives: {}\n", "a.yaml: a table has a module, a link and directives, and nothing else"),
        ("", "a.yaml: a table has a module, a link and directives, and nothing else"),
        ("module: [", "a.yaml: "),
    ],
)
def test_a_table_that_breaks_the_format_is_an_error_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"a\.yaml") as error:
        read(tmp_path, text)
    assert str(error.value).startswith(problem)


def test_the_tables_load_fast() -> None:
    seconds = []
    for _ in range(3):
        mappings.load.cache_clear()
        start = time.process_time()
        mappings.load()
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.12  # 40 ms on a plain machine; three times that is a regression, not a slow day


def faults_of(mapping: Mapping) -> Iterator[str]:
    if not mapping.contexts or set(mapping.contexts) - CONTEXTS:
        yield "contexts"
    if not mapping.link.startswith("https://"):
        yield "link"
    if not mapping.reason.endswith(".") or not (mapping.reason[0].isupper() or mapping.reason.startswith(("nginx", "`"))):
        yield "a reason is one or more sentences"
    if len(mapping.reason) > 260:
        yield "the reason is too long to be read"


def read(folder: Path, text: str) -> dict[str, Mapping]:
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    return mappings.read_folder(folder)
