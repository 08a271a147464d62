"""Reads nginx configurations and writes Istio manifests that answer the same requests the same way."""

__version__ = "0.1.0"
