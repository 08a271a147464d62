from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.commands.decisions import DecisionsError, parse_decisions, read_decisions
from converter.model.decisions import Cutover, Decisions, Defaults, GatewayDecisions, HostDecisions, Subset, UpstreamDecisions, Waiver

WHOLE = """\
version: 1
gateway: {namespace: apps, selector: {istio: ingressgateway}, trusted_proxies: 0}
defaults: {namespace: apps, fidelity: standard, envoyfilter: never, read_timeout: total, mirror_methods: [GET]}
hosts:
  shop.example.com: {namespace: shop, certificate: shop-example-com-tls}
upstreams:
  orders: {service: orders.shop.svc.cluster.local, port: 8080, subset: {name: v1, labels: {version: v1}}}
  10.0.3.12:8080: {service: legacy.shop.svc.cluster.local, port: 80}
cutover:
  orders: {phase: legacy, legacy_weight: 90}
waive:
  - {directive: proxy_cache, where: "conf.d/shop.conf:41", reason: "the CDN caches"}
"""


def faults(text: str) -> list[str]:
    with pytest.raises(DecisionsError) as caught:
        parse_decisions(text, "m.yaml")
    return caught.value.messages


def test_every_key_of_the_format_is_read() -> None:
    assert parse_decisions(WHOLE, "m.yaml") == Decisions(
        gateway=GatewayDecisions("apps", {"istio": "ingressgateway"}, 0),
        defaults=Defaults("apps", "standard", "never", "total", ("GET",)),
        hosts={"shop.example.com": HostDecisions("shop", "shop-example-com-tls")},
        upstreams={
            "orders": UpstreamDecisions("orders.shop.svc.cluster.local", 8080, Subset("v1", {"version": "v1"})),
            "10.0.3.12:8080": UpstreamDecisions("legacy.shop.svc.cluster.local", 80),
        },
        cutover={"orders": Cutover("legacy", 90)},
        waive=(Waiver("proxy_cache", "the CDN caches", "conf.d/shop.conf:41"),),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "version: 1", "hosts:\ngateway:\n  namespace:\nwaive:\n", "\ufeffversion: 1"])
def test_every_key_is_optional_and_one_without_a_value_stands_for_the_default(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    assert read_decisions(tmp_path / "m.yaml") == Decisions()


def test_a_host_without_a_value_is_a_host_without_decisions() -> None:
    assert parse_decisions("hosts:\n  a.example.com:\n", "m").hosts == {"a.example.com": HostDecisions()}


def test_all_faults_are_told_at_once_each_with_its_line_and_key() -> None:
    text = "gateway: {namespce: apps, trusted_proxies: many}\nhosts:\n  a.example.com:\n    certificat: x\n  b: {namespace: 1}\nextra:\n"
    assert faults(text) == [
        "m.yaml:1: gateway.namespce: is not a known key: did you mean namespace?",
        "m.yaml:1: gateway.trusted_proxies: must be a whole number from 0 to 100, not 'many'",
        'm.yaml:4: hosts["a.example.com"].certificat: is not a known key: did you mean certificate?',
        "m.yaml:5: hosts.b.namespace: must be text, not 1: put it in quotes",
        "m.yaml:6: extra: is not a known key: known are version, gateway, gateways, defaults, hosts, upstreams, cutover, waive",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("version: 2", "version: must be 1, not 2"),
        ("version: true", "version: must be 1, not True"),
        ("[1]", "must be a mapping with version"),
        ("gateway: apps", "gateway: must be a mapping with namespace, selector, trusted_proxies"),
        ("gateway: {namespace: Apps}", "must be a Kubernetes name"),
        ("gateway: {namespace: a.b}", "must be a Kubernetes name"),
        ("gateway: {selector: {}}", "must be a mapping of labels"),
        ("gateway: {selector: {a: 1}}", "must be text, not 1"),
        ("gateway: {selector: {'a b': x}}", "is not a Kubernetes label"),
        ("gateway: {trusted_proxies: -1}", "from 0 to 100, not -1"),
        ("gateway: {trusted_proxies: true}", "from 0 to 100, not True"),
        ("defaults: {envoyfilter: nver}", "must be needed or never, not 'nver': did you mean never?"),
        ("defaults: {envoyfilter: no}", "must be text, not False: put it in quotes"),
        ("defaults: {read_timeout: idel}", "did you mean idle?"),
        ("defaults: {fidelity: strikt}", "did you mean strict?"),
        ("defaults: {mirror_methods: GET}", "must be a list such as [GET, HEAD]"),
        ("defaults: {mirror_methods: [get]}", "'get' is not a method"),
        ("hosts: [a]", "hosts: must be a mapping by name"),
        ("hosts: {1: {}}", "a key must be text: put it in quotes"),
        ("hosts: {a: {certificate: A_b}}", "must be a DNS name"),
        ("upstreams: {orders: {port: 80}}", "upstreams.orders: needs service"),
        ("upstreams: {orders:}", "upstreams.orders: needs service and port"),
        ("upstreams: {orders: {service: a, port: 0}}", "from 1 to 65535, not 0"),
        ("upstreams: {orders: {service: a, port: 80, subset: {labels: {a: b}}}}", "subset: needs name"),
        ("cutover: {orders: {phase: mirror}}", "cutover.orders.phase: mirror is not in this version: use legacy"),
        ("cutover: {orders: {phase: leagcy}}", "did you mean legacy?"),
        ("cutover: {orders: {legacy_weight: 101}}", "from 0 to 100, not 101"),
        ("waive: {directive: a}", "waive: must be a list"),
        ("waive: [{directive: a}]", "waive[0]: needs reason"),
        ('waive: [{directive: a, reason: " "}]', "waive[0].reason: must not be empty"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_what_it_must_be(text: str, fault: str) -> None:
    (message,) = faults(text)
    assert message.startswith("m.yaml:1: ")
    assert fault in message


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("version: 1\nversion: 1", "m.yaml:2: version: is given twice, first in line 1"),
        ("gateway: &a {}\ndefaults: *a", "m.yaml:2: defaults: anchors and aliases are not supported: write the value out"),
        ("version: 1\nhosts: [", "m.yaml:2: is not YAML: "),
        ("version: 1\n---\nversion: 1", "m.yaml:2: is not YAML: "),
        ("[" * 5000, "m.yaml: is nested too deeply"),
        ("version: 2024-99-99", "m.yaml: is not YAML: "),
        ("a: \x00", "m.yaml: is not YAML: "),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text: str, fault: str) -> None:
    assert any(message.startswith(fault) for message in faults(text)), faults(text)


def test_a_tag_runs_nothing() -> None:
    assert "must be" in faults("gateway: !!python/object/apply:os.getcwd []")[0]


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "m.yaml").write_bytes(content)
    with pytest.raises(DecisionsError, match=r"cannot be read|is not UTF-8"):
        read_decisions(tmp_path / "m.yaml")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "gateway", "hosts", "waive", "a"]), inner),
    max_leaves=10,
)


@given(st.text(max_size=40) | VALUES.map(repr))
@settings(max_examples=200)
def test_any_text_gives_decisions_or_sentences(text: str) -> None:
    messages = ["m: sound"]
    try:
        made: object = parse_decisions(text, "m")
    except DecisionsError as error:
        made, messages = Decisions(), error.messages
    assert isinstance(made, Decisions)
    assert all(message.startswith("m:") for message in messages)
