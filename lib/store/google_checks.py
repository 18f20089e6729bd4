"""What is wrong with each record, shown in the spreadsheet without ever writing into people's rows.

A hidden tab lists id and text; the header cell of a column 校验 holds one array formula that looks them up. So sorting
and inserting cannot bring a finding to the wrong row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.store.google_batch import Cells, write
from lib.store.google_reading import CHECK, Tab

CHECKS = "_校验"
"""The hidden tab."""


def formula(label: str, id_column: str) -> str:
    """The formula for the header of a column 校验. It reaches down to the last id only, so that the rows below stay
    empty for whoever appends; it names whole columns and its own row only, so that neither sorting nor inserting,
    deleting or moving rows and columns makes it look elsewhere."""
    column = f"{id_column}:{id_column}"
    ids = f'INDEX({column},ROW()+1):INDEX({column},MAX(ROW()+1,FILTER(ROW({column}),{column}<>"")))'
    return f'={{"{label}";ARRAYFORMULA(IFNA(VLOOKUP({ids},\'{CHECKS}\'!A:B,2,FALSE),""))}}'


def works(typed: str) -> bool:
    """Whether what is typed at 校验 is the formula, and the tab it looks into has not been deleted from under it."""
    return typed.startswith("=") and "VLOOKUP" in typed and CHECKS in typed and "#REF!" not in typed


@dataclass
class Checks:
    """Record id → its text, and where each id is listed in the hidden tab."""

    texts: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    tab: int | None = None

    def take(self, tab: Tab | None) -> bool:
        """Learn what the tab says; True when it is something new."""
        texts: dict[str, str] = {}
        lines: dict[str, int] = {}
        for at, row in enumerate(tab.values if tab is not None else ()):
            if row and row[0] != "" and str(row[0]) not in lines:
                lines[str(row[0])] = at
                texts[str(row[0])] = str(row[1]) if len(row) > 1 else ""
        changed = texts != self.texts
        self.texts, self.lines, self.tab = texts, lines, tab.id if tab is not None else None
        return changed

    def shown(self, tab: Tab) -> Tab:
        """A tab with the texts at its rows, as the formula shows them."""
        at = tab.check_at
        if at is None:
            return tab
        rows = [(n, self.texts.get(tab.record(n), "")) for n in range(tab.header + 1, len(tab.values))]
        differing = [(n, {at: text}) for n, text in [(tab.header, CHECK), *rows] if text != tab.at(n, at)]
        return tab.with_cells(differing) if differing else tab

    def changed(self, texts: Mapping[str, str]) -> tuple[Checks, list[tuple[int, str, str]]]:
        """With other texts for some records: the new state, and the lines to write as (line, id, text)."""
        made = Checks(dict(self.texts), dict(self.lines), self.tab)
        free = iter(sorted({*range(len(self.lines) + len(texts))} - {*self.lines.values()}))
        told = []
        for record, text in texts.items():
            if record not in made.lines and not text:
                continue
            line = made.lines.setdefault(record, -1)
            if line < 0:
                line = made.lines[record] = next(free)
            made.texts[record] = text
            told.append((line, record, text))
        return made, told


def freed(tabs: Iterable[Tab]) -> list[Cells]:
    """The cells to clear so that the formula can show its texts again. What people typed there is nobody's edit."""
    found = []
    for tab in tabs:
        at = tab.check_at
        if at is None or not tab.blocked:
            continue
        rows = (n for n in range(tab.header + 1, len(tab.values)) if tab.at(n, at) != "")
        found += [Cells(tab.id, n, tab.record(n), tab.whole(n), {at: ""}) for n in rows]
    return found


def requests(tab: int, told: list[tuple[int, str, str]]) -> list[dict[str, Any]]:
    """Requests that write those lines."""
    return [write(tab, line, 0, [record, text]) for line, record, text in told]
