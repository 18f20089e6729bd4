"""A real LibreOffice and the app, each in processes of its own, told by lines of JSON what to do."""

from __future__ import annotations

import json
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
PATIENCE = 120.0
"""Seconds after which an answer is not to be expected any more."""
PERSON = "王五"
"""Who works in LibreOffice: the name stands in its lock file."""
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.UserProfile/Data"><prop oor:name="givenname" oor:op="fuse"><value>{name}</value></prop>
</item></oor:items>
"""


class Gone(Exception):
    """The other side has ended before it answered."""


class Refused(Exception):
    """The other side could not do what it was told."""


class Talk:
    """A process that answers each line of JSON with one."""

    def __init__(self, command: Sequence[str], log: Path, **environment: str) -> None:
        self.log = log
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log.open("ab"), cwd=ROOT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        )  # fmt: skip
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith(b"\n"):  # a kill may cut a line short: that is no answer
                self._answers.put(line)
        self._answers.put(None)

    def tell(self, do: str, **what: Any) -> None:
        assert self.process.stdin is not None
        with self.log.open("a", encoding="utf-8") as log:
            print(f"{time.time():.3f}", do, *what.values(), file=log)
        try:
            self.process.stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise Gone(self.log.read_text()[-2000:]) from error

    def answer(self) -> Any:
        line = self._answers.get(timeout=PATIENCE)
        if line is None:
            raise Gone(self.log.read_text()[-2000:])
        found = json.loads(line)
        if isinstance(found, dict) and "error" in found:
            raise Refused(found["error"])
        return found

    def ask(self, do: str, **what: Any) -> Any:
        self.tell(do, **what)
        return self.answer()

    @property
    def has_answered(self) -> bool:
        return not self._answers.empty()

    def end(self) -> None:
        """Ask nothing more and wait."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)


class Office:
    """LibreOffice without a window, with a profile of its own, and the person who works in it."""

    def __init__(self, folder: Path) -> None:
        python, soffice = python_with_uno(), shutil.which("soffice")
        assert python, "CI must have python3-uno"
        assert soffice, "CI must have LibreOffice"
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE.format(name=PERSON), "utf-8")
        address = f"pipe,name=tuogou{uuid.uuid4().hex[:12]}"
        quiet = ("--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard")
        with (folder / "soffice.log").open("wb") as log:
            self.process = subprocess.Popen(
                [soffice, *quiet, f"-env:UserInstallation={profile.as_uri()}", f"--accept={address};urp;"],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.talk = Talk([python, str(HERE / "uno_side.py"), address], folder / "uno.log")
        self.talk.answer()

    def ask(self, do: str, **what: Any) -> Any:
        return self.talk.ask(do, **what)

    def stop(self) -> None:
        """End it, and only it: the launcher and the program it started are one group."""
        try:
            self.talk.ask("quit")
            self.process.wait(20)
        except (Gone, Refused, subprocess.TimeoutExpired):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.talk.end()


class App:
    """The app on a workbook, in a process that can be killed at any moment and started again.

    A second process waits with everything imported, so that a restart takes no longer than opening the workbook.
    """

    def __init__(self, workbook: Path, folder: Path, *flags: str) -> None:
        self.workbook, self.folder, self.flags = workbook, folder, flags
        self.kills = 0
        self._spare = self._spawn()
        self.talk = self._next()

    def _spawn(self) -> Talk:
        command = [sys.executable, "-m", "tests.libreoffice.app_side", str(self.workbook), *self.flags]
        return Talk(command, self.folder / "app.log")

    def _next(self) -> Talk:
        ready, self._spare = self._spare, self._spawn()
        ready.answer()
        return ready

    def kill(self, after: float) -> Any:
        """Kill it some seconds from now, whatever it does; its answer to what it was told, or None if it gave none.

        It stays dead until ``start``.
        """
        time.sleep(after)
        self.talk.process.kill()
        self.talk.process.wait()
        self.kills += 1
        try:
            return self.talk.answer()
        except Gone:
            return None

    def start(self) -> None:
        self.talk = self._next()

    def ask(self, do: str, **what: Any) -> Any:
        return self.talk.ask(do, **what)

    def stop(self) -> None:
        for talk in (self.talk, self._spare):
            if talk.process.poll() is None:
                talk.end()


@cache
def python_with_uno() -> str | None:
    """A Python that can talk to LibreOffice: the system's, or the one LibreOffice brings along."""
    soffice = shutil.which("soffice")
    own = [Path(soffice).resolve().parent / "python"] if soffice else []
    for python in (sys.executable, "/usr/bin/python3", *map(str, own)):
        if Path(python).exists():
            found = subprocess.run([python, "-c", "import uno, unohelper"], capture_output=True, check=False)
            if found.returncode == 0:
                return python
    return None


def missing() -> str:
    """What these tests need and this machine lacks, in words; empty when nothing."""
    if shutil.which("soffice") is None:
        return "no LibreOffice on this machine: install the package libreoffice-calc-nogui"
    if python_with_uno() is None:
        return "no Python here can import uno: install the package python3-uno"
    return ""


def some_moment(chance: random.Random) -> float:
    """Seconds until a kill: the app records in a few milliseconds and writes in some tens."""
    return chance.choice((0.0, chance.uniform(0, 0.02), chance.uniform(0, 0.3), chance.uniform(0, 1.0)))
