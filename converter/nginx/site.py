"""A server as one decision list sees it: on a group of ports where it behaves alike."""

from dataclasses import dataclass

from converter.model.values import Source as From
from converter.model.values import Template, Variable
from converter.nginx.locations import Location
from converter.nginx.scope import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """scheme, port: those of the listener; None where the group has several.  host: the only name, where there is just one.
    first_name: nginx's `$server_name`."""

    scope: Scope
    locations: tuple[Location, ...]
    scheme: str | None
    port: int | None
    host: str | None
    first_name: str

    @property
    def constants(self) -> dict[str, Template]:
        """Variables that the listener and the server decide."""
        out = {"server_name": Template.of(self.first_name)}
        if self.scheme:
            out["scheme"] = Template.of(self.scheme)
            out["https"] = Template.of("on" if self.scheme == "https" else "")
        if self.port:
            out["server_port"] = Template.of(str(self.port))
        if not self._usual:  # clients send the port in Host, which $host has not
            out["host"] = Template.of(self.host or Variable(From.HOST, "bare"))
        return out

    def origin(self, scope: Scope) -> Template:
        """Scheme and authority that nginx puts before a path when it redirects by itself on a level; nothing with absolute_redirect off.

        Source: ngx_http_header_filter in nginx's src/http/ngx_http_header_filter_module.c.
        """
        if is_relative(scope):
            return Template()
        return Template.of(self.scheme or Variable(From.SCHEME), "://", self._authority(scope))

    def _authority(self, scope: Scope) -> Template:
        port = self._port(scope)
        if scope.flag("server_name_in_redirect", default=False):
            return Template.of(self.first_name, port)
        if self.host:
            return Template.of(self.host, port)
        if port:
            return Template.of(Variable(From.AUTHORITY))  # the client has sent the port
        return Template.of(Variable(From.HOST, "" if self._usual else "bare"))

    def own_origin(self, scope: Scope) -> Template:
        """The same for a redirect to another path of the same host: what the client asked for, unless a port must go or a name come."""
        if not self.keeps_authority(scope) or (self._port(scope) and self.host):
            return self.origin(scope)
        return Template.of(Variable(From.SCHEME), "://", Variable(From.AUTHORITY if self._port(scope) else From.HOST))

    def keeps_authority(self, scope: Scope) -> bool:
        """Whether such a redirect leads to the scheme, name and port that the client asked for."""
        named = scope.flag("server_name_in_redirect", default=False)
        return not is_relative(scope) and not named and (self._usual or bool(self._port(scope)))

    @property
    def _usual(self) -> bool:
        """Whether clients leave the port out: a group of several ports is 80 and 443."""
        return not self.port or (self.scheme, self.port) in (("http", 80), ("https", 443))

    def _port(self, scope: Scope) -> str:
        return "" if self._usual or not scope.flag("port_in_redirect", default=True) else f":{self.port}"


def is_relative(scope: Scope) -> bool:
    return not scope.flag("absolute_redirect", default=True)
