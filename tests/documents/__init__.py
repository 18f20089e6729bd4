"""Documents: what leaves the app."""
