"""Nothing that changes is missing, and what does not change is not told: random edits, samples, and the corpus where there is one."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.conversion import convert_whole
from converter.difference.compare import compare
from converter.difference.lists import Lists
from converter.difference.side import Side, lists_of
from converter.model.decisions import Decisions
from converter.model.records import replace
from converter.sources import read_source
from samples import refresh
from tests.conversions import http, server
from tests.corpus.test_corpus import PLACE, files
from tests.difference.sides import side

MOST_FILES = int(os.environ.get("NGINX2ISTIO_DIFF_FILES", "150"))
PARTS = (
    "location /a/ { proxy_pass http://10.0.0.1:81; }",
    "location /a/b/ { proxy_pass http://10.0.0.2:82/c/; }",
    "location = /a { return 301 /a/; }",
    "location ~ ^/(x|y)/(\\d+)$ { return 302 /z/$2; }",
    "location ~* \\.php$ { deny all; }",
    "location /admin/ { allow 10.0.0.0/8; deny all; proxy_pass http://10.0.0.3:83; }",
    "location /old/ { rewrite ^/old/(.*)$ /new/$1 permanent; }",
    "location /h/ { proxy_pass http://10.0.0.4:84; proxy_set_header X-A $http_x_b; add_header X-C d; proxy_read_timeout 7s; }",
    "location /m/ { limit_except GET { deny all; } proxy_pass http://10.0.0.5:85; }",
    "location /c/ { if ($cookie_v = beta) { return 204; } proxy_pass http://10.0.0.6:86; }",
    "location / { return 404; }",
)
NUMBERS = re.compile(r"\d+")


def of(path: Path) -> Side:
    whole = convert_whole(read_source(str(path)), Decisions())
    return Side(path.name, whole.conversion.files, whole.conversion.rows, lists_of(whole.applications, whole.upstreams))


def behaves(lists: Lists) -> list[object]:
    """What the decision lists do, host by host, in any order of the hosts."""
    hosts = [host for application in lists.applications for host in application.virtual_hosts]
    return sorted(repr((host.hosts, sorted((x.port, x.hosts) for x in host.listeners), lists.decisions(host).deeds)) for host in hosts)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """Two servers that differ in one place: a number, a part more or less, two parts in another order."""
    parts = draw(st.lists(st.sampled_from(PARTS), min_size=2, max_size=6, unique=True))
    other = list(parts)
    match draw(st.sampled_from(("number", "less", "swapped", "text"))):
        case "number":
            at = draw(st.sampled_from([n for n, part in enumerate(parts) if NUMBERS.search(part)] or [0]))
            found = draw(st.sampled_from(list(NUMBERS.finditer(parts[at])) or [None]))
            if found is not None:
                other[at] = f"{parts[at][: found.start()]}{(int(found[0]) + 1) % 250}{parts[at][found.end() :]}"
        case "less":
            del other[draw(st.integers(0, len(parts) - 1))]
        case "swapped":
            other[0], other[-1] = other[-1], other[0]
        case "text":
            at = draw(st.integers(0, len(parts) - 1))
            other[at] = parts[at].replace("/a", "/q", 1).replace("X-A", "X-B").replace("deny all", "deny 10.1.1.1").replace("beta", "gamma")
    return http("server { listen 80 default_server; return 404; }", server(*parts)), http(
        "server { listen 80 default_server; return 404; }", server(*other)
    )


@settings(max_examples=60, deadline=None)
@given(edits())
def test_an_edit_that_changes_the_decision_list_is_never_silent(pair: tuple[str, str]) -> None:
    old, new = map(side, pair)
    found = compare(old, new)
    assert old.lists is not None
    assert new.lists is not None
    if behaves(old.lists) == behaves(new.lists):
        assert found.behaviour == ()
    elif pair[0].count("location") == pair[1].count("location") and sorted(pair[0].split("\n")) == sorted(pair[1].split("\n")):
        return  # the same parts in another order: whether that matters is what the comparison says
    else:
        assert found.behaviour, pair


@settings(max_examples=30, deadline=None)
@given(edits())
def test_manifests_read_back_are_never_silent_either(pair: tuple[str, str]) -> None:
    old, new = map(side, pair)
    from_lists = compare(old, new)
    read = compare(replace(old, lists=None), new)
    if from_lists.behaviour and read.objects:
        assert read.behaviour
    if not read.objects:
        assert read.behaviour == ()


@pytest.mark.parametrize("name", [name for name, _ in refresh.samples()])
def test_a_sample_is_the_same_as_itself(name: str) -> None:
    source = dict(refresh.samples())[name]
    assert not compare(of(source), of(source))


@pytest.mark.skipif(not PLACE.is_dir(), reason="no corpus: set NGINX2ISTIO_CORPUS to a folder of nginx configurations")
def test_a_real_file_is_the_same_as_itself_and_its_manifests() -> None:
    paths = [path for path in files() if b"server" in path.read_bytes()]
    random.Random(1).shuffle(paths)
    different = []
    for path in paths[:MOST_FILES]:
        one, other = of(path), of(path)
        different += [str(path) for a in (one, replace(one, lists=None)) if compare(a, other)]
    assert different == []


def test_the_same_input_gives_the_same_bytes() -> None:
    code = "from samples.refresh import difference; import sys; sys.stdout.write(difference())"
    outs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outs) == 1
