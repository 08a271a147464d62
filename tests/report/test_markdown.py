import re

import pytest

from converter.model.conversion import Conversion
from converter.report.markdown import report
from tests.sample_conversion import CONVERSION, HOSTILE, SOUND


def test_what_a_reader_must_do_stands_under_the_host_by_kind() -> None:
    text = report(CONVERSION)
    api = text[text.index("### `api.example.com`") : text.index("### For all hosts")]
    assert re.findall(r"^\*\*(\w+)", api, re.MULTILINE) == ["Decide", "Accept", "Replace"]
    assert "- `nginx.conf:18` `proxy_read_timeout`: counts from the first byte\n" in api
    assert "2 of 7 directives need no reader.\n" in api


def test_the_parts_come_in_the_order_of_what_a_reader_needs_first() -> None:
    assert re.findall("^## (.*)", report(CONVERSION), re.MULTILINE) == [
        "Hosts",
        "Decisions needed",
        "Secrets to create",
        "Findings",
        "Platform differences",
        "Every directive that is not settled",
        "Settled",
    ]


def test_parts_without_content_are_left_out() -> None:
    assert re.findall("^## (.*)", report(SOUND), re.MULTILINE) == ["Hosts", "Settled"]


def test_secrets_come_with_the_command_that_creates_them() -> None:
    command = "kubectl create -n apps secret tls shop-example-com-tls --cert=/etc/ssl/shop.pem --key=/etc/ssl/shop.key"
    assert f"```sh\n{command}\n```\n" in report(CONVERSION)


def test_every_directive_that_is_not_settled_is_a_row_and_the_others_are_counted() -> None:
    text = report(CONVERSION)
    table = text[text.index("## Every directive") : text.index("## Settled")]
    assert table.count("| `nginx.conf:") + table.count("| `snippets/") == 6
    assert "| `proxy_pass` | 2 |  |  |  |\n" in text


@pytest.mark.parametrize("conversion", [CONVERSION, SOUND, Conversion("<stdin>")])
def test_tables_keep_their_columns_whatever_the_source_says(conversion: Conversion) -> None:
    """A pipe of the source inside a cell would move what stands behind it."""
    columns = 0
    for line in report(conversion).split("\n"):
        found = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not found or not columns or found == columns, line
        columns = found


def test_text_of_the_source_is_no_markup() -> None:
    text = report(CONVERSION)
    assert HOSTILE not in text
    outside_code = re.sub(r"(`+).*?(?<!`)\1(?!`)", "", text)
    assert "<b>" not in outside_code
