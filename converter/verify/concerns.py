"""Which part of an answer a directive can change, and when: what the report says of a directive excuses no other difference.

Words are those of Difference.field, `request header` and `response header` for all of their kind. A directive that is not listed may change
everything.
"""

from collections.abc import Callable

from converter.model.outcomes import PlatformDifference as Platform
from converter.model.verification import Reply, Request

EVERYTHING = frozenset({"everything"})
NOTHING: frozenset[str] = frozenset()
_RESPONSE = frozenset({"response header", "body"})
_REQUEST = frozenset({"request header", "host"})
_STATUS = frozenset({"status", "share"})  # and all that comes with another status
_CHOICE = frozenset({"upstream", "share"})
_TLS = frozenset({"status", "certificate", "upstream TLS"})

_TABLE = {
    NOTHING: """aio client_body_buffer_size client_body_in_file_only client_body_in_single_buffer client_body_temp_path client_header_buffer_size
        connection_pool_size directio fastcgi_buffer_size fastcgi_buffers http2_max_concurrent_streams http2_recv_buffer_size keepalive
        keepalive_disable keepalive_requests keepalive_time keepalive_timeout limit_rate limit_rate_after lingering_close lingering_time
        lingering_timeout log_format log_not_found log_subrequest map_hash_bucket_size map_hash_max_size open_file_cache
        open_file_cache_errors open_file_cache_min_uses open_file_cache_valid output_buffers postpone_output proxy_buffer_size
        proxy_buffering proxy_buffers proxy_busy_buffers_size proxy_headers_hash_bucket_size proxy_headers_hash_max_size
        proxy_max_temp_file_size proxy_request_buffering proxy_socket_keepalive proxy_temp_file_write_size proxy_temp_path
        request_pool_size reset_timedout_connection send_lowat sendfile sendfile_max_chunk server_names_hash_bucket_size
        server_names_hash_max_size ssl_buffer_size ssl_session_cache ssl_session_tickets ssl_session_timeout tcp_nodelay tcp_nopush
        types_hash_bucket_size types_hash_max_size variables_hash_bucket_size variables_hash_max_size worker_connections zone""",
    _RESPONSE: """add_header add_trailer brotli brotli_comp_level brotli_types charset charset_types default_type etag expires gunzip gzip
        gzip_buffers gzip_comp_level gzip_disable gzip_http_version gzip_min_length gzip_proxied gzip_static gzip_types gzip_vary
        if_modified_since more_clear_headers more_set_headers override_charset proxy_cookie_domain proxy_cookie_flags proxy_cookie_path
        proxy_hide_header proxy_ignore_headers proxy_pass_header server_tokens ssi sub_filter sub_filter_once sub_filter_types types""",
    _RESPONSE | {"location"}: "proxy_redirect absolute_redirect port_in_redirect server_name_in_redirect",
    _REQUEST: "proxy_set_header proxy_http_version proxy_pass_request_headers underscores_in_headers ignore_invalid_headers",
    _CHOICE: "hash ip_hash least_conn random least_time sticky",
    _STATUS | _CHOICE: """client_body_timeout client_header_timeout large_client_header_buffers client_max_body_size proxy_connect_timeout
        proxy_next_upstream proxy_next_upstream_timeout proxy_next_upstream_tries proxy_read_timeout proxy_send_timeout resolver
        resolver_timeout send_timeout limit_conn limit_conn_dry_run limit_conn_log_level limit_conn_status limit_conn_zone limit_req
        limit_req_dry_run limit_req_log_level limit_req_status limit_req_zone""",
    _TLS: """ssl_ciphers ssl_client_certificate ssl_crl ssl_ecdh_curve ssl_prefer_server_ciphers ssl_protocols ssl_verify_client
        ssl_verify_depth proxy_ssl_ciphers proxy_ssl_name proxy_ssl_protocols proxy_ssl_server_name proxy_ssl_session_reuse
        proxy_ssl_trusted_certificate proxy_ssl_verify proxy_ssl_verify_depth""",
}
_BY_NAME = {name: fields for fields, names in _TABLE.items() for name in names.split()}

PLATFORM = {
    Platform.UPSTREAM_FAILURE_STATUS: _STATUS | _RESPONSE,
    Platform.ERROR_PAGE_BODY: frozenset({"body", "response header content-type"}),
    Platform.TIMEOUT_DEFAULT: _STATUS,
    Platform.BODY_LIMIT_DEFAULT: _STATUS,
    Platform.RETRY_DEFAULT: _STATUS | _CHOICE,
    Platform.RESPONSE_HEADERS: _RESPONSE | {"request header x-forwarded-proto"},
}


When = Callable[[Request, Reply, Reply], bool]


def _statuses(*statuses: int) -> When:
    """One of the sides answers so."""
    return lambda _, nginx, gateway: nginx.status in statuses or gateway.status in statuses


def _asks_for_upgrade(request: Request, _: Reply, __: Reply) -> bool:
    return any(name.lower() == "upgrade" for name, _ in request.headers)


def _repeats_a_header(request: Request, _: Reply, __: Reply) -> bool:
    names = [name.lower() for name, _ in request.headers]
    return len(names) != len(set(names)) or bool(request.raw)


def _escapes(request: Request, _: Reply, __: Reply) -> bool:
    return bool(set("+%") & set(request.target.partition("?")[0])) or bool(request.raw)


def _looks_for_files(_: Request, nginx: Reply, gateway: Reply) -> bool:
    return not nginx.attempts and gateway.status == 404


_WHEN: dict[str, When] = {
    **dict.fromkeys(("client_max_body_size",), _statuses(413)),
    **dict.fromkeys(("large_client_header_buffers",), _statuses(400, 414, 431)),
    **dict.fromkeys(("client_body_timeout", "client_header_timeout", "send_timeout"), _statuses(0, 408)),
    **dict.fromkeys(("proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout", "resolver_timeout"), _statuses(502, 503, 504)),
    **dict.fromkeys((name for name in _BY_NAME if name.startswith("limit_")), _statuses(429, 503)),
}

# What an approximation is about, by words of its reason. Without any of them it may be about whatever its directive can change.
_ABOUT: tuple[tuple[str, frozenset[str], When | None], ...] = (
    ("nginx escapes a numbered capture", EVERYTHING, _escapes),
    ("appended to the X-Forwarded-For", frozenset({"request header"}), None),
    ("X-Accel-* and X-Pad headers reach the client", frozenset({"response header"}), None),
    ("get the certificate of", frozenset({"certificate"}), None),
    ("nginx sends the type of that extension", frozenset({"response header content-type"}), None),
    ("asks for an upgrade", EVERYTHING, _asks_for_upgrade),
    ("nothing is configured here", EVERYTHING, _looks_for_files),
    ("not the same request the same server", _CHOICE, None),
    ("take turns", _CHOICE, None),
    ("compares two servers", _CHOICE, None),
    ("two servers are compared", _CHOICE, None),
    ("is tried again with the next request", _CHOICE | _STATUS, _statuses(0, 502, 503, 504)),
    ("no other server is tried", _CHOICE | _STATUS, _statuses(0, 502, 503, 504)),
    ("max_fails", _CHOICE | _STATUS, _statuses(0, 502, 503, 504)),
    ("max_conns", _CHOICE | _STATUS, _statuses(502, 503)),
    ("limits the whole answer", _STATUS, _statuses(0, 502, 503, 504)),
    ("a second line of the same name", frozenset({"request header", "response header"}), _repeats_a_header),
    ("Service decides on IPv4 and IPv6", NOTHING, None),
    ("query twice", frozenset({"location"}), None),
    ("second question mark", frozenset({"location", "request"}), None),
    ("an empty Location", frozenset({"location"}), None),
)


def concerns(directive: str, reason: str, request: Request, nginx: Reply, gateway: Reply) -> frozenset[str]:
    """The fields that a directive's outcome, of which the report gives this reason, can have changed in the answers to this request."""
    about = [(fields, when) for words, fields, when in _ABOUT if words in reason]
    if about:
        return frozenset().union(*(fields for fields, when in about if when is None or when(request, nginx, gateway)))
    when = _WHEN.get(directive)
    if when is not None and not when(request, nginx, gateway):
        return NOTHING
    return _BY_NAME.get(directive, EVERYTHING)


def covers(fields: frozenset[str], field: str) -> bool:
    """Whether one of the fields is this one, or its kind."""
    kind = " ".join(field.split(" ")[:2])
    return bool(fields & {"everything", field, kind})
