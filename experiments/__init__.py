"""Questions put to the model: scenarios compared in the same worlds, the statistics of it, figures and the report."""
