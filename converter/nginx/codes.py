"""The findings of following a configuration: one paragraph for each code, for `nginx2istio explain CODE`."""

EXPLANATIONS: dict[str, str] = {
    "NGX050": "Two servers on the same port have the same name. nginx warns at its start (conflicting server name, ignored) and gives the "
    "name to the server that stands first, and so do the manifests. The later server keeps its other names. Remove the name in one of the "
    "two places; if the later server was meant, the host has not behaved as its author thinks.",
    "NGX051": "A regex in `server_name` uses something that Envoy's regex engine (RE2) does not have, such as look-ahead or a back "
    "reference. Which hosts it takes cannot be told: every host that no exact name or wildcard takes is refused. List the names one by one, or write "
    "the regex without it.",
    "NGX052": "Following all that may happen in one server led to more rules than the manifests may hold: conditions multiply (each `if` or "
    "`map` can double what follows it), or a list is long. The finding names the directives. The whole server is closed (403), and nothing that "
    "is lost with it counts as exact. Split it by name, take conditions out, or shorten the list.",
    "NGX053": "No server that listens was found in what was read, so there is nothing that a gateway could serve. Commonest cause: the file "
    "is a part that another one includes. Give the folder that holds the nginx.conf, or the output of `nginx -T`.",
    "NGX054": "The decisions ask for `fidelity: strict`, which says unusual requests exactly, too. This version has the level `standard` only: "
    "the manifests are those of `standard`, and the platform differences of the report name what differs.",
}
