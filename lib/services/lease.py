"""Whose turn it is to talk to a shared spreadsheet (轮值), among the processes of one machine: the first one's.

A command that runs beside the server records in the journal what it does; the server reads that and writes it.
"""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from filelock import lock_descriptor

from lib.store.files import make_folder

log = logging.getLogger(__name__)
NAME = "turn.lock"
_HELD: dict[str, int] = {}
"""Lock file → its descriptor, for as long as this process lives: the system lets go of it when it dies."""
_ASKING = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_HELD.clear)


class Leased:
    """The turn at the spreadsheet of a folder. All keepers of one process share it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def mine(self) -> bool:
        """Whether it is ours now; takes it when it is free."""
        name = os.path.realpath(self.path)
        with _ASKING:
            if name not in _HELD:
                try:
                    make_folder(self.path.parent)
                    fd = os.open(name, os.O_RDWR | os.O_CREAT, 0o666)
                except OSError as error:
                    log.error("the turn at the spreadsheet cannot be taken: %s", error)
                    return False
                if not lock_descriptor(fd, blocking=False):
                    os.close(fd)
                    return False
                _HELD[name] = fd
            return True
