"""What makes the answer of a level: the directives that set its content handler."""

import re

from converter.nginx.locations import PASSES
from converter.nginx.scope import Scope
from converter.syntax.tree import Directive

_OTHER = (
    *("empty_gif", "stub_status", "perl", "js_content", "content_by_lua", "content_by_lua_block", "content_by_lua_file", "mp4", "flv"),
    *(
        "hls",
        "echo",
        "api",
        "tunnel_pass",
        "return_by_lua",
        "vhost_traffic_status_display",
        "nchan_publisher",
        "nchan_subscriber",
        "rtmp_stat",
    ),
    *("uploadprogress", "upload_pass", "redis_pass", "redis2_pass", "postgres_pass", "drizzle_pass", "image_filter", "vod"),
)
# What runs before the content, and may do anything.
FOREIGN = re.compile(
    r"(?:server_)?(?:rewrite|access|precontent)_by_lua(?:_block|_file)?|js_access|modsecurity|ModSecurityEnabled|SecRulesEnabled|rules_enabled"
    r"|SecRulesEnabled|testcookie|auth_(?:jwt|oidc|ldap|pam|digest|gss|require|jwt_require)|app_protect_.*|ntlm|set_by_lua.*|more_set_input_headers"
)


def handler_of(scope: Scope) -> Directive | None:
    """The directive of a level's own that makes its answers; None for files, or where another level's stays."""
    found = scope.own(*PASSES, *_OTHER)
    return found[-1] if found else None


def pass_of(scope: Scope) -> Directive | None:
    """The proxy_pass whose settings count: an `if` and a limit_except without one have that of their location."""
    found = scope.own("proxy_pass")
    if not found and scope.kind in ("if", "limit_except") and scope.parent is not None:
        return pass_of(scope.parent)
    return found[-1] if found else None
