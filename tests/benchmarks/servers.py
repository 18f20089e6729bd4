"""Streamlit servers of a benchmark's own, on 127.0.0.1, each in a process whose CPU time and memory can be read."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lib.ui.session import USER_COOKIE
from tests.benchmarks.driver import HOST
from tests.entrance import come_in

ROOT = Path(__file__).resolve().parent.parent.parent
PORTS = range(8700, 8800)
START_SECONDS = 60.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, its port, and the cookie of somebody signed in there."""

    process: subprocess.Popen[bytes]
    port: int
    cookie: str

    @property
    def cpu(self) -> float:
        """Seconds of CPU (user and system, all threads, also those that have ended) used so far; Linux."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    @property
    def memory(self) -> int:
        """Resident bytes; Linux."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024


@contextmanager
def serve(script: Path, folder: Path, env: Mapping[str, str], *options: str, cookie: str = "") -> Iterator[Server]:
    """Run ``streamlit run script`` in ``folder`` until the block ends; errors it logs appear on our own stderr.

    ``folder`` decides which ``.streamlit/config.toml`` is in force.
    """
    port = _free_port()
    command = [
        sys.executable, "-m", "streamlit", "run", str(script),
        "--server.port", str(port), "--server.address", HOST, "--server.headless", "true",
        "--logger.level", "error", *options,
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        _wait(process, port)
        yield Server(process, port, cookie)
    finally:
        _stop(process)


def our_app(workbook: Path, poll_seconds: float = 1.0) -> contextlib.AbstractContextManager[Server]:
    """The project's own app with the project's own configuration, on a workbook."""
    env = {"TUOGOU_WORKBOOK": str(workbook), "TUOGOU_POLL_SECONDS": str(poll_seconds)}
    return serve(ROOT / "app.py", ROOT, env, cookie=f"{USER_COOKIE}={come_in(workbook)}")


def _free_port() -> int:
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise RuntimeError(f"no free port in {PORTS}")


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            with contextlib.closing(connection):
                connection.request("GET", "/_stcore/health")
                if connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR:
                    return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not answer within {START_SECONDS:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
