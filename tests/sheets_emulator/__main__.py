"""``python -m tests.sheets_emulator --port 8765 [--state FILE]``."""

from __future__ import annotations

import argparse
import contextlib
import signal
import time
from pathlib import Path

from .emulator import Emulator


def main() -> None:
    """Run until stopped; with a state file, saved every few seconds and at the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.sheets_emulator")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--state", type=Path)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Emulator(given.port, state=given.state) as emulator, contextlib.suppress(KeyboardInterrupt):
        print(emulator.url, flush=True)
        while True:
            time.sleep(3)
            emulator.save()


if __name__ == "__main__":
    main()
