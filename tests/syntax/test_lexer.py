import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.sources import Text
from converter.syntax import lexer
from converter.syntax.faults import Fault
from converter.syntax.lexer import location, statements
from converter.syntax.text_tree import grow

NGINX = shutil.which("nginx")


def read(text):
    return [(" ".join(statement.words), statement.end) for statement in statements(text)]


def test_words_comments_and_marks():
    text = "a b;# c\nd { e \"f g\" 'h'; }# end"
    assert read(text) == [("a b", ";"), ("d", "{"), ("e f g h", ";"), ("", "}")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r'a "\"\\\'\t\n\r\x\;" b;', ("a", "\"\\'\t\n\r\\x\\;", "b")),
        (r"a ~\.php$ \;\{;", ("a", r"~\.php$", r"\;\{")),
        ("a ${b}c;", ("a", "${b}c")),
        ("a x#y x'y x\"y;", ("a", "x#y", "x'y", 'x"y')),
        ("a b}c;", ("a", "b}c")),
        ('if ($x = "a") ;', ("if", "($x", "=", "a", ")")),
        ('a "line\nbreak" "";', ("a", "line\nbreak", "")),
        ("a \x0bb\x0b\xa0;", ("a", "\x0bb\x0b\xa0")),
    ],
)
def test_words_are_those_of_nginx(text, words):
    assert next(statements(text)).words == words


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a 1;\n b 2", "NGX001", (2, 2)),
        ("a { b 1 }", "NGX001", (1, 9)),
        ("a 1;;", "NGX006", (1, 5)),
        ("a { { } }", "NGX006", (1, 5)),
        ('a 1;\n b "2;\n', "NGX004", (2, 4)),
        ("a 'b'c;", "NGX005", (1, 6)),
        ("a 'b'}", "NGX005", (1, 6)),
        ("a b\\", "NGX001", (1, 4)),
        ("x_by_lua_block { {", "NGX007", (1, 16)),
        ("x_by_lua_block { [==[ ]=] }", "NGX007", (1, 18)),
        ("x_by_lua_block { ' }", "NGX007", (1, 18)),
    ],
)
def test_faults_have_a_code_and_a_place(text, code, place):
    with pytest.raises(Fault) as caught:
        list(statements(text))
    assert (caught.value.code, location(text, caught.value.offset)) == (code, place)
    assert caught.value.message
    assert caught.value.help


def test_code_blocks_are_skipped_whole():
    code = "content_by_lua_block {\n -- }\n s = \"}\" .. '}\\'}' .. [[ } ]] .. [==[ ]] } ]==] --[[ }\n } ]]\n t = {a = {}}\n}"
    assert read(f"{code} set_by_lua_block $x {{ return '{{' }} gzip on;") == [
        ("content_by_lua_block", "code"),
        ("set_by_lua_block $x", "code"),
        ("gzip on", ";"),
    ]


def test_escapes_do_not_make_the_reader_slow():
    for text in ('"' + '\\"' * 200_000, "a" * 500_000, "${" * 200_000, "#" * 300_000, "x_by_lua_block {" + "[[" * 200_000, "\\" * 300_001):
        grow(Text("x", text), 10)


WORDS = st.lists(
    st.sampled_from(["a", '"', "'", "\\", "{", "}", ";", " ", "\n", "$", "#", ")", "${", "\t", '\\"', '"x"', "\x0b", "é"]), max_size=14
)


def read_or_fault(text):
    try:
        return list(statements(text))
    except Fault as fault:
        return fault.code, fault.offset


@settings(deadline=None)
@given(WORDS.map("".join))
def test_plain_statements_are_read_as_their_tokens_are(text):
    text = f"a b {{ {text} ; ${{x}} }}"
    whole = read_or_fault(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexer, "_PLAIN", re.compile("(?!)"))
        assert read_or_fault(text) == whole


@pytest.mark.skipif(NGINX is None, reason="no nginx on this machine to compare with")
@settings(max_examples=150, deadline=None)
@given(WORDS.map("".join))
def test_nginx_accepts_what_the_reader_accepts(tmp_path_factory, text):
    # a `types` block takes statements of any words, so that nothing but the reading of tokens can fail
    text = f"events{{}} http{{types{{ {text}; \n }} }}\n"
    path = tmp_path_factory.mktemp("nginx") / "nginx.conf"
    path.write_bytes(text.encode())
    command = [str(NGINX), "-t", "-q", "-e", "stderr", "-p", str(path.parent), "-g", "pid nginx.pid;", "-c", str(path)]
    said = subprocess.run(command, capture_output=True, check=False).stderr.decode(errors="replace")
    tree = grow(Text("nginx.conf", text), 1_000)
    types = tree.directives[1].block[0].block if tree.fault is None else ()
    whole = tree.fault is None and len(tree.directives) == 2 and len(tree.directives[1].block) == 1
    accepted = whole and all(entry.block is None for entry in types)
    refused = re.search(r"\[emerg\].*(unexpected|unknown directive|not allowed)", said) is not None
    assert accepted is not refused, said
