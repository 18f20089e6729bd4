"""Use-cases: what the office and the command line ask for."""
