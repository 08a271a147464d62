"""istiod's own code as a program of ours: built once into the user's cache, then asked what it would send to a gateway."""
