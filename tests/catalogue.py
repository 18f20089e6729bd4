"""The texts people read: collect them from code and plans, keep the English catalogue complete (``make i18n``)."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from lib.i18n import LOCALE_DIR
from sheets_schema.plan_load import PLANS_DIR, load_plan

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "T_": None}
ENGLISH = LOCALE_DIR / "en" / "LC_MESSAGES" / "messages.po"
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_NOT_SHOWN = {"id", "phase", "aliases", "associations", "source", "window_start", "window_end"}


def msgids() -> list[str]:
    """Every text that is shown to people, in the order of the files."""
    found: dict[str, None] = {}
    for folder in ("lib", "pages", "sheets_schema"):
        methods = [("**.py", "python"), ("**.html", "jinja2")]
        for _file, _line, message, _comments, _context in extract_from_dir(ROOT / folder, methods, keywords=KEYWORDS):
            if isinstance(message, str):
                found[message] = None
    for plan in sorted(PLANS_DIR.glob("*.yaml")):
        loaded = load_plan(plan)
        found |= dict.fromkeys(_plan_texts(loaded.model_dump(mode="json")))
        found |= dict.fromkeys(period.title for period in loaded.cadence.periods)
    return list(found)


def _plan_texts(data: object, key: str = "") -> Iterator[str]:
    """The plan's own terms; clause numbers and aliases stay as they are."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name not in _NOT_SHOWN and key != "topics" and name != "clause":
                yield from _plan_texts(value, name)
    elif isinstance(data, list):
        for value in data:
            yield from _plan_texts(value, key)
    elif isinstance(data, str) and _CHINESE.search(data):
        yield data


def places(text: str) -> set[str]:
    """The ``{name}`` places of a text."""
    return {name for _text, name, _spec, _conv in string.Formatter().parse(text) if name}


def english() -> dict[str, str]:
    """The English catalogue as it stands."""
    if not ENGLISH.exists():
        return {}
    with ENGLISH.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


def update() -> int:
    """Write the catalogue with every text, keeping translations; gives how many are still missing."""
    known = english()
    catalogue = Catalog(locale="en", project="tuogou-workbench", version="0.1.0", header_comment="# English texts.")
    for msgid in msgids():
        catalogue.add(msgid, known.get(msgid, ""))
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, catalogue, omit_header=False, width=110)
    text = ENGLISH.read_text(encoding="utf-8")
    text = re.sub(
        r'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid[^:]*): [^\n]*\n',
        "",
        text,
    )
    ENGLISH.write_text(text, encoding="utf-8")
    return sum(not known.get(msgid) for msgid in msgids())


if __name__ == "__main__":
    print(f"missing: {update()}")
