"""Requests made from a configuration: what ought to be asked of a real nginx and of the converted gateway."""

from converter.derivation.aims import Aim, Derived
from converter.derivation.derive import derive

__all__ = ["Aim", "Derived", "derive"]
