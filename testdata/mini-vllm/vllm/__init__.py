"""A stand-in for vLLM: just enough of a tree to show what gfxlint reads."""

from ._version import __version__

__all__ = ["__version__"]
