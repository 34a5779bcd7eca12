"""Measurements; each script prints its tables: `python -m benchmarks.<name>`."""
