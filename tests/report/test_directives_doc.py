"""The page about directives says what the tables say."""

from pathlib import Path

import pytest

from converter.model import mappings
from converter.report.directives_doc import explain_directive, render

PAGE = Path(__file__).parents[2] / "docs" / "directives.md"


def test_the_page_in_the_repository_is_the_one_that_the_tables_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "write converter.report.directives_doc.render() to docs/directives.md again"


def test_the_page_names_every_directive_once() -> None:
    page = render()
    rows = [line.partition(" | ")[0] for line in page.splitlines() if line.startswith("| `")]
    names = [name.strip("`") for row in rows for name in row.removeprefix("| ").split(", ")]
    assert sorted(names) == sorted(mappings.load())


def test_a_converted_directive_is_explained_as_such() -> None:
    text = explain_directive("proxy_pass")
    assert "outcome:      converted where that is possible, else unsupported (NGX108): has no counterpart in the manifests\n" in text
    assert "stands in:    location, if_in_location, limit_except, stream_server\n" in text
    assert "in Istio:     VirtualService.http[].route[].destination, ServiceEntry\n" in text
    assert "see:          https://nginx.org/en/docs/http/ngx_http_proxy_module.html\n" in text


def test_an_explanation_says_what_is_harmless_and_what_restricts() -> None:
    text = explain_directive("auth_basic")
    assert "builtin when: auth_basic off\n" in text
    assert "access:       what carries it unconverted is closed\n" in text


def test_every_directive_can_be_explained() -> None:
    for name, mapping in mappings.load().items():
        assert mapping.reason in explain_directive(name)


def test_a_name_in_no_table_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="proxy_pas"):
        explain_directive("proxy_pas")
