"""The door: ``streamlit run app.py``. Why the script itself is lib/shell.py is told in docs/architecture.md."""

from pathlib import Path

import streamlit as st

from lib.web import exception_handlers, lifespan, middleware, on_script_error, routes

app = st.App(
    Path(__file__).parent / "lib" / "shell.py",
    routes=routes,
    middleware=middleware,
    lifespan=lifespan,
    on_script_error=on_script_error,
    exception_handlers=exception_handlers,
)
