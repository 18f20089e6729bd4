"""Ctrl+Z: what one person did last is taken back, what others did since stays."""

from __future__ import annotations

from .errors import ApiError
from .grid import renamed
from .model import Book, Change, Row, Sheet


def undo(book: Book, who: str, now: float) -> None:
    """Take back the last change of ``who``."""
    last = next((one for one in reversed(book.history) if one.who == who), None)
    if last is None:
        raise ApiError("Nothing to undo.")
    with book.change(who, now):
        _take_back(book, last)
        book.touched()
    book.history.pop()
    book.history.remove(last)


def _take_back(book: Book, change: Change) -> None:
    before = {sheet.id: sheet for sheet in change.before}
    after = {sheet.id: sheet for sheet in change.after}
    book.sheets = [sheet for sheet in book.sheets if sheet.id in before or sheet.id not in after]
    here = {sheet.id: sheet for sheet in book.sheets}
    for place, sheet in enumerate(change.before):
        if sheet.id not in after and sheet.id not in here:
            book.sheets.insert(place, sheet.copy())
        elif sheet.id in after and sheet.id in here:
            _tab(book, sheet, after[sheet.id], here[sheet.id])


def _tab(book: Book, before: Sheet, after: Sheet, now: Sheet) -> None:
    if before.title != after.title and now.title == after.title:
        now.title = before.title
        renamed(book, after.title, before.title)
    if before.column_count != after.column_count:
        if now.rows != after.rows:
            raise ApiError("This double can't undo a change of columns that others have written over.")
        now.rows, now.columns, now.column_count = list(before.rows), list(before.columns), before.column_count
        return
    for name in ("protections", "filter", "conditionals", "hidden", "frozen_rows", "meta", "columns"):
        if getattr(before, name) != getattr(after, name) and getattr(now, name) == getattr(after, name):
            setattr(now, name, getattr(before, name))
    if before.row_count != after.row_count:
        _rows_in_and_out(before, after, now, book.quirks.undo_brings_metadata_back)
        now.row_count += before.row_count - after.row_count
    old = {row.uid: row for row in before.rows}
    new = {row.uid: row for row in after.rows}
    if [u for u in old if u in new] != [u for u in new if u in old]:
        _order(now, {uid: place for place, uid in enumerate(old)})
    for index, row in enumerate(now.rows):
        was, became = old.get(row.uid), new.get(row.uid)
        if became is not None and was is not became:
            now.rows[index] = _row(was or Row(), became, row)


def _rows_in_and_out(before: Sheet, after: Sheet, now: Sheet, keep_metadata: bool) -> None:
    old = {row.uid for row in before.rows}
    new = {row.uid for row in after.rows}
    now.rows = [row for row in now.rows if row.uid in old or row.uid not in new]
    for place, row in enumerate(before.rows):
        if row.uid in new:
            continue
        at = {one.uid: index for index, one in enumerate(now.rows)}
        above = next((at[one.uid] + 1 for one in reversed(before.rows[:place]) if one.uid in at), 0)
        now.rows.insert(above, row if keep_metadata else row.but(meta=()))


def _order(now: Sheet, places: dict[int, int]) -> None:
    slots = [index for index, row in enumerate(now.rows) if row.uid in places]
    rows = sorted((now.rows[index] for index in slots), key=lambda row: places[row.uid])
    for index, row in zip(slots, rows, strict=True):
        now.rows[index] = row


def _row(was: Row, became: Row, now: Row) -> Row:
    values = list(now.values) + [None] * (len(was.values) - len(now.values))
    for column in range(max(len(was.values), len(became.values))):
        if was.at(column) != became.at(column) and now.at(column) == became.at(column):
            values[column] = was.at(column)
    extras = was.extras if now.extras == became.extras else now.extras
    meta = was.meta if now.meta == became.meta else now.meta
    return now.but(values=values, extras=extras, meta=meta)
