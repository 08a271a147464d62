"""What an action becomes."""

from msgspec import Struct, field

from converter.istio.yaml import Written


class Parts(Struct, frozen=True):
    """An action as fields of a VirtualService's rule, orders for the script, and fields of Envoy's route."""

    http: dict[str, object]
    script: dict[str, object] = field(default_factory=dict)
    envoy: dict[str, Written] = field(default_factory=dict)
