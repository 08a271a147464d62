"""What a reader can do about an outcome, and when the differences show that no directive brings."""

from converter.model.outcomes import Outcome, PlatformDifference

ADVICE: dict[Outcome, str] = {
    Outcome.APPROXIMATE: "accept the difference with a waiver in the decisions file, or change the source",
    Outcome.DECISION: "answer it in the decisions file and convert again",
    Outcome.UNSUPPORTED: "do it elsewhere, or waive it in the decisions file",
    Outcome.UNKNOWN: "correct the spelling; a directive of your own module must be replaced, or waived in the decisions file",
    Outcome.INVALID: "correct the source: nginx does not start with it",
}
"""What a reader can do about a row that is not settled."""

PLATFORM: dict[PlatformDifference, str] = {
    PlatformDifference.PATH_SPELLING: r"The path holds %XX, //, /./, /../, \, # or a byte outside ASCII: nginx decodes and normalises before it "
    "chooses a location, a gateway compares what was sent. Where access is restricted, such spellings are normalised or refused.",
    PlatformDifference.HOST_SPELLING: "Host is missing, doubled, empty, has capitals or a trailing dot, or carries a port on port 80 or 443.",
    PlatformDifference.SNI_DIFFERS: "The TLS name is absent, unknown or another than Host: nginx falls back to the default server's "
    "certificate and serves by Host, a gateway chooses by the TLS name and closes connections with an unknown one.",
    PlatformDifference.PROTOCOL: "HTTP/1.0, methods that HTTP does not define, header names with `_` or `.`, and the sizes of headers.",
    PlatformDifference.UPSTREAM_FAILURE_STATUS: "The upstream refuses, closes or times out: nginx answers 502 or 504, Envoy 503 or 504.",
    PlatformDifference.ERROR_PAGE_BODY: "The text of an error answer that nobody configured: nginx sends its HTML page, Envoy a line or nothing.",
    PlatformDifference.TIMEOUT_DEFAULT: "Time limits that nobody configured: nginx waits 60 seconds between two reads, Envoy's own limits differ.",
    PlatformDifference.BODY_LIMIT_DEFAULT: "nginx refuses bodies over 1 MB with 413 where client_max_body_size is not set; a gateway does not.",
    PlatformDifference.RETRY_DEFAULT: "Second attempts that nobody configured: nginx passes a failed request to the group's next server.",
    PlatformDifference.BUFFERING: "nginx reads whole bodies before it passes them on where nobody configured otherwise; Envoy streams.",
    PlatformDifference.KEEPALIVE_DEFAULT: "How long idle connections stay open, and how many requests they carry, where nobody configured it.",
    PlatformDifference.RESPONSE_HEADERS: "Server, Date and x-envoy-* headers of answers, where nobody configured them.",
}
