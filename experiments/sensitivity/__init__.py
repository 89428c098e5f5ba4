"""Which parameters decide an outcome, and how much of it is chance: indices with intervals that know the model's own randomness."""
