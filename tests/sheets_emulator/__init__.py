"""A test double of the part of Google Sheets v4 and Drive v3 that the app and its people use.

``with Emulator() as emu:`` in a test, ``python -m tests.sheets_emulator --port 8765`` on its own.
"""

from .client import emulator_client, emulator_session, redirect
from .emulator import Emulator
from .errors import ApiError
from .people import EDITOR, EDITOR_2, OWNER, SERVICE, VIEWER

__all__ = [
    "EDITOR",
    "EDITOR_2",
    "OWNER",
    "SERVICE",
    "VIEWER",
    "ApiError",
    "Emulator",
    "emulator_client",
    "emulator_session",
    "redirect",
]
