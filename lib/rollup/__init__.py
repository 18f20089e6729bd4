"""Roll-up (汇总): many workbooks, each judged by its own plan, as one set of tables. Needs requirements-rollup.txt."""
