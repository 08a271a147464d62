"""What a value of the decisions file may be: each check returns the value, or raises `Faulty` with what it must be."""

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LABEL_KEY = re.compile(r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


class Faulty(Exception):
    """A value that cannot be used; the message completes `KEY: `."""


def text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise Faulty(f"must be text, not {_kind(value)}{'' if isinstance(value, list | Mapping) else ': put it in quotes'}")


def filled(value: Any) -> str:
    if not text(value).strip():
        raise Faulty("must not be empty")
    return text(value)


def between(lowest: int, highest: int) -> Callable[[Any], int]:
    """A whole number within the bounds, both included."""
    wanted = str(lowest) if lowest == highest else f"a whole number from {lowest} to {highest}"

    def check(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        _refuse(value, wanted)

    return check


def one_of(*words: str, later: tuple[str, ...] = ()) -> Callable[[Any], str]:
    """One of `words`. `later` are words of the format that this version does not carry out: refused by name."""

    def check(value: Any) -> str:
        word = text(value)
        if word in later:
            raise Faulty(f"{word} is not in this version: use {' or '.join(words)}")
        if word not in words:
            close = difflib.get_close_matches(word, words, 1)
            raise Faulty(f"must be {' or '.join(words)}, not {word!r}{f': did you mean {close[0]}?' if close else ''}")
        return word

    return check


def label(value: Any) -> str:
    """A name as Kubernetes wants it for namespaces and subsets: a DNS label of RFC 1123."""
    if not _NAME.fullmatch(text(value)):
        _refuse(value, "a Kubernetes name (a-z, 0-9 and -, at most 63 characters)")
    return text(value)


def dns_name(value: Any) -> str:
    """Labels joined by dots: the name of a secret, or of a service with its domain."""
    if len(text(value)) > 253 or not all(map(_NAME.fullmatch, value.split("."))):
        _refuse(value, "a DNS name such as orders.shop.svc.cluster.local")
    return text(value)


def labels(value: Any) -> dict[str, str]:
    """Kubernetes labels: at least one name with its value."""
    if not isinstance(value, Mapping) or not value:
        _refuse(value, "a mapping of labels such as {istio: ingressgateway}")
    for name, content in value.items():
        if not _LABEL_KEY.fullmatch(name) or not _LABEL_VALUE.fullmatch(text(content)):
            raise Faulty(f"{name}: {content} is not a Kubernetes label")
    return dict(value)


def methods(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        _refuse(value, "a list such as [GET, HEAD]")
    for method in value:
        if method not in _METHODS:
            raise Faulty(f"{method!r} is not a method: known are {', '.join(_METHODS)}")
    return tuple(value)


def _refuse(value: object, wanted: str) -> NoReturn:
    raise Faulty(f"must be {wanted}, not {_kind(value)}")


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)
