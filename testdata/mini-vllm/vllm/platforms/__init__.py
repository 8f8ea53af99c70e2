"""Picks the platform."""

from .rocm import RocmPlatform

current_platform = RocmPlatform()
