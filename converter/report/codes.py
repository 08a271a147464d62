"""What the outcomes of directives mean, and the codes that reports give them."""

from converter.model.outcomes import Outcome

MEANINGS: dict[Outcome, str] = {
    Outcome.EXACT: "the manifests do the same",
    Outcome.BUILTIN: "Envoy or Istio does this by itself",
    Outcome.PROCESS: "concerns the nginx process or its host, not the answers",
    Outcome.DEAD: "can never take effect in nginx",
    Outcome.WAIVED: "the decisions file says that it may be lost",
    Outcome.APPROXIMATE: "the manifests do nearly the same",
    Outcome.DECISION: "needs a decision that the decisions file does not hold",
    Outcome.UNSUPPORTED: "has no counterpart in the manifests",
    Outcome.UNKNOWN: "is not a directive of nginx or of a known module",
    Outcome.INVALID: "would be refused by nginx",
}


def code_of(outcome: Outcome) -> str:
    """The code of a ledger row with this outcome: `NGX101` (exact) to `NGX110` (invalid)."""
    return f"NGX1{outcome.rank + 1:02}"


_PARAGRAPHS: dict[Outcome, str] = {
    Outcome.EXACT: (
        "The manifests do the same as this directive, for every request outside the platform differences that the report lists. "
        "Nothing is left to do."
    ),
    Outcome.BUILTIN: (
        "Envoy or Istio does by itself what this directive asks for, so nothing is written for it. Nothing is left to do. "
        "Take the directive as a note when you compare settings of the gateway later."
    ),
    Outcome.PROCESS: (
        "The directive concerns the nginx process or its host: workers, memory, files on disk, logs. No answer to a client depends on it. "
        "Some have a relative in the gateway (its replicas, its access log, its metrics); the reason names it."
    ),
    Outcome.DEAD: (
        "The directive can never take effect in nginx: another one overrides it, or no request reaches it. The manifests leave it out, "
        "and so may you. If that surprises you, the configuration probably does not do what its author meant."
    ),
    Outcome.WAIVED: (
        "The directive is lost, and the decisions file says that it may be, with a reason. "
        "Remove the entry under `waive` to see what would be said otherwise."
    ),
    Outcome.APPROXIMATE: (
        "The manifests do nearly the same. The reason says what differs and for which requests. Read it, and decide whether your clients "
        "depend on the difference; if they do, change the manifests by hand. A difference that is fine can be waived in the decisions file."
    ),
    Outcome.DECISION: (
        "The directive could be converted, but something is needed that the configuration does not say. The reason names the key of the "
        "decisions file (migration.yaml). Add the key and convert again; `nginx2istio init` writes a file with the keys that are missing."
    ),
    Outcome.UNSUPPORTED: (
        "Nothing in the manifests does what this directive does. The reason says what to do instead. A directive that restricts access "
        "closes the route or host that carries it, so that nobody gets in who was kept out before. Where the loss is fine, waive the "
        "directive in the decisions file, by name and with a reason."
    ),
    Outcome.UNKNOWN: (
        "The name is neither a directive of nginx nor of a module in the tables. It may be misspelt, belong to a module that the tables "
        "do not know, or stand in a text that is no nginx configuration, such as a template. Find out what it does; nothing was "
        "converted for it."
    ),
    Outcome.INVALID: (
        "nginx would refuse to start with this directive: it stands in the wrong block, has the wrong arguments, or contradicts another "
        "one. What it was meant to do cannot be told, so nothing was written for it. Correct it, test with `nginx -t`, and convert again."
    ),
}

EXPLANATIONS: dict[str, str] = {
    **{code_of(outcome): f"{outcome.value}: {MEANINGS[outcome]}.\n\n{paragraph}" for outcome, paragraph in _PARAGRAPHS.items()},
    "NGX503": "An entry of the baseline accepts something that is no longer found, or that has become something else. Take it out of the file, "
    "or let --update-baseline write the file anew: what is accepted and not there could come back unseen.",
}
