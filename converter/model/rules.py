"""Rules of the decision list: a guard, what is done, and how."""

from dataclasses import dataclass, field

from msgspec import Struct

from converter.model.guards import Guard
from converter.model.places import Position
from converter.model.values import Template, Variable


class PrefixRewrite(Struct, frozen=True):
    """The text that the guard's exact or prefix path condition matched is replaced."""

    replacement: str


class RegexRewrite(Struct, frozen=True):
    r"""The whole path is matched by `pattern` (RE2, anchored by the reader) and becomes `replacement` (`\1` for captures). No match: unchanged."""

    pattern: str
    replacement: str


class PathRewrite(Struct, frozen=True):
    """What becomes of the path on its way to the upstream. The query is kept unless `drop_query`.

    appends: the request's query follows a question mark of its own, even where the new path holds one.
    after_query: the request's query stands right behind the new path, and this text right behind the query.
    origin:  of what rewrites, where that is not the rule's first origin.
    """

    change: PrefixRewrite | RegexRewrite
    drop_query: bool = False
    appends: bool = False
    after_query: str | None = None
    origin: Position | None = None


@dataclass(frozen=True, slots=True)
class Proxy:
    """Send the request to an upstream.

    host:   the Host header that it sees; None: what the client sent.  host_origin: of the line that says so.
    method: what it is asked with, unless the client's is HEAD; empty: the client's.
    """

    upstream: str
    host: Template | None
    rewrite: PathRewrite | None = None
    method: str = ""
    host_origin: Position | None = field(default=None, compare=False)


class Redirect(Struct, frozen=True):
    r"""Answer with a Location.

    location: the whole value; None where it is made from the path by `rewrite`.
    rewrite:  the path becomes `rewrite`'s result behind `origin` (scheme and authority, empty for a path alone).
    keep_query: the request's query is added; `appends`: behind a question mark of its own, even where the result holds one.
    before_slash: `origin` stands only before a result that begins with a slash.
    """

    status: int
    location: Template | None
    rewrite: RegexRewrite | None = None
    origin: Template = Template()
    keep_query: bool = False
    appends: bool = False
    before_slash: bool = False


class ListedRedirect(Struct, frozen=True):
    """One line of a redirect list: the text that is asked for (ASCII, lower case), and where it leads. origins: of this line alone."""

    text: str
    location: str
    origins: tuple[Position, ...] = ()


class RedirectList(Struct, frozen=True):
    """Answer with the Location that a list holds for what the request asks for. The guard lets in nothing else (`Listed`).

    subject:    what is looked up, without regard to the case of ASCII letters.
    origin:     stands before each location.
    keep_query, appends: as of a redirect.
    """

    status: int
    subject: Variable
    lines: tuple[ListedRedirect, ...]
    origin: Template = Template()
    keep_query: bool = False
    appends: bool = False


class Answer(Struct, frozen=True):
    """Answer at once. An empty body without content type stands for a standard error page."""

    status: int
    body: Template = Template()
    content_type: str = ""


class Refuse(Struct, frozen=True):
    """Answer 403: `reason` says which restriction of the source closes the route, or why it could not be carried over."""

    reason: str
    status: int = 403


Action = Proxy | Redirect | RedirectList | Answer | Refuse


class HeaderChange(Struct, frozen=True):
    """One change to request or response headers.

    operation: `set` (replace), `add` (append a line), `remove`.
    good_only: response headers: only for statuses 200, 201, 204, 206, 301, 302, 303, 304, 307, 308.
    """

    operation: str
    name: str
    value: Template = Template()
    good_only: bool = False
    origin: Position | None = None


class Retries(Struct, frozen=True):
    """Further attempts on other servers. `on`: of `connect`, `reset`, `timeout`, and status codes as text."""

    attempts: int
    on: tuple[str, ...] = ()


class LocationRewrite(Struct, frozen=True):
    """An upstream's Location that begins with `prefix` gets `replacement` in its place (made absolute where it begins with a slash); so
    does the address in a Refresh, which stays as it is then."""

    prefix: str
    replacement: str
    origin: Position | None = None


class CookieRewrite(Struct, frozen=True):
    """An attribute (`domain`, `path`) of an upstream's cookies: a value that is (domain) or begins with (path) `old` becomes `new`."""

    attribute: str
    old: str
    new: str
    origin: Position | None = None


class Expiry(Struct, frozen=True):
    """When an answer expires, for the statuses that are good: seconds from now (negative: it has), `epoch`, or `max`."""

    when: int | str
    good_only: bool = False
    origin: Position | None = None


class FailurePage(Struct, frozen=True):
    """What is answered where an upstream fails (502: no connection, 504: no answer in time), or, `intercepted`, answers with a status."""

    status: int
    answer: Answer
    intercepted: bool = False
    origin: Position | None = None


class Policies(Struct, frozen=True):
    """How a rule's action is carried out. Times in seconds.

    location_origin: scheme and authority (empty for none) of a Location that `locations` make a path; None: what the client asked for.
    """

    request_headers: tuple[HeaderChange, ...] = ()
    response_headers: tuple[HeaderChange, ...] = ()
    locations: tuple[LocationRewrite, ...] = ()
    cookies: tuple[CookieRewrite, ...] = ()
    pages: tuple[FailurePage, ...] = ()
    expiry: Expiry | None = None
    retries: Retries = Retries(0)
    idle_timeout: float | None = None
    location_origin: Template | None = None


class Rule(Struct, frozen=True):
    """Requests that `guard` holds for, and that no earlier rule took, get `action`.

    origins: where it comes from in the source, what decides first (the `proxy_pass` or `return`, then the location).
    name:    unique within the application; ends up in the manifests.
    notes:   short texts for the reader of the manifest.
    """

    guard: Guard
    action: Action
    policies: Policies = Policies()
    origins: tuple[Position, ...] = ()
    name: str = ""
    notes: tuple[str, ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether requests get an error of nginx's own: they are kept out, or the gateway cannot say what they would get."""
        return isinstance(self.action, Refuse) or (isinstance(self.action, Answer) and self.action.status >= 400)

    @property
    def cause(self) -> Position | None:
        """The first origin, where there is any."""
        return self.origins[0] if self.origins else None
