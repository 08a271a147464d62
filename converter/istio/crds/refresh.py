"""Cuts the schemas beside this file out of Istio's `crd-all.gen.yaml`, whose path is the only argument (see README.md)."""

import json
import sys
from pathlib import Path

import yaml

VERSIONS = {
    "AuthorizationPolicy": "v1",
    "DestinationRule": "v1",
    "EnvoyFilter": "v1alpha3",
    "Gateway": "v1",
    "RequestAuthentication": "v1",
    "ServiceEntry": "v1",
    "Telemetry": "v1",
    "VirtualService": "v1",
}


def without_descriptions(schema: object, named: bool = False) -> object:
    """The schema without its prose. named: the keys are names of properties, not words of JSON Schema."""
    if isinstance(schema, dict):
        return {
            key: without_descriptions(value, key == "properties" and not named)
            for key, value in schema.items()
            if named or key != "description"
        }
    return [without_descriptions(item) for item in schema] if isinstance(schema, list) else schema


def main(source: str) -> None:
    with Path(source).open(encoding="utf-8") as stream:
        definitions = [document["spec"] for document in yaml.load_all(stream, yaml.CSafeLoader) if document]
    for definition in definitions:
        kind = definition["names"]["kind"]
        for version in definition["versions"]:
            if version["name"] == VERSIONS.get(kind):
                schema = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
                document = {"apiVersion": f"{definition['group']}/{version['name']}", "spec": without_descriptions(schema)}
                text = json.dumps(document, separators=(",", ":"), sort_keys=True)
                Path(__file__).with_name(f"{kind}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
