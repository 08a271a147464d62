"""Reads access logs into the requests worth asking: the distinct ones, the most frequent first. Logs may be far larger than memory."""

import os
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from converter.model.verification import Request
from converter.verify.log_format import LogFormat, LogFormatError, formats_of, log_format
from converter.verify.log_lines import LogError, check_logs, pour
from converter.verify.url import server_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["LogError", "LogFormatError", "LogSummary", "LogsUnavailable", "formats_of", "read_access_log"]

SAFE = ("GET", "HEAD")
_MEMORY = "256MB"  # of DuckDB; what does not fit goes into a temporary folder
_LONGEST_LINE = 262_144  # octets; four times what nginx takes of a request
_METHODS_NAMED = 10
_IN_PATH = "/!$&'()*+,;=:@~-._"  # what a path may hold as it is: RFC 3986 section 3.3
_PORT = re.compile(r":([0-9]{1,5})$")


class LogsUnavailable(Exception):
    """DuckDB is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class LogSummary:
    """What stands in access logs, and what will be asked of it.

    requests: distinct requests with how often they came, the most frequent first, then by text. They have no client's address: with it
              nearly each would be distinct.
    lines:    in all the files.
    usable:   lines that can be asked again; distinct: different requests among them; kept: lines that `requests` stand for.
    left_out: why, and how many lines; together with `kept` these are all lines.
    notes:    what the format does not say of a request, for people.
    """

    requests: tuple[Request, ...]
    lines: int
    usable: int
    distinct: int
    kept: int
    left_out: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The part of the usable lines that `requests` stand for, 0 to 1."""
        return self.kept / self.usable if self.usable else 0.0


def read_access_log(paths: Sequence[Path], format: str, most: int, host: str | None = None, scheme: str | None = None) -> LogSummary:
    """The `most` frequent distinct requests with GET or HEAD in access logs of one format, plain or gzip.

    format: see `log_format`; `formats_of` finds those of a configuration.
    host:   the Host of lines that say none; such lines are left out without it.
    scheme: http or https where neither $scheme, $https nor the ports 80 and 443 say it; http without it.

    Raises LogFormatError, LogError (a file cannot be read) and LogsUnavailable (DuckDB is missing).
    """
    read = log_format(format)
    check_logs(paths)
    connect = _duckdb()
    with tempfile.TemporaryDirectory(prefix="nginx2istio-") as folder:
        source, sink = os.pipe()
        with ThreadPoolExecutor(1) as pool:
            poured = pool.submit(pour, paths, sink)
            try:
                database = _folded(connect, folder, f"/dev/fd/{source}", read, host)
            finally:
                os.close(source)  # lets `pour` end, whatever happened
        with database:
            return _summary(database, read, poured.result(), most, scheme)


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise LogsUnavailable("access logs need DuckDB: install it with `pip install nginx2istio[logs]`") from None
    return duckdb


def _folded(duckdb: Any, folder: str, source: str, read: LogFormat, host: str | None) -> "DuckDBPyConnection":
    """A database with the table `folded`: distinct requests and what is left out, with their numbers of lines."""
    settings = {
        "memory_limit": _MEMORY,
        "threads": 2,
        "temp_directory": f"{folder}/spill",
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    database: DuckDBPyConnection = duckdb.connect(f"{folder}/folded", config=settings)
    try:
        database.execute(f"SET allowed_paths = ['{source}']; SET enable_external_access = false; SET lock_configuration = true")
        database.execute(_fold(read), {"source": source, "pattern": read.pattern, "loose": read.loose, "broken": read.broken, "host": host})
    except duckdb.Error as error:
        database.close()
        raise LogError(f"the access logs cannot be folded: {str(error).strip().splitlines()[0]}") from None
    return database


def _fold(read: LogFormat) -> str:
    """The statement that reads, takes apart and folds. Names in it are of a closed list; all that users give is a parameter.

    No WHERE stands behind a regex: DuckDB would move it down and match every line twice.
    """
    groups = ", ".join(f"'{name}'" for name in ("whole", *read.names))
    columns = ", ".join(f"v.{name} AS {name}" for name in read.names)
    method, target = _method_and_target(read.names)
    return f"""
    CREATE TABLE folded AS
    WITH lines AS (
        SELECT line, regexp_extract(line, $pattern, [{groups}]) AS narrow FROM read_csv(
            [$source], columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false, delim = '\0', quote = '', escape = '',
            comment = '', new_line = '\\n', strict_mode = true, ignore_errors = true,
            max_line_size = {_LONGEST_LINE}, buffer_size = {32 * _LONGEST_LINE})
    ), parsed AS (
        SELECT CASE WHEN narrow.whole <> '' THEN narrow ELSE regexp_extract(line, $loose, [{groups}]) END AS v FROM lines
    ), counted AS (
        SELECT coalesce(v.whole, '') <> '' AS fits, {columns}, count(*) AS count FROM parsed GROUP BY ALL
    ), split AS (
        SELECT *, regexp_extract({"request" if "request" in read.names else "''"}, '^([^ ]+) (.+) HTTP/[0-9][.][0-9]$', ['method', 'target']) AS r
        FROM counted
    ), asked AS (
        SELECT {method} AS method, {target} AS target, {_host(read.names)} AS host, {_scheme(read.names)} AS scheme,
            {"server_port" if "server_port" in read.names else "''"} AS port, fits, count FROM split
    ), judged AS (
        SELECT *, CASE WHEN NOT fits THEN 'format'
            WHEN method = '' OR target = '' OR regexp_matches(target || coalesce(host, ''), $broken) THEN 'broken'
            WHEN method NOT IN {SAFE} THEN 'method' WHEN host IS NULL THEN 'host' ELSE 'usable' END AS kind FROM asked
    )
    SELECT kind, CASE WHEN kind IN ('usable', 'method') THEN method END AS method, CASE WHEN kind = 'usable' THEN target END AS target,
        CASE WHEN kind = 'usable' THEN host END AS host, CASE WHEN kind = 'usable' THEN scheme END AS scheme,
        CASE WHEN kind = 'usable' THEN port END AS port, sum(count)::BIGINT AS count
    FROM judged GROUP BY ALL"""


def _method_and_target(names: tuple[str, ...]) -> tuple[str, str]:
    method = "request_method" if "request_method" in names else "r.method"
    if "request" in names:
        return method, "r.target"
    if "request_uri" in names:
        return method, "request_uri"
    path = "uri" if "uri" in names else "document_uri"
    query = next((name for name in ("args", "query_string") if name in names), "''")
    return method, f"{path} || CASE WHEN {query} IN ('', '-') THEN '' ELSE '?' || {query} END"


def _host(names: tuple[str, ...]) -> str:
    told = [f"nullif(nullif(split.{name}, ''), '-')" for name in ("http_host", "host") if name in names]
    if "server_name" in names:  # a pattern of names is no host
        told.append("nullif(regexp_extract(split.server_name, '^[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$'), '')")
    return f"coalesce({', '.join([*told, '$host::VARCHAR'])})"


def _scheme(names: tuple[str, ...]) -> str:
    if "scheme" in names:
        return "split.scheme"
    return "CASE WHEN split.https = 'on' THEN 'https' ELSE 'http' END" if "https" in names else "''"


def _summary(database: "DuckDBPyConnection", read: LogFormat, lines: int, most: int, scheme: str | None) -> LogSummary:
    numbers = database.execute("SELECT kind, count(*), sum(count)::BIGINT FROM folded GROUP BY kind").fetchall()
    totals = {kind: (distinct, count) for kind, distinct, count in numbers}
    distinct, usable = totals.get("usable", (0, 0))
    rows = database.execute(
        "SELECT method, target, host, scheme, port, count FROM folded WHERE kind = 'usable'"
        " ORDER BY count DESC, host, target, method, scheme, port LIMIT $most",
        {"most": most},
    ).fetchall()
    kept = sum(row[-1] for row in rows)
    left_out = [
        *_other_methods(database),
        ("not in the log format", lines - sum(count for kind, (_, count) in totals.items() if kind != "format")),
        ("no request of HTTP", totals.get("broken", (0, 0))[1]),
        ("no host, and none was given", totals.get("host", (0, 0))[1]),
        (f"beyond the {most:,} most frequent", usable - kept),
    ]
    requests = tuple(_request(read, row, scheme) for row in rows)
    return LogSummary(requests, lines, usable, distinct, kept, tuple(entry for entry in left_out if entry[1]), tuple(_notes(read.names)))


def _other_methods(database: "DuckDBPyConnection") -> list[tuple[str, int]]:
    rows = database.execute("SELECT method, count FROM folded WHERE kind = 'method' ORDER BY count DESC, method").fetchmany(_METHODS_NAMED)
    found = database.execute("SELECT sum(count)::BIGINT FROM folded WHERE kind = 'method'").fetchall()
    rest = (found[0][0] or 0) - sum(count for _, count in rows)
    return [(f"method {method[:20]}", count) for method, count in rows] + [("further methods", rest)]


def _request(read: LogFormat, row: tuple[Any, ...], usual: str | None) -> Request:
    method, target, host, scheme, port, count = row
    target, host = _target(read, target), read.octets(host)
    named = _PORT.search(host)
    number = int(port) if re.fullmatch("[0-9]{1,5}", port) else int(named[1]) if named else 0
    known = scheme if scheme in ("http", "https") else {443: "https", 80: "http"}.get(number, usual or "http")
    number = number if 1 <= number <= 65535 else {"http": 80, "https": 443}[known]
    sni = server_name(host) if known == "https" else ""
    times = f"{count:,} times" if count > 1 else "once"
    return Request(method, target, host, known, number, sni, count=count, reasons=(f"access log, {times}",))


def _target(read: LogFormat, value: str) -> str:
    if {"request", "request_uri"} & set(read.names):
        return read.octets(value)
    path, mark, query = value.partition("?")  # nginx decoded the path: a `?` of its own is lost
    return quote(read.octets(path), _IN_PATH, "latin-1") + mark + read.octets(query)


def _notes(names: tuple[str, ...]) -> list[str]:
    notes = []
    if not {"request", "request_uri"} & set(names):
        notes.append("the log has $uri, which nginx normalised: how the paths were spelled is lost")
    if not {"http_host", "host", "server_name"} & set(names):
        notes.append("the log does not say the host: all requests are asked of the one that was given")
    if "server_name" in names and not {"http_host", "host"} & set(names):
        notes.append("the log has $server_name, not the Host that was asked for")
    if not {"scheme", "https", "server_port"} & set(names):
        notes.append("the log does not say whether a request came over TLS")
    return notes
