"""Sides made of short texts, and what differs between them."""

from converter.conversion import convert_whole
from converter.difference.compare import compare
from converter.difference.side import Side, lists_of
from converter.model.changes import BehaviourChange, Changes
from converter.model.decisions import Decisions
from converter.sources.source import SingleText
from converter.sources.texts import Source
from tests.conversions import FILE, http, server

UPSTREAMS = "upstream orders { server 10.0.0.1:8080; } upstream orders-v2 { server 10.0.0.2:8080; }"
DEFAULT = "server { listen 80 default_server; return 404; }"


def side(nginx: str) -> Side:
    """One side, from a whole configuration."""
    whole = convert_whole(Source(FILE, FILE, SingleText(FILE, nginx.encode())), Decisions())
    return Side("a text", whole.conversion.files, whole.conversion.rows, lists_of(whole.applications, whole.upstreams))


def changes(old: str, new: str) -> Changes:
    """What differs between two whole configurations."""
    return compare(side(old), side(new))


def between(old: str, new: str, before: str = UPSTREAMS) -> tuple[BehaviourChange, ...]:
    """How the behaviour of one server changes with its contents."""
    return changes(http(before, DEFAULT, server(old)), http(before, DEFAULT, server(new))).behaviour
