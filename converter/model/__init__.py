"""The intermediate model: what a gateway must do, for each host, and the ledger of what became of the source.

Knows neither nginx nor Istio.
"""
