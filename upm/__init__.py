"""Upward management: a course that teaches it and a tool that measures it."""

__version__ = "0.1.0"
