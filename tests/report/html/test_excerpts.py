from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.report.html.data import Excerpt
from converter.report.html.excerpts import excerpts, source_texts
from tests.sample_conversion import row

TEXT = """\
# of all
user nginx;

# of one
server {
    listen 80;
    location / {
        log_format x
            y;
    }
}

# of two
server {
    listen 81;
}
"""
ROWS = [row(line, "x", Outcome.EXACT) for line in (2, 5, 6, 7, 8, 14, 15)]


def shown(*lines: int) -> list[tuple[int, int]]:
    found = excerpts(source_texts({"nginx.conf": TEXT}, ROWS), [entry for entry in ROWS if entry.entry.position.line in lines])
    assert all(run.text.split("\n") == TEXT.split("\n")[run.first - 1 : run.first + run.text.count("\n")] for run in found)
    return [(run.first, run.first + run.text.count("\n")) for run in found]


def test_a_block_comes_whole_with_the_comments_above_it() -> None:
    assert shown(5, 6, 7, 8) == [(4, 11)]


def test_blocks_of_others_are_left_out() -> None:
    assert shown(2, 14, 15) == [(1, 2), (13, 16)]
    assert shown(2, 5, 6, 7, 8, 14, 15) == [(1, 16)]


def test_rows_of_a_file_without_a_text_show_nothing() -> None:
    rows: list[Row] = [row(3, "x", Outcome.EXACT, file="gone.conf")]
    assert excerpts(source_texts({}, rows), rows) == ()


def test_a_private_key_is_not_shown() -> None:
    text = 'ssl_certificate_key "data:-----BEGIN PRIVATE KEY-----\nMIIEvQ\nabc=\n-----END PRIVATE KEY-----";\nlisten 80;'
    rows = [row(1, "ssl_certificate_key", Outcome.EXACT), row(5, "listen", Outcome.EXACT)]
    (run,) = excerpts(source_texts({"nginx.conf": text}, rows), rows)
    assert isinstance(run, Excerpt)
    assert "MIIEvQ" not in run.text
    assert "abc=" not in run.text
    assert run.text.count("\n") == text.count("\n")
