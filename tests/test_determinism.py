"""The same source gives the same bytes, wherever and however it is converted."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

SITES = {
    "conf.d/a.conf": "server { listen 80; server_name a.example; location / { proxy_pass http://10.0.0.1; } }\n",
    "conf.d/b.conf": "upstream u { server 10.0.0.2; server 10.0.0.3 weight=2; }\n"
    "server { listen 80; listen 443 ssl; server_name b.example *.b.example;\n"
    "ssl_certificate b.crt; ssl_certificate_key b.key; allow 10.0.0.0/8; deny all;\nlocation ~ \\.php$ { proxy_pass http://u; add_header X-A $m; }\n"
    "location /p/ { proxy_pass http://u/; proxy_set_header X-B $cookie_s; } }\n",
    "conf.d/m.conf": "map $http_x_a $m { default 1; ~^b 2; c 3; }\n",
    "conf.d/z.conf": "server { listen 80 default_server; return 301 https://b.example$request_uri; }\n",
}  # fmt: skip


def folder(place: Path, files: list[str], main: bool) -> Path:
    """A source below a place, its files made in an order: a folder lists them in another one."""
    root = place / "source"
    (root / "conf.d").mkdir(parents=True)
    for name in files:
        (root / name).write_text(SITES[name], encoding="utf-8")
    if main:
        (root / "nginx.conf").write_text("events { }\nhttp { include conf.d/*.conf; }\n", encoding="utf-8")
    return place


def converted(place: Path, seed: str) -> dict[str, bytes]:
    """All output files of a conversion that is run in a place of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC{int(seed) % 9}"}
    command = [sys.executable, "-m", "converter", "convert", "source", "-o", "out", "--report", "html", "--fail-on", "never"]
    environment["PYTHONPATH"] = str(Path(__file__).parent.parent)
    subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True)
    out = place / "out"
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_same_bytes_whatever_the_hash_seed_the_place_and_the_order_of_files(tmp_path: Path) -> None:
    for main in (True, False):
        orders = itertools.islice(itertools.permutations(SITES), 0, None, 9)
        runs = [
            converted(folder(tmp_path / str(main) / ("x" * (number + 1)), list(order), main), str(number * 37))
            for number, order in enumerate(orders)
        ]
        assert len(runs) >= 3
        assert any("virtualservice" in name for name in runs[0])
        assert "report/hosts/a.example.html" in runs[0]
        assert all(run == runs[0] for run in runs[1:])


def test_nothing_of_the_machine_is_in_the_output(tmp_path: Path) -> None:
    place = folder(tmp_path, list(SITES), main=True)
    words = [str(tmp_path), str(Path(__file__).parent.parent)]
    for name, content in converted(place, "1").items():
        assert not [word for word in words if word.encode() in content], name
