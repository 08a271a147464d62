"""Manifests: what istiod is given, and where in their files something stands."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.verify.addresses import address_of
from converter.verify.manifests import Manifests, ManifestsError, from_texts, read
from tests.conversions import convert_server

GATEWAY = """apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: edge}
spec: {selector: {istio: outer}}
"""
ROUTES = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
spec:
  http:
  - name: shop.orders  # of the first location
    route:
    - destination: {host: orders.apps.svc.cluster.local, port: {number: 8080}}
    mirrors:
    - destination: {host: copy.apps.svc.cluster.local}
  - match: []
    name: "shop.rest"
    route:
    - destination: {host: known.example.com, port: {number: 443}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: known}
spec: {hosts: [known.example.com]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: orders}
spec: {host: orders.apps.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]}
"""


def both() -> Manifests:
    return from_texts({"gateway.yaml": GATEWAY, "shop/routes.yaml": ROUTES})


def test_each_object_is_given_to_istiod_as_it_stands() -> None:
    documents = [document for text in (GATEWAY, ROUTES) for document in yaml.safe_load_all(text)]
    assert list(yaml.safe_load_all(both().for_istiod()))[: len(documents)] == documents


def test_a_service_that_only_a_cluster_has_is_added_with_the_ports_and_labels_that_lead_to_it() -> None:
    added = [o for o in yaml.safe_load_all(both().for_istiod()) if o["metadata"]["name"].startswith("verify-service")]
    found = {o["spec"]["hosts"][0]: o["spec"] for o in added}
    copy, orders = "copy.apps.svc.cluster.local", "orders.apps.svc.cluster.local"
    assert list(found) == [copy, orders]
    assert [port["number"] for name in (copy, orders) for port in found[name]["ports"]] == [80, 8080]
    assert found[copy]["endpoints"] == [{"address": address_of(copy)}]
    assert found[orders]["endpoints"] == [{"address": address_of(orders), "labels": {"version": "v1"}}]


def test_the_pod_is_the_one_that_the_gateways_select() -> None:
    chosen = both().gateway("other", {"app": "x"})
    assert (chosen.namespace, chosen.labels, chosen.mesh) == ("edge", {"istio": "outer"}, "")


def test_without_a_gateway_the_pod_is_that_of_the_decisions() -> None:
    chosen = from_texts({"routes.yaml": ROUTES}).gateway("other", {"app": "x"})
    assert (chosen.namespace, chosen.labels) == ("other", {"app": "x"})


def test_routes_are_known_by_file_and_line() -> None:
    lines = ROUTES.splitlines()
    places = {
        name: f"shop/routes.yaml:{next(n for n, line in enumerate(lines, 1) if name in line)}" for name in ("shop.orders", "shop.rest")
    }
    assert both().routes() == places
    assert both().decided("shop.rest", "via_upstream") == f"{places['shop.rest']} route shop.rest"


@pytest.mark.parametrize(
    ("route", "details", "told"),
    [
        ("", "route_not_found", "no route"),
        ("", "filter_chain_not_found", "filter_chain_not_found"),
        ("unknown", "via_upstream", "route unknown"),
        ("shop.rest", "rbac_access_denied_matched_policy[ns[edge]-policy[shop]-rule[0]]", "gateway.yaml:? AuthorizationPolicy shop"),
    ],
)
def test_who_decided_is_told_for_people(route: str, details: str, told: str) -> None:
    lines = {"shop": "gateway.yaml:?"}
    assert Manifests((), lines=lines).decided(route, details) == told


def test_settings_of_the_mesh_are_those_of_its_files_and_of_the_pods_annotation() -> None:
    texts = {
        "mesh/config.yaml": "meshConfig: {pathNormalization: {normalization: BASE}}",
        "helm/apps.yaml": 'podAnnotations: {proxy.istio.io/config: "gatewayTopology: {numTrustedProxies: 2}"}',
    }
    mesh = yaml.safe_load(from_texts(texts).gateway("", {}).mesh)
    assert mesh == {
        "pathNormalization": {"normalization": "BASE"},
        "defaultConfig": {"gatewayTopology": {"numTrustedProxies": 2}},
    }


def test_what_is_not_istios_is_left_out() -> None:
    texts = {"kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1\nkind: Kustomization\nresources: []\n---\njust text\n---\n"}
    assert from_texts(texts).objects == ()


def test_every_route_of_a_conversion_has_its_place() -> None:
    conversion = convert_server("location /a { proxy_pass http://10.0.0.1; } location /b { return 204; }")
    routes = from_texts(conversion.files).routes()
    assert routes
    for name, place in routes.items():
        path, _, line = place.rpartition(":")
        assert name in conversion.files[path].splitlines()[int(line) - 1]


def test_a_conversion_is_read_from_its_folder_as_it_was_made(tmp_path: Path) -> None:
    conversion = convert_server("location /a { proxy_pass http://10.0.0.1; }")
    for name, text in conversion.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = read(tmp_path)
    assert found.objects
    assert sorted(map(str, found.objects)) == sorted(map(str, from_texts(conversion.files).objects))


def test_a_folder_without_manifests_is_said(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ManifestsError, match="holds no manifests of Istio"):
            read(folder)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text(GATEWAY, encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "broken.yml").symlink_to("nowhere")
    assert [o["kind"] for o in read(tmp_path).objects] == ["Gateway"]


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestsError, match="cannot be read"):
        read(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["a: [", "a: b: c", "date: 2026-13-45", "\x00", "? [a]\n: b\n", "[" * 3000, "apiVersion: x.istio.io/v1\nkind: 7\nmetadata: {}\n"],
)
def test_what_cannot_be_read_is_a_sentence_with_the_file(text: str) -> None:
    with pytest.raises(ManifestsError, match=r"^bad\.yaml is no ") as caught:
        from_texts({"bad.yaml": text})
    assert "\n" not in str(caught.value)


KEYS = "http route mirrors destination host port number name hosts subsets labels selector spec meshConfig podAnnotations".split()
SCALARS = st.none() | st.booleans() | st.integers(-9, 99999) | st.sampled_from([*KEYS, "a: b", "- [", ""])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*KEYS, "proxy.istio.io/config"]), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.fixed_dictionaries(
    {"apiVersion": st.just("networking.istio.io/v1"), "metadata": st.just({}) | VALUES},
    optional={"kind": st.sampled_from(["Gateway", "VirtualService", "ServiceEntry", "DestinationRule"]) | VALUES, "spec": VALUES},
)


@given(st.lists(OBJECTS | VALUES, max_size=3), st.sampled_from(["mesh/a.yaml", "a.yaml"]))
def test_whatever_a_manifest_holds_there_is_no_traceback(documents: list[object], path: str) -> None:
    with suppress(ManifestsError):
        found = from_texts({path: yaml.safe_dump_all(documents)})
        chosen = found.gateway("apps", {})
        assert all(isinstance(value, str) for value in (chosen.namespace, *chosen.labels.values()))
        assert len(found.objects) <= len(list(yaml.safe_load_all(found.for_istiod())))
        assert set(found.routes().values()) <= {"", *found.lines.values()}
