"""try_files: https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files"""

from converter.model.outcomes import Outcome
from converter.nginx.errors import Page
from converter.nginx.scope import Scope
from converter.nginx.state import CannotFollow, State
from converter.nginx.telling import Telling

_REASON = "files are not on a gateway: every request goes to the last argument; move the files to an object store or a container"

_OWN_QUERY = ("$is_args$args", "$is_args$query_string")  # the request's own, as `?$args` is


def serves_folders(scope: Scope, page: Page) -> bool:
    """Whether the root folder itself, which is there in every installation, is served (`$uri/`) rather than the last argument."""
    index = scope.nearest("index")
    named = [f"/{text}" for directive in index for text in directive.args]
    return "$uri/" in page.directive.args[:-1] and page.target not in named


def fallback(scope: Scope, state: State, telling: Telling) -> Page | None:
    """Where a request goes whose files are not there; None where the level has no try_files. Raises CannotFollow."""
    found = scope.own("try_files")
    if not found or not found[-1].args:
        return None
    directive = found[-1]
    telling.say(directive, Outcome.APPROXIMATE, _REASON)
    for name in ("root", "alias", "index"):
        for setting in scope.nearest(name):
            telling.say(setting, Outcome.UNSUPPORTED, "files are not served by a gateway: move them to an object store or a container")
    last = directive.args[-1]
    if last.startswith("@"):
        return Page("named", last, directive)
    if last.startswith("=") and last[1:].isdigit():
        return Page("status", "", directive, int(last[1:]))
    marked = next((text for text in _OWN_QUERY if last.endswith(text)), "")
    path, _, args = (last.removesuffix(marked), "?", "$args") if marked else last.partition("?")
    if path == "$uri":
        return Page("status", "", directive, 500)
    if "$" in path:
        raise CannotFollow(directive, "the last argument of try_files depends on the request")
    kept = args in ("$args", "$query_string")
    return Page("path", path, directive, 0, "" if kept else args, keep_args=kept)
