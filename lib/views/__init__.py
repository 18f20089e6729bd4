"""View models: everything a page shows, prepared once for all sessions."""
