"""`python -m converter.verify.istiod` builds istiod's configuration code, with a word about the progress, and prints where it is."""

import sys

from converter.verify.istiod.build import helper
from converter.verify.unavailable import Unavailable


def main() -> None:
    """Ends with 2 and a sentence where it cannot be built."""
    try:
        sys.stdout.write(f"{helper(_tell)}\n")
    except Unavailable as reason:
        sys.stderr.write(f"{reason}\n")
        sys.exit(2)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
