"""Benchmarks: ``python -m tests.benchmarks [--quick] [--json] [name …]``. Ratios, measured side by side; Linux."""
