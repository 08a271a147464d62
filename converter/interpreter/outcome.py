"""What becomes of one request, and how nginx came to it."""

from dataclasses import dataclass

from converter.model.places import Position

CLOSED = 444  # stands for a connection that is closed without an answer (`return 444`)
Headers = tuple[tuple[str, str | None], ...]  # the value is None where it depends on what nobody knows here


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened.

    position: of the directive; None for what nginx does by itself.  text: for people.
    inherited: the level that the directive stands on, where that is not the one that counts: `server (nginx.conf:70)`.
    """

    text: str
    position: Position | None = None
    inherited: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """nginx answers by itself.

    status:   as the client sees it; CLOSED where it gets none.
    location: the Location header; None without.
    headers:  those of `add_header`.
    body:     what the configuration says; None for a page of nginx's own, or a text that is not known.
    """

    status: int
    location: str | None = None
    headers: Headers = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The request is sent to an upstream. Texts are Latin-1: one character an octet.

    upstream: the name of the group, or `host:port`.  servers, backups: its servers as `host:port`.
    host:     the Host header; None where it is not known.  headers: all others but those of the connection.
    """

    upstream: str
    servers: tuple[str, ...]
    scheme: str
    method: str
    target: str
    host: str | None
    headers: Headers = ()
    backups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """It depends on what the configuration and the request do not show."""

    reason: str


End = Answered | Sent | Unknown


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A request followed to its end.

    server, location: of those that answer; None where none does.  before: what was sent to upstreams whose answers nginx then replaced.
    """

    steps: tuple[Step, ...]
    end: End
    server: Position | None = None
    location: Position | None = None
    before: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is taken for the upstream's answer. failed: it broke the connection, or none could be made."""

    status: int
    failed: bool = False


class Doubt(Exception):
    """The way on depends on what is not known; the message completes a sentence for people."""


@dataclass(frozen=True, slots=True)
class Onward:
    """A program came to its end: nginx goes on with the next phase."""


@dataclass(frozen=True, slots=True)
class Search:
    """A location is searched for the current path."""


@dataclass(frozen=True, slots=True)
class Anew:
    """An internal redirect: everything begins again with another path and query."""

    path: str
    args: str


@dataclass(frozen=True, slots=True)
class Named:
    """The request goes on in a named location."""

    name: str


@dataclass(frozen=True, slots=True)
class Failed:
    """nginx answers with a status of its own, which error_page may take up: errors, and redirects."""

    status: int


@dataclass(frozen=True, slots=True)
class Said:
    """nginx answers with a text of the configuration."""

    status: int
    text: str | None


Turn = Onward | Search | Anew | Named | Failed | Said | Sent
