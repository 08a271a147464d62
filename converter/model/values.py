"""Values computed for each request: literals and variables in a row."""

import enum
from collections.abc import Iterable

from msgspec import Struct


class Source(enum.StrEnum):
    """What a variable reads. `value` is a word for people."""

    __hash__ = str.__hash__  # an enum's own is no built-in function

    HOST = "host"  # the requested host name: lower case, without port; `name` is `bare` where requests ordinarily come with a port
    AUTHORITY = "authority"  # the Host header as the client sent it
    PATH = "path"  # normalised and decoded, without the query
    RAW_PATH = "raw path"  # path and query as the client sent them
    QUERY = "query"
    QUERY_MARK = "query mark"  # "?" where there is a query, else nothing
    ARGUMENT = "argument"  # of the query, by name, not decoded
    COOKIE = "cookie"
    REQUEST_HEADER = "request header"
    METHOD = "method"
    SCHEME = "scheme"
    CLIENT = "client address"
    CLIENT_PORT = "client port"
    FORWARDED_FOR = "forwarded-for chain"  # X-Forwarded-For with the client's address appended
    LOCAL_PORT = "local port"
    LOCAL_ADDRESS = "local address"
    PROTOCOL = "protocol"
    REQUEST_ID = "request id"
    RESPONSE_HEADER = "response header"
    STATUS = "status"
    UPSTREAM_ADDRESS = "upstream address"
    CAPTURE = "capture"  # of a path regex: `name` is the number, a space, the regex
    RAW_CAPTURE = "raw capture"  # of a regex over path and query as the client sent them, likewise
    HOST_CAPTURE = "host capture"  # of a host regex, likewise
    TLS = "tls"  # a fact of the client's TLS connection; `name` says which (protocol, cipher, ...)
    TIME = "time"  # `name` is a strftime format or "msec"
    UNKNOWN = "unknown"  # something that the gateway cannot know; `name` is its name in the source


class Variable(Struct, frozen=True, gc=False, cache_hash=True):
    """Something known only when a request is there; `name` for those that have one (a header: lower case)."""

    source: Source
    name: str = ""

    def __str__(self) -> str:
        return f"<{self.source.value}{' ' + self.name if self.name else ''}>"


class Template(Struct, frozen=True, gc=False):
    """Literals and variables, concatenated. Neighbouring literals are joined, empty ones dropped: equal values are equal objects."""

    parts: tuple[str | Variable, ...] = ()

    @classmethod
    def of(cls, *parts: "str | Variable | Template") -> "Template":
        """Concatenates.

        >>> Template.of("a", "", "b")
        Template(parts=('ab',))
        """
        if len(parts) != 1:
            return cls(tuple(_joined(parts)))
        (part,) = parts
        if isinstance(part, Template):
            return part
        return cls((part,)) if part != "" else cls()

    @property
    def literal(self) -> str | None:
        """The text, where no variable is in it."""
        if not self.parts:
            return ""
        if len(self.parts) == 1 and isinstance(self.parts[0], str):
            return self.parts[0]
        return None

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple([part for part in self.parts if isinstance(part, Variable)])

    @property
    def sole(self) -> Variable | None:
        """The variable, where the value is nothing else."""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], Variable) else None

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


UPGRADE = Variable(Source.REQUEST_HEADER, "upgrade")
NO_H2C = "the gateway takes an Upgrade that asks for h2c off a request before anything can look at it"
_NO_UPGRADE = "the gateway takes Upgrade off a request unless Connection asks for the upgrade, too, and always where it asks for h2c"
_WRITTEN = ("x-request-id", "x-forwarded-for", "x-forwarded-proto")
_HOP_BY_HOP = ("connection", "keep-alive", "proxy-connection", "te", "transfer-encoding")


def unseen(variable: Variable) -> str:
    """Why the gateway does not see a header of the request as the client sent it; empty for what it sees.

    Source: ConnectionManagerUtility::mutateRequestHeaders in Envoy's source/common/http/conn_manager_utility.cc.
    """
    if variable.source is Source.REQUEST_HEADER and variable.name in _WRITTEN:
        return f"the gateway writes {variable.name} itself; what the client sent is not seen"
    if variable.source is Source.REQUEST_HEADER and variable.name in _HOP_BY_HOP:
        return f"{variable.name} is for one connection alone: the gateway takes it off the request before anything can look at it"
    return _NO_UPGRADE if variable == UPGRADE else ""


def _joined(parts: Iterable[str | Variable | Template]) -> list[str | Variable]:
    out: list[str | Variable] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Template) else (part,):
            if isinstance(piece, str) and out and isinstance(out[-1], str):
                out[-1] += piece
            elif piece != "":
                out.append(piece)
    return out
