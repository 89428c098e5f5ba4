"""The model: what is known, what a user decides, the weekly steps and what is counted."""

__version__ = "0.1.0"

ENGINES = ("arrays", "mesa")
"""The same model twice: compiled, for everything at scale; and as agents of Mesa, to be read and changed."""
