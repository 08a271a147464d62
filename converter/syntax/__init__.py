"""Texts become a tree of directives with exact positions."""

from converter.syntax.parse import Parsed, parse
from converter.syntax.tree import Directive

__all__ = ["Directive", "Parsed", "parse"]
