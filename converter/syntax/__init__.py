"""Texts become a tree of directives with exact positions."""
