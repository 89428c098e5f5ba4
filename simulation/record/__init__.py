"""What is counted: the history of a run, and the outcomes defined on it."""
