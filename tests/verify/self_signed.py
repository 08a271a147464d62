"""A TLS server's context with a certificate that nobody signed, made on the spot."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


def server_context(folder: Path, name: str = "shop") -> ssl.SSLContext:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed, which makes the certificate")
    make = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={name} -keyout key -out cert"
    subprocess.run(["openssl", *make.split()], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert", folder / "key")
    return context
