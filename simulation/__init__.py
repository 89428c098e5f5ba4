"""The model: what is known, what a user decides, the weekly steps and what is counted."""
