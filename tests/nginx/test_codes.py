"""Every code that following a configuration gives is explained, and no other."""

import re
from pathlib import Path

from converter.nginx.codes import EXPLANATIONS


def test_every_code_is_explained(root: Path) -> None:
    room = root / "converter"
    files = [*(room / "nginx").rglob("*.py"), room / "conversion.py"]
    used = {code for path in files if path.name != "codes.py" for code in re.findall(r'"(NGX\d{3})"', path.read_text(encoding="utf-8"))}
    assert used == set(EXPLANATIONS)
