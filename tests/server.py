"""The app as ``streamlit run app.py`` serves it, in a process of its own, for tests that ask a real server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from lib.services.policy import Role
from tests.entrance import come_in, cookie

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running server on a workbook of its own, from when it says that it is well; ``options`` as on the command line,
    ``settings`` as in the environment."""

    def __init__(
        self, workbook: Path, log: Path, *options: str, script: Path = ROOT / "app.py", **settings: str
    ) -> None:
        port = str(free_port())
        self.url, self.workbook, self.log = f"http://127.0.0.1:{port}", workbook, log
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", port]
        self.process = subprocess.Popen(
            [*command, "--server.address", "127.0.0.1", *options], cwd=ROOT, stdout=log.open("wb"),
            stderr=subprocess.STDOUT, env={**os.environ, **settings, "TUOGOU_WORKBOOK": str(workbook)},
        )  # fmt: skip
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def session(self, role: str = Role.OFFICE, *units: str) -> dict[str, str]:
        """The cookie of somebody signed in, as Playwright takes it."""
        [(name, token)] = cookie(come_in(self.workbook, role, *units)).items()
        return {"name": name, "value": token, "url": self.url}

    def _wait(self) -> None:
        for _try in range(240):
            try:
                if urllib.request.urlopen(f"{self.url}/healthz", timeout=5).status == 200:
                    return
            except OSError:
                time.sleep(0.25)
            assert self.process.poll() is None, self.log.read_text()
        raise TimeoutError(self.log.read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def serving(sample: Path, folder: Path) -> Iterator[Server]:
    """A server on a copy of a workbook in a folder."""
    workbook = folder / "sample.xlsx"
    shutil.copy(sample, workbook)
    with Server(workbook, folder / "server.log") as started:
        yield started
