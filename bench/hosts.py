"""A generated configuration: many hosts as legacy estates have them, always the same text for the same number."""

LOCATIONS = 16


def configuration(hosts: int) -> str:
    """A whole nginx.conf with `hosts` servers of 16 locations each, and an upstream for each."""
    return "events {}\nhttp {\n" + "".join(map(_host, range(hosts))) + "}\n"


def machine(number: int) -> str:
    """A whole nginx.conf with the one server of this number."""
    return "events {}\nhttp {\n" + _host(number) + "}\n"


def redirect_list(lines: int) -> str:
    """A whole nginx.conf with one server and a map of that many paths that it redirects."""
    rows = "".join(f"    /old/{number}.html /new/{number};\n" for number in range(lines))
    server = "server { listen 80; server_name shop.example.com; if ($new) { return 301 $new; } location / { return 404; } }"
    return f"events {{}}\nhttp {{\n  map $uri $new {{\n{rows}  }}\n  {server}\n}}\n"


def _host(number: int) -> str:
    locations = "".join(_location(number, place) for place in range(LOCATIONS))
    network = f"10.{number // 250}.{number % 250}"
    return (
        f"  upstream backend{number} {{ server {network}.1:8080 weight=2; server {network}.2:8080; }}\n"
        f"  server {{\n    listen 80;\n    server_name host{number}.example.com www.host{number}.example.com;\n"
        f"    client_max_body_size 8m;\n{locations}  }}\n"
    )


def _location(number: int, place: int) -> str:
    match place % 4:
        case 0:
            head, body = f"/api{place}/", f"proxy_pass http://backend{number}/;"
        case 1:
            head, body = f"= /exact{place}", f"return 301 https://host{number}.example.com/new{place};"
        case 2:
            head, body = f"~ ^/files{place}/(.*)\\.png$", f"proxy_pass http://backend{number};"
        case _:
            head, body = f"/app{place}", f"proxy_pass http://backend{number}; proxy_set_header Host $host; add_header X-Place {place};"
    return f"    location {head} {{ {body} proxy_read_timeout 30s; }}\n"
