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
        if self.port and (self.scheme, self.port) not in (
            ("http", 80),
            ("https", 443),
        ):  # clients send the port in Host, which $host has not
            out["host"] = Template.of(self.host or Variable(From.HOST, "bare"))
        return out

    @property
    def origin(self) -> Template:
        """Scheme and authority that nginx puts before a path when it redirects by itself (absolute_redirect on).

        Source: ngx_http_header_filter in nginx's src/http/ngx_http_header_filter_module.c.
        """
        scheme = self.scheme or Variable(From.SCHEME)
        if self.scope.flag("server_name_in_redirect", default=False) and self.first_name:
            return Template.of(scheme, "://", self.first_name, self._port)
        if self.host:
            return Template.of(scheme, "://", self.host, self._port)
        return Template.of(scheme, "://", Variable(From.AUTHORITY if self._port else From.HOST))

    @property
    def own_origin(self) -> Template:
        """The same for a redirect to another path of the same host: what the client asked for, unless a port must go or a name come."""
        usual = self._port or self.port is None or (self.scheme, self.port) in (("http", 80), ("https", 443))
        if self.scope.flag("server_name_in_redirect", default=False) or not usual or (self._port and self.host):
            return self.origin
        return Template.of(Variable(From.SCHEME), "://", Variable(From.AUTHORITY if self._port else From.HOST))

    @property
    def _port(self) -> str:
        usual = self.port is None or (self.scheme, self.port) in (("http", 80), ("https", 443))
        return "" if usual or not self.scope.flag("port_in_redirect", default=True) else f":{self.port}"


def is_relative(scope: Scope) -> bool:
    return not scope.flag("absolute_redirect", default=True)
