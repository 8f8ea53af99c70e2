"""A tree with one file of an older release."""
