"""The model: what is known, what a user decides, the weekly steps and what is counted."""

__version__ = "0.1.0"
