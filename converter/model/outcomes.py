"""The closed list of what can become of a directive, and of what differs without any directive."""

import enum


class Outcome(enum.StrEnum):
    """What became of a directive. Listed from best to worst: with several effects the worst one stands."""

    EXACT = "exact"
    BUILTIN = "builtin"
    PROCESS = "process"
    DEAD = "dead"
    WAIVED = "waived"
    APPROXIMATE = "approximate"
    DECISION = "decision"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"
    INVALID = "invalid"

    __hash__ = str.__hash__  # an enum's own is no built-in function
    rank: int  # 0 for the best; larger is worse

    @property
    def settled(self) -> bool:
        """Whether no reader is needed: the gateway answers as nginx did, or the directive never mattered."""
        return self.rank <= Outcome.DEAD.rank


for _rank, _outcome in enumerate(Outcome):
    _outcome.rank = _rank


class PlatformDifference(enum.Enum):
    """Behaviour that nginx has without any directive and that a gateway does not share; `value` is the id in reports."""

    PATH_SPELLING = "path-spelling"
    HOST_SPELLING = "host-spelling"
    SNI_DIFFERS = "sni-differs"
    PROTOCOL = "protocol"
    UPSTREAM_FAILURE_STATUS = "upstream-failure-status"
    ERROR_PAGE_BODY = "error-page-body"
    TIMEOUT_DEFAULT = "timeout-default"
    BODY_LIMIT_DEFAULT = "body-limit-default"
    RETRY_DEFAULT = "retry-default"
    BUFFERING = "buffering"
    KEEPALIVE_DEFAULT = "keepalive-default"
    RESPONSE_HEADERS = "response-headers"
