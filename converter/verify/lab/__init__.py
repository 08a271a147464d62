"""The laboratory: nginx, Envoy and test upstreams, each in a network namespace of its own, in a process that takes all of it along when it
ends."""
