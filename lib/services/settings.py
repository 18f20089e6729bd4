"""Settings (设置): where the workbook and the plan are. Environment variables override the embedded default."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent.parent
ZONE = ZoneInfo("Asia/Shanghai")
WORKBOOK_NAME = "脱钩工作台.xlsx"


FOLDER = ".{stem}.tuogou"
"""The folder beside a workbook that holds its journal, its backups and its lock."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The workbook's path, the plan (a file or a shipped plan's id; None: the default), the poll interval, and the
    names under which the server is reached (none: any)."""

    workbook: Path
    plan: str | None
    poll_seconds: float
    is_default: bool
    hosts: tuple[str, ...] = ()


def settings() -> Settings:
    """Settings of this process: ``TUOGOU_WORKBOOK``, ``TUOGOU_PLAN``, ``TUOGOU_POLL_SECONDS``, ``TUOGOU_HOSTS``."""
    workbook = os.environ.get("TUOGOU_WORKBOOK")
    return Settings(
        Path(workbook) if workbook else ROOT / "data" / WORKBOOK_NAME,
        os.environ.get("TUOGOU_PLAN"),
        float(os.environ.get("TUOGOU_POLL_SECONDS", "1")),
        is_default=not workbook,
        hosts=tuple(filter(None, map(_host, os.environ.get("TUOGOU_HOSTS", "").replace("，", ",").split(",")))),
    )


def as_typed(words: str) -> str:
    """A command of ours as somebody types it in the app's folder: by the Python we run under, whatever its name."""
    python = Path(sys.executable)
    here = python.relative_to(ROOT) if python.is_relative_to(ROOT) else python
    return f"{here} -m lib.cli {words}"


def _host(typed: str) -> str:
    """A name as it is compared; somebody may have copied a whole address."""
    text = typed.strip()
    return (urlsplit(text if "//" in text else f"//{text}").hostname or "").rstrip(".")


def folder_of(workbook: Path) -> Path:
    """Where a workbook's journal and backups are kept: beside it, hidden."""
    return workbook.with_name(FOLDER.format(stem=workbook.stem))


def today() -> date:
    """Today in Asia/Shanghai, wherever the server stands."""
    return datetime.now(ZONE).date()


def now() -> datetime:
    """Now in Asia/Shanghai, to the second."""
    return datetime.now(ZONE).replace(microsecond=0)
