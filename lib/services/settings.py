"""Settings (设置): where the workbook and the plan are. Environment variables override the embedded default."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent.parent
ZONE = ZoneInfo("Asia/Shanghai")
WORKBOOK_NAME = "脱钩工作台.xlsx"


@dataclass(frozen=True, slots=True)
class Settings:
    """The workbook's path, the plan (a file or a shipped plan's id; None: the default), the poll interval."""

    workbook: Path
    plan: str | None
    poll_seconds: float
    is_default: bool


def settings() -> Settings:
    """Settings of this process: ``TUOGOU_WORKBOOK``, ``TUOGOU_PLAN``, ``TUOGOU_POLL_SECONDS``."""
    workbook = os.environ.get("TUOGOU_WORKBOOK")
    return Settings(
        Path(workbook) if workbook else ROOT / "data" / WORKBOOK_NAME,
        os.environ.get("TUOGOU_PLAN"),
        float(os.environ.get("TUOGOU_POLL_SECONDS", "1")),
        is_default=not workbook,
    )


def today() -> date:
    """Today in Asia/Shanghai, wherever the server stands."""
    return datetime.now(ZONE).date()


def now() -> datetime:
    """Now in Asia/Shanghai, to the second."""
    return datetime.now(ZONE).replace(microsecond=0)
