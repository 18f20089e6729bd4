"""Spreadsheets: read, provisioned and watched."""
