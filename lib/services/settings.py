"""Settings (设置): where the workbook and the plan are. Environment variables override files and defaults."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lib.i18n import T_, Text

ROOT = Path(__file__).resolve().parent.parent.parent
ZONE = ZoneInfo("Asia/Shanghai")
WORKBOOK_NAME = "脱钩工作台.xlsx"


FOLDER = ".{stem}.tuogou"
"""The folder beside a workbook that holds its journal, its backups and its lock."""
SECRETS = (Path.home() / ".streamlit" / "secrets.toml", ROOT / ".streamlit" / "secrets.toml")
"""Where Streamlit looks for secrets; the last one counts."""
_ADDRESS = re.compile(r"^(?:https?://|docs\.google\.com/).*?/d/(?P<id>[A-Za-z0-9_-]{10,})")
_ID = re.compile(r"[A-Za-z0-9_-]{25,}")
SPREADSHEET = "google"
"""What a command calls the configured spreadsheet."""


@dataclass(frozen=True, slots=True)
class Google:
    """A spreadsheet: its id; the service account's key, as a file or as what stands in it; what is wrong with the
    settings, if anything; and where else than at Google it is, for tests."""

    spreadsheet: str
    key: Path | None = None
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    problem: Text | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The workbook's path, the plan (a file or a shipped plan's id; None: the default), the poll interval, and the
    names under which the server is reached (none: any).

    ``google``: the spreadsheet that is used instead of a file; then ``workbook`` only names the place beside which the
    journal and the plan are kept.
    """

    workbook: Path
    plan: str | None
    poll_seconds: float
    is_default: bool
    hosts: tuple[str, ...] = ()
    google: Google | None = None


def settings() -> Settings:
    """Settings of this process: ``TUOGOU_WORKBOOK``, ``TUOGOU_PLAN``, ``TUOGOU_POLL_SECONDS``, ``TUOGOU_HOSTS``, and
    those of ``google_settings``."""
    workbook = os.environ.get("TUOGOU_WORKBOOK")
    found = Settings(
        Path(workbook) if workbook else ROOT / "data" / WORKBOOK_NAME,
        os.environ.get("TUOGOU_PLAN"),
        float(os.environ.get("TUOGOU_POLL_SECONDS", "1")),
        is_default=not workbook,
        hosts=tuple(filter(None, map(_host, os.environ.get("TUOGOU_HOSTS", "").replace("，", ",").split(",")))),
    )
    google = google_settings()
    return found if google is None or not google.spreadsheet else _on(found, google)


def _on(found: Settings, google: Google) -> Settings:
    return replace(found, workbook=place_of(found.workbook, google.spreadsheet), is_default=False, google=google)


def place_of(workbook: Path, spreadsheet: str) -> Path:
    """The path that stands for a spreadsheet: no such file is ever made, its folder and plan are named after it."""
    return workbook.with_name("google-" + re.sub(r"[^A-Za-z0-9_-]", "_", spreadsheet[:12]))


def chosen(target: Path | str | None) -> Settings:
    """The settings with another workbook: a path, a spreadsheet's address or id, or ``google``; None: no other."""
    found = settings()
    if target is None:
        return found
    spreadsheet = spreadsheet_of(str(target))
    if spreadsheet is None:
        return replace(found, workbook=Path(target), is_default=False, google=None)
    known = found.google or google_settings()
    if spreadsheet == SPREADSHEET:
        spreadsheet = known.spreadsheet if known else ""
    return _on(found, replace(known or Google(""), spreadsheet=spreadsheet))


def spreadsheet_of(text: str) -> str | None:
    """The id in what somebody typed for a spreadsheet, ``google`` for the configured one; None for a file."""
    if text == SPREADSHEET:
        return SPREADSHEET
    text = text.strip()
    address = _ADDRESS.search(text)
    if address:
        return address["id"]
    return text if _ID.fullmatch(text) and not Path(text).exists() else None


def google_settings() -> Google | None:
    """The section ``[google]`` of ``.streamlit/secrets.toml``, under ``TUOGOU_SPREADSHEET`` and ``TUOGOU_GOOGLE_KEY``;
    None when nothing of it is set. A workbook named in the environment counts more than a file's spreadsheet.
    """
    environment = os.environ
    try:
        told = section("google")
        problem = None
    except (ValueError, OSError) as error:
        told, problem = {"spreadsheet": "unreadable"}, T_(".streamlit/secrets.toml 读不了：{why}", why=str(error))
    wanted = environment.get("TUOGOU_SPREADSHEET")
    if wanted is None and "TUOGOU_WORKBOOK" not in environment:
        wanted = str(told.get("spreadsheet") or "")
    key = environment.get("TUOGOU_GOOGLE_KEY") or told.get("key")
    if not wanted and not key and "private_key" not in told:
        return None
    return Google(
        spreadsheet_of(wanted or "") or (wanted or ""),
        _key_path(str(key)) if key else None,
        told if "private_key" in told and not key else {},
        problem,
        google_url(),
    )


def redis_url() -> str | None:
    """Where servers on one spreadsheet agree whose turn it is: ``REDIS_URL``; None: by a file in the shared folder."""
    return os.environ.get("REDIS_URL") or None


def rollup_folder() -> Path | None:
    """Where the roll-up is kept that this server shows: ``TUOGOU_ROLLUP``; None: it shows none."""
    told = os.environ.get("TUOGOU_ROLLUP")
    return ROOT / Path(told).expanduser() if told else None


def has_only_rollup() -> bool:
    """Whether this server shows a roll-up and nothing else: no workbook of its own is named, and none was made."""
    if rollup_folder() is None:
        return False
    found = settings()
    return found.is_default and found.google is None and not found.workbook.exists()


def google_url() -> str | None:
    """Where a stand-in for Google listens on this machine, for tests: ``TUOGOU_GOOGLE_URL``."""
    return os.environ.get("TUOGOU_GOOGLE_URL") or None


def section(name: str) -> Mapping[str, Any]:
    """A section of ``.streamlit/secrets.toml``, empty when there is none. Raises ``ValueError`` and ``OSError``."""
    found: Mapping[str, Any] = {}
    for file in SECRETS:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if f"[{name}]" in text:
            found = tomllib.loads(text).get(name, {})
    return found if isinstance(found, Mapping) else {}


def _key_path(text: str) -> Path:
    """A key's path; one that is not absolute starts at the project's folder."""
    return ROOT / Path(text).expanduser()


def as_typed(words: str) -> str:
    """A command of ours as somebody types it in the app's folder: by the Python we run under, whatever its name, and on
    the workbook that this process was told of, since without that the command would act on another one."""
    told = os.environ.get("TUOGOU_WORKBOOK")
    return (f"TUOGOU_WORKBOOK={shlex.quote(told)} " if told else "") + f"{_python()} -m lib.cli {words}"


def as_shown(words: str) -> str:
    """The same for a page, which names no path of the server: whoever types it puts the workbook's in."""
    return ("TUOGOU_WORKBOOK=… " if os.environ.get("TUOGOU_WORKBOOK") else "") + f"{_python()} -m lib.cli {words}"


def installing(file: str) -> str:
    """How somebody installs what one of our lists of components names, into the Python we run under."""
    return f"{_python()} -m pip install -r {file}"


def _python() -> Path:
    python = Path(sys.executable)
    return python.relative_to(ROOT) if python.is_relative_to(ROOT) else python


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
