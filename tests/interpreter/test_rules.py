"""A decision list, carried out for one request."""

import pytest

from converter.interpreter.outcome import Answered, Sent
from converter.interpreter.rules import carried_out, chosen, decide
from converter.model.applications import Application, Listener, VirtualHost
from converter.model.guards import PATH, Condition, Test
from converter.model.rules import Answer, PathRewrite, PrefixRewrite, Proxy, Redirect, RegexRewrite, Rule
from converter.model.upstreams import Endpoint, Upstream
from converter.model.values import Source, Template, Variable
from converter.model.verification import Request

APP = Upstream("app", "app", 80, (Endpoint("10.0.0.1", 80),))
ASKED = Request("GET", "/a/b?x=1", "a.test")


def host(*hosts: str, port: int = 80) -> VirtualHost:
    return VirtualHost(hosts[0], hosts, (Listener(port, hosts),), (Rule((), Answer(200)),), "a")


@pytest.mark.parametrize(("name", "wanted"), [("a.test", "a.test"), ("b.a.test", "*.a.test"), ("c.b.a.test", "*.b.a.test"), ("x.org", "*")])
def test_the_longest_name_takes_a_host(name: str, wanted: str) -> None:
    hosts = [host("*"), host("*.a.test"), host("*.b.a.test"), host("a.test"), host("a.test", port=81)]
    found = chosen(hosts, Request("GET", "/", name))
    assert found is not None
    assert found.name == wanted


def sent(rewrite: PathRewrite | None) -> str:
    rule = Rule((Condition(PATH, Test.PREFIX, "/a/"),), Proxy("app", None, rewrite))
    found = carried_out(rule, {"app": APP}, ASKED)
    assert isinstance(found, Sent)
    return found.target


def test_paths_are_rewritten() -> None:
    assert sent(None) == "/a/b?x=1"
    assert sent(PathRewrite(PrefixRewrite("/n/"))) == "/n/b?x=1"
    assert sent(PathRewrite(RegexRewrite("/a/(.*)", r"/r/\1"), drop_query=True)) == "/r/b"
    assert sent(PathRewrite(RegexRewrite("/a/(.*)", r"/r?p=\1"))) == "/r?p=b&x=1"
    assert sent(PathRewrite(RegexRewrite("/z", "/r"))) == "/a/b?x=1"


def test_redirects_are_put_together() -> None:
    kept = Redirect(301, None, RegexRewrite("/a/(.*)", r"/n/\1"), Template.of("https://", Variable(Source.HOST)), keep_query=True)
    assert carried_out(Rule((), kept), {}, ASKED) == Answered(301, "https://a.test/n/b?x=1")


def test_the_first_rule_that_holds_decides() -> None:
    rules = (Rule((Condition(PATH, Test.EXACT, "/z"),), Answer(204)), Rule((Condition(PATH, Test.PREFIX, "/a/"),), Answer(205)))
    made = VirtualHost("a", ("a.test",), (Listener(80, ("a.test",)),), rules, "a")
    applications = (Application("a", (made,)),)
    assert decide(applications, (), ASKED).end == Answered(205)
    assert decide(applications, (), Request("GET", "/", "a.test")).end == Answered(404)
