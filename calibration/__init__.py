"""Fitting the model to evidence: what it is fitted to, what is held out, and which parameter values lie inside."""
