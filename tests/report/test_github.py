from converter.report.github import annotations
from tests.sample_conversion import CONVERSION, SOUND


def test_a_finding_is_a_workflow_command_with_the_path_from_the_repository_root() -> None:
    assert (
        "::warning file=samples/shop/nginx.conf,line=18,col=5,title=NGX106::proxy_read_timeout: counts from the first byte%0A"
        "accept the difference with a waiver in the decisions file, or change the source\n"
    ) in annotations(CONVERSION, "samples/shop")


def test_errors_come_first_because_only_ten_are_shown() -> None:
    levels = [line.split(" ")[0] for line in annotations(CONVERSION, "").splitlines()]
    assert levels == ["::error"] * 3 + ["::warning"] * 3


def test_text_of_the_source_starts_no_command_of_its_own() -> None:
    lines = annotations(CONVERSION, "a,b:c").splitlines()
    assert len(lines) == 6
    assert all(line.startswith(("::error file=a%2Cb%3Ac/", "::warning file=a%2Cb%3Ac/")) for line in lines)
    assert 'the gateway does not cache x|`y`\\x1b[2J"<b>%0A::error::%0A' not in lines[0]
    assert "%25" in lines[0]


def test_nothing_to_tell_is_nothing() -> None:
    assert annotations(SOUND, "") == ""
