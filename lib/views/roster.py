"""A roster tried (名录导入预演) as words: what becomes of each row of the file; the refused rows as a file again."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from io import StringIO

from lib.domain.normalise import to_text
from lib.i18n import _
from lib.services.roster import Roster
from lib.services.roster_rows import COLUMNS, FATE_WORDS, Fate, Line
from lib.views.plain import inert


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the file as words."""

    row: int
    fate: str
    name: str
    record: str
    what: str
    clause: str
    remedy: str


MARKS = {Fate.NEW: "＋", Fate.CHANGED: "●", Fate.SAME: "○", Fate.REFUSED: "✕"}


def lines_of(roster: Roster, fate: str | None = None) -> tuple[Shown, ...]:
    """The rows of a file; refused ones first, then those with doubts, as these are what somebody has to look at."""
    found = [line for line in roster.lines if fate is None or line.fate == fate]
    found.sort(key=lambda line: (line.fate is not Fate.REFUSED, not line.doubts, line.row))
    return tuple(map(_shown, found))


def _shown(line: Line) -> Shown:
    reasons = (line.refused,) if line.refused else line.doubts
    said = [str(reason.message) for reason in reasons]
    what = said if line.refused else [*_changes(line), *said]
    return Shown(
        line.row, f"{MARKS[line.fate]} {_(FATE_WORDS[line.fate])}", line.cells.get("name", ""), line.record,
        " · ".join(what), " · ".join(dict.fromkeys(f"{_(r.clause)} {r.rule}" for r in reasons)),
        " · ".join(str(reason.remedy) for reason in reasons),
    )  # fmt: skip


def _changes(line: Line) -> list[str]:
    if line.fate is Fate.CHANGED:
        pairs = ((name, line.expected.get(name), cell) for name, cell in line.values.items())
        return [
            _("{label}：{old} → {new}", label=_(COLUMNS[name].label), old=to_text(old) or "—", new=to_text(new))
            for name, old, new in pairs
        ]
    if line.fate is Fate.NEW:
        return [
            _("{label}：{value}", label=_(COLUMNS[name].label), value=to_text(cell))
            for name, cell in line.values.items()
            if name != "name"
        ]
    return []


def refused_csv(roster: Roster) -> bytes:
    """The refused rows with their cells as they were and the reason, for Excel; no cell can start a formula. Corrected,
    it can be handed in again: the headers are the roster's."""
    names = [name for name in COLUMNS if any(name in line.cells for line in roster.lines)]
    out = StringIO()
    writer = csv.writer(out)
    labels = [COLUMNS[name].label for name in names]
    writer.writerow([*labels, _("文件行号"), _("规则"), _("依据"), _("问题"), _("改法")])
    for line in roster.lines:
        if line.refused is not None:
            told = line.refused
            cells = [line.cells.get(name, "") for name in names]
            row = (*cells, str(line.row), told.rule, _(told.clause), str(told.message), str(told.remedy))
            writer.writerow([inert(text) for text in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")
