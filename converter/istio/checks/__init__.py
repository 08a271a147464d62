"""The rules of Istio's admission webhook (istio.io/istio, pkg/config/validation), one module for each kind.

Each module has `check(document)`: an object that has passed the schema -> what the webhook would refuse, as `path: what`. A rule that is
stricter than the webhook's says so, and why.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from converter.istio.checks import (
    authorizationpolicy,
    destinationrule,
    envoyfilter,
    gateway,
    requestauthentication,
    serviceentry,
    telemetry,
    virtualservice,
)

CHECKS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "AuthorizationPolicy": authorizationpolicy.check,
    "DestinationRule": destinationrule.check,
    "EnvoyFilter": envoyfilter.check,
    "Gateway": gateway.check,
    "RequestAuthentication": requestauthentication.check,
    "ServiceEntry": serviceentry.check,
    "Telemetry": telemetry.check,
    "VirtualService": virtualservice.check,
}
