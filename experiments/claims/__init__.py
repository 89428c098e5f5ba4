"""The study's claims as tests of the model: one input moved in the same worlds, and a mutant on which the same test must fail."""
