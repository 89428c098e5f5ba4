"""How fast the engine is, how much memory it takes, and where its time goes: `python -m benchmarks`, or `make bench`."""
