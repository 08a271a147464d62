"""The model as Istio objects, and their YAML. Nothing else knows a field name of Istio."""
