"""What a source is: texts that can be looked up by the paths that `include` names, and nothing else."""

from dataclasses import dataclass
from typing import Protocol

LARGEST_TEXT = 64 * 1024 * 1024  # bytes: far above any configuration, far below what hurts


class SourceError(Exception):
    """There is nothing at all to read. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text or a folder was not read. `code` is that of the finding to be made of it."""

    code: str
    message: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One text, its lines ended by LF, without byte order mark. With a refusal it is empty."""

    path: str
    text: str
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The paths that an include pattern names, in nginx's order. `plain`: the pattern is a path, not a glob."""

    paths: tuple[str, ...]
    plain: bool
    refusal: Refusal | None = None


class Texts(Protocol):
    """A file system of texts, restricted to what the user gave. Paths are relative, POSIX style."""

    def find(self, pattern: str) -> Match:
        """Resolves the argument of an `include`."""
        ...

    def read(self, path: str) -> Text:
        """Reads one text. Never raises: what cannot be read comes back with a refusal."""
        ...


class Tree(Texts, Protocol):
    """The texts of a folder."""

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder, or a link to one."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where configuration comes from.

    label:  as the user named it; `<stdin>` for `-`.
    main:   path of the main file.
    others: further files that are read as if they followed the main one: the site files of a folder that has no nginx.conf.
    """

    label: str
    main: str
    texts: Texts
    others: tuple[str, ...] = ()


def decoded(path: str, content: bytes) -> Text:
    """Bytes to text: UTF-8, or Latin-1 where they are not that; CRLF becomes LF."""
    if len(content) > LARGEST_TEXT:
        return Text(path, "", too_large(path))
    if b"\0" in content:
        return Text(path, "", Refusal("NGX016", f"{path} holds NUL bytes: it is no text", "Leave the file out, or store it as UTF-8."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return Text(path, text.replace("\r\n", "\n"))


def too_large(path: str) -> Refusal:
    return Refusal("NGX017", f"{path} is larger than {LARGEST_TEXT // 2**20} MiB and was not read", "Split the file.")
