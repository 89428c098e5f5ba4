"""The phases of the Mesa model's week, one file each, in the order of docs/model.md, section 4."""
