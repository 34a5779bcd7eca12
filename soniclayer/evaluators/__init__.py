"""Who judges: one folder per evaluator, and the table of them in `registry`."""
