"""What makes the answer: an upstream, or files, of which there are none.

Sources: ngx_http_try_files_module.c, ngx_http_index_module.c, ngx_http_static_module.c, ngx_http_core_content_phase.
"""

from converter.interpreter.access import foreign, refused
from converter.interpreter.outcome import Anew, Failed, Named, Turn
from converter.interpreter.proxying import forwarded
from converter.interpreter.situation import Situation
from converter.syntax.tree import Directive

_READ = ("GET", "HEAD", "POST")
_FOLDER = "what the folder of files holds, and whether it is there, is not known"


def served(situation: Situation) -> Turn:
    """Access, try_files, and the content handler. May raise Doubt."""
    foreign(situation, situation.scope)
    turn = refused(situation)
    if turn is not None:
        return turn
    lines = situation.scope.own("try_files")
    if lines and len(lines[-1].args) > 1:
        return _tried(situation, lines[-1])
    handler = situation.handler
    if handler is None:
        return _files(situation)
    if handler.name != "proxy_pass":
        situation.saw(handler.position)
        situation.doubt(f"{handler.name} ({handler.position}) is not followed")
        return Failed(200)
    return _proxied(situation)


def _proxied(situation: Situation) -> Turn:
    store = situation.scope.value("proxy_store")
    if store is not None and store.args != ("off",):
        situation.doubt("proxy_store keeps files")
    return forwarded(situation)


def _tried(situation: Situation, line: Directive) -> Turn:
    """No file is there, so that the last argument counts."""
    if situation.path == "/" and any(name.endswith("/") for name in line.args[:-1]):
        situation.doubt(_FOLDER)
    last = line.args[-1]
    situation.saw(line.position, f"try_files finds no file and goes on to {last}")
    if last.startswith("="):
        return Failed(int(last[1:]) if last[1:].isdigit() else 500)
    if last.startswith("@"):
        return Named(last)
    path, _, args = situation.text(last).partition("?")
    if not path.startswith("/"):
        situation.doubt(f"the last argument of try_files ({line.position}) is no path")
    return Anew(path, args)


def _files(situation: Situation) -> Turn:
    """index and static: 404, or 405 for methods that do not read."""
    for line in (line for name in ("root", "alias", "autoindex") if (line := situation.scope.value(name)) is not None):
        situation.applied(line, f"{line}: nginx looks for a file there")
    if situation.method not in _READ:
        situation.said(f"files are not for {situation.method}")
        return Failed(405)
    if not situation.path.endswith("/"):
        situation.said("there is no such file")
        return Failed(404)
    return _folder(situation)


def _folder(situation: Situation) -> Turn:
    lines = situation.scope.nearest("index")
    names = [name for line in lines for name in line.args]
    first = situation.text(names[0]) if names else "index.html"
    if first.startswith("/"):
        situation.saw(lines[0].position, f"index {first}")
        return Anew(first, situation.args)
    if situation.path == "/" or situation.scope.nearest("alias"):
        situation.doubt(_FOLDER)
    situation.said("nginx looks for a folder, and there is none")
    return Failed(404)
