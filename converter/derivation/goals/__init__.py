"""Aims by what they are about, each with the ways to make its requests."""
