"""Many machines: what they have in common, where they differ, and one set of manifests for all."""
