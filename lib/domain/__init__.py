"""The plan's rules as pure functions: no I/O, no clock, no Streamlit."""
