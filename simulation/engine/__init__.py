"""The same model on arrays, for everything at scale: one file a phase, week.py for their order (docs/model.md)."""
