"""Sweeps: what is varied and where, every run of it kept in a store that survives what happens to the machine."""
