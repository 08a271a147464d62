"""The real programs for tests: started when the first test asks for them, once for the whole run; a sentence where they are not to be had."""

import os
import queue
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from converter.commands.decisions import read_decisions
from converter.conversion import convert_whole
from converter.model.decisions import Decisions
from converter.model.verification import Request, Verification
from converter.sources import Source, read_source
from converter.verify import programs
from converter.verify.istiod.build import helper
from converter.verify.istiod.client import Configuration, Gateway, Istiod, Rejected, istiod
from converter.verify.lab.laboratory import Laboratory, laboratory
from converter.verify.lab.messages import Side
from converter.verify.manifests import Manifests, from_texts
from converter.verify.preparation import addressed, prepare
from converter.verify.subject import Subject
from converter.verify.unavailable import Unavailable
from converter.verify.verifying import failing, verify

NGINX = os.environ.get("NGINX2ISTIO_VERIFY_NGINX")
AT_ONCE = 2  # laboratories


@cache
def missing() -> str:
    """Why the real programs cannot be run here; empty where they can."""
    try:
        nginx, envoy = programs.nginx(NGINX), programs.envoy()
        programs.go((1, 26))
        with laboratory(nginx, envoy):
            return ""
    except Unavailable as reason:
        return str(reason)


class Nobody(Istiod):
    """In the place of istiod where no gateway is asked."""

    def __init__(self) -> None:
        pass

    def configuration(self, manifests: str, gateway: Gateway) -> Configuration:
        raise Rejected("no gateway is asked")


class Bench:
    """Some laboratories with an istiod each; `run` waits for one that is free."""

    def __init__(self, stack: ExitStack) -> None:
        self._free: queue.Queue[tuple[Laboratory, Istiod]] = queue.Queue()
        nginx, envoy = programs.nginx(NGINX), programs.envoy()
        program = helper(lambda text: sys.stderr.write(f"{text}\n"))
        for _ in range(AT_ONCE):
            self._free.put((stack.enter_context(laboratory(nginx, envoy)), stack.enter_context(istiod(program))))

    def run(self, subject: Subject, requests: tuple[Request, ...], independent: int = 0) -> Verification:
        pair = self._free.get()
        try:
            return verify(subject, requests, *pair, independent)
        finally:
            self._free.put(pair)

    def replies(self, subject: Subject, requests: tuple[Request, ...]) -> Side:
        """What nginx alone answers."""
        pair = self._free.get()
        try:
            prepared = prepare(subject, addressed(subject, requests), Nobody(), failing(subject, requests))
            return pair[0].run(prepared.job).nginx
        finally:
            self._free.put(pair)


def subject(source: Source, decisions: Path | None = None, manifests: Manifests | None = None) -> Subject:
    """A source with its conversion, and the manifests of that or others."""
    decided = read_decisions(decisions) if decisions else Decisions()
    whole = convert_whole(source, decided)
    return Subject(source, whole, decided, manifests or from_texts(whole.conversion.files))


def written(folder: Path, texts: dict[str, str], main: str = "nginx.conf") -> Source:
    """A source of some files."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return read_source(str(folder / main))
