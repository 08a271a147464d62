"""Asks a real nginx and a real gateway the same requests: programs, laboratory, requests, comparison."""
