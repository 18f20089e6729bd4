"""Find the declared sheets and columns in what people made of them: renamed, moved, doubled, missing, extra."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lib.domain.findings import Hit
from lib.domain.normalise import column_letters, is_blank, key, to_text
from lib.domain.rules import schema as S
from sheets_schema.reports import NO_HEADINGS, Headings
from sheets_schema.sheet import Column, Sheet
from sheets_schema.snapshot import Mark, RawSheet, Snapshot
from sheets_schema.workbook import APP, META, PEOPLE, called

HEADER_SEARCH = 10
"""How many rows from the top the header is looked for."""
CLOSE = 0.6
"""How alike two names must be to be taken for one another."""

_TITLES = [(sheet, [key(name) for name in (sheet.label, *sheet.aliases)]) for sheet in PEOPLE + APP]


@dataclass(frozen=True)
class Layout:
    """Where a sheet's columns are: the header's row (1-based), field name → 0-based position, extra headers."""

    header_row: int
    positions: dict[str, int]
    extras: tuple[tuple[int, str], ...]
    hits: tuple[Hit, ...]

    @cached_property
    def addresses(self) -> dict[str, int]:
        """Field name → 1-based column."""
        return {name: position + 1 for name, position in self.positions.items()}


def match_sheets(snapshot: Snapshot, headings: Headings = NO_HEADINGS) -> tuple[dict[str, RawSheet], list[Hit]]:
    """Declared sheet key → worksheet, and what was found out: missing (S01), renamed (S02), extra (S09)."""
    places = _by_title(tuple(raw.title for raw in snapshot.sheets))
    matched = {sheet: snapshot.sheets[at] for sheet, at in places.items()}
    sheets = sheets_in(matched, headings)
    taken = {raw.title for raw in matched.values()}
    hits = []
    for sheet in PEOPLE:
        if sheet.key in matched:
            continue
        spare = [raw for raw in snapshot.sheets if raw.title not in taken]
        best = max(spare, key=lambda raw: _share_of_headers(raw, sheets[sheet.key]), default=None)
        if best is not None and _share_of_headers(best, sheets[sheet.key]) >= CLOSE:
            matched[sheet.key] = best
            taken.add(best.title)
            hits.append(S.S02.hit(sheet=sheet.key, label=sheet.label, found=best.title))
        else:
            hits.append(S.S01.hit(sheet=sheet.key, label=sheet.label))
    hits += [S.S09.hit(sheet=raw.title, found=raw.title) for raw in snapshot.sheets if raw.title not in taken]
    return matched, hits


def sheets_in(matched: Mapping[str, RawSheet], headings: Headings) -> Mapping[str, Sheet]:
    """Sheet key → the declared sheet with its columns as they are called by a plan's ``headings`` and by ``_meta`` of
    these worksheets."""
    return called(headings, meta_of(matched))


def meta_of(matched: Mapping[str, RawSheet]) -> dict[str, str]:
    """What the workbook tells of itself in ``_meta``, in sheets as ``match_sheets`` found them."""
    raw = matched.get(META.key)
    return {to_text(row[0]): to_text(row[1]) for row in raw.cells[1:] if len(row) > 1 and row[0]} if raw else {}


@lru_cache(maxsize=16)
def _by_title(titles: tuple[str, ...]) -> dict[str, int]:
    """Declared sheet key → the place of the worksheet that has its title. Every command asks, about the same tabs."""
    places = {key(title): at for at, title in enumerate(titles)}
    found = ((sheet.key, next((places[name] for name in names if name in places), None)) for sheet, names in _TITLES)
    return {sheet: at for sheet, at in found if at is not None}


def _share_of_headers(raw: RawSheet, sheet: Sheet) -> float:
    labels = {key(column.label) for column in sheet.columns if not column.spare}
    rows = [{key(cell) for cell in row} for row in raw.cells[:HEADER_SEARCH]]
    return max((len(labels & row) for row in rows), default=0) / len(labels)


def find_layout(raw: RawSheet, sheet: Sheet) -> Layout:
    """The layout of a worksheet, with findings S03–S10 and S24."""
    other = {key(name): column for column in sheet.columns for name in column.aliases}
    wanted = {key(column.label): column for column in sheet.columns}
    scores = [sum(key(cell) in wanted or key(cell) in other for cell in row) for row in raw.cells[:HEADER_SEARCH]]
    at = scores.index(max(scores)) if scores else 0
    header = raw.cells[at] if raw.cells else ()
    there = set(map(key, header))  # beside a column's own name another one of its names is no name of it
    wanted = {name: column for name, column in other.items() if key(column.label) not in there} | wanted
    positions: dict[str, int] = {}
    unknown: list[tuple[int, str]] = []
    hits: list[Hit] = []
    place = {"sheet": sheet.key, "row": at + 1}
    if at:
        hits.append(S.S24.hit(**place, n=at + 1))
    for position, cell in enumerate(header):
        column = wanted.get(key(cell))
        if is_blank(cell):
            continue
        if column is None:
            unknown.append((position, to_text(cell)))
        elif column.name in positions:
            hits.append(S.S06.hit(**place, column=column.name, label=column.label, value=cell, position=position + 1))
        else:
            positions[column.name] = position
            if key(cell) != key(column.label):
                hits.append(S.S05.hit(**place, column=column.name, found=to_text(cell), label=column.label))
    extras = list(_adopt_renamed(sheet, unknown, positions, hits, at + 1))
    order = [positions[column.name] for column in sheet.columns if column.name in positions]
    if order != sorted(order):
        hits.append(S.S07.hit(**place))
    for position, label in extras:
        hits.append(S.S08.hit(**place, label=label, value=label, column=label, position=position + 1))
    for column in sheet.columns:
        if column.name not in positions and column.name != "check" and not column.spare:
            if column.required:
                count = sum(any(not is_blank(c) for c in row) for row in raw.cells[at + 1 :])
                hits.append(S.S03.hit(**place, label=column.label, n=count))
            else:
                hits.append(S.S04.hit(**place, label=column.label))
    hits += _merged(raw, sheet, at + 1)
    return Layout(at + 1, positions, tuple(extras), tuple(hits))


def _adopt_renamed(
    sheet: Sheet, unknown: Sequence[tuple[int, str]], positions: dict[str, int], hits: list[Hit], row: int
) -> Iterator[tuple[int, str]]:
    """Take an unknown header that is close to a missing one, and to no other, for it (S05); yield those that stay
    unknown."""
    names = {name: column for column in sheet.columns for name in (*column.aliases, column.label)}
    for position, label in unknown:
        column = _close(label, names)
        if column is not None and column.name not in positions and not column.spare:
            positions[column.name] = position
            hits.append(S.S05.hit(sheet=sheet.key, row=row, column=column.name, found=label, label=column.label))
        else:
            yield position, label


def _close(label: str, names: Mapping[str, Column]) -> Column | None:
    """The column with the name most like a header; None when none is alike, or one of two columns might be meant."""
    near = difflib.get_close_matches(label, list(names), n=2, cutoff=CLOSE)
    if not near:
        return None
    if len(near) == 2 and names[near[0]] is not names[near[1]] and _alike(label, near[1]) == _alike(label, near[0]):
        return None
    return names[near[0]]


def _alike(label: str, name: str) -> float:
    return difflib.SequenceMatcher(None, name, label).ratio()


def _merged(raw: RawSheet, sheet: Sheet, header_row: int) -> Iterator[Hit]:
    for top, left, bottom, right in raw.merged:
        if bottom > header_row:
            area = f"{column_letters(left)}{top}:{column_letters(right)}{bottom}"
            yield S.S10.hit(sheet=sheet.key, row=top, area=area)


def mark_hits(raw: RawSheet, sheet: Sheet, layout: Layout) -> Iterator[Hit]:
    """Findings for formula and error cells in declared columns (S11–S13)."""
    names = {position: name for name, position in layout.addresses.items()}
    rules = {Mark.FORMULA: S.S11, Mark.FORMULA_BLANK: S.S12, Mark.ERROR: S.S13}
    for (row, position), (mark, text) in raw.marks.items():
        if row > layout.header_row and position in names and names[position] != "check":
            yield rules[mark].hit(sheet=sheet.key, row=row, column=names[position], value=text)
