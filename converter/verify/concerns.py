"""Which part of an answer a directive can change: what the report says of a directive excuses no other difference.

Words are those of Difference.field, `request header` and `response header` for all of their kind. A directive that is not listed may change
everything.
"""

from converter.model.outcomes import PlatformDifference as Platform

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
        resolver_timeout send_timeout limit_conn limit_conn_status limit_conn_zone limit_req limit_req_status limit_req_zone""",
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
    Platform.RESPONSE_HEADERS: _RESPONSE,
}


def concerns(directive: str) -> frozenset[str]:
    """The fields that a directive can change."""
    return _BY_NAME.get(directive, EVERYTHING)


def covers(fields: frozenset[str], field: str) -> bool:
    """Whether one of the fields is this one, or its kind."""
    kind = " ".join(field.split(" ")[:2])
    return bool(fields & {"everything", field, kind})
