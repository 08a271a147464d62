"""What nginx does: listeners, servers, locations, inheritance, upstreams, variables, regexes, the request program."""
