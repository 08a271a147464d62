import yaml

from converter.report.stream import left_out, manifests
from tests.sample_conversion import CONVERSION


def test_objects_stand_behind_their_paths_and_kustomizations_and_values_are_left_out() -> None:
    text = manifests(CONVERSION.files)
    assert text.startswith("# shop.example.com/gateway.yaml\napiVersion")
    assert "\n---\n# api.example.com/virtualservice.yaml\n" in text
    assert [document["kind"] for document in yaml.safe_load_all(text)] == ["Gateway", "VirtualService"]


def test_what_is_neither_an_object_nor_a_kustomization_is_named() -> None:
    assert left_out(CONVERSION.files) == ["helm/apps.yaml"]
