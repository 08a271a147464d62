"""Requests made from a configuration: what ought to be asked of a real nginx and of the converted gateway."""

from converter.verify.derivation.aims import Aim, Derived
from converter.verify.derivation.derive import derive

__all__ = ["Aim", "Derived", "derive"]
