"""A roster handed in as a file (名录导入): tried row by row against the workbook, then taken over in one command.

Blank cells erase nothing. A row that would break a rule is left out with the reason; the others are not held up by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lib.domain.edits import Edit
from lib.domain.findings import Finding, Severity
from lib.domain.judge import Judged
from lib.domain.layout import Layout
from lib.domain.normalise import is_blank, key, to_text
from lib.domain.records import Grids, same
from lib.i18n import T_
from lib.services.commands import Commands, fresh_findings
from lib.services.policy import Act, Actor, Case, Role, refusal
from lib.services.roster_rows import COLUMNS, KEY, SHEET, Fate, Line, Reader, Reason, rows_of, table_of
from lib.services.scene import Decision, Refused, Scene
from lib.services.work import Make
from lib.store.base import StoreError
from lib.store.uploads import read_upload
from sheets_schema.snapshot import Cell

ROUNDS = 12
"""How often what is left is tried again without the rows that broke a rule; each time some fewer."""


@dataclass(frozen=True, slots=True)
class Roster:
    """A file tried: its lines, which header was read as which column, headers not taken over, what the act as a
    whole would be answered; the worksheet that was read, and others that hold something."""

    lines: tuple[Line, ...]
    headers: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    decision: Decision
    sheet: str = ""
    others: tuple[str, ...] = ()

    @property
    def good(self) -> tuple[Line, ...]:
        """The lines that an import would take over."""
        return tuple(line for line in self.lines if line.fate in (Fate.NEW, Fate.CHANGED))

    def count(self, fate: Fate) -> int:
        """How many lines have a fate."""
        return sum(line.fate is fate for line in self.lines)


def try_roster(office: Commands, actor: Actor, data: bytes, name: str) -> Roster:
    """What a file's rows would do. Nothing changes. Raises ``Refused`` when it is no roster or not the actor's to
    import."""
    _refuse_others(actor)
    try:
        snapshot = read_upload(data, name)
    except StoreError as error:
        raise Refused(T_("{why}", why=str(error)), T_("换一份文件再试；没有任何改动")) from error
    raw, layout = table_of(snapshot.sheets, name)
    grids = office.keeper.grids
    judged = office.verdicts.of(grids.snapshot)
    reader = Reader(judged, snapshot.epoch_1904)
    lines = list(_matched(rows_of(raw, layout, reader), grids, reader))
    lines, decision = _tried(lines, office, actor, judged)
    header = raw.cells[layout.header_row - 1]
    headers = tuple((to_text(header[at]), name) for name, at in layout.positions.items() if name in COLUMNS)
    others = tuple(sheet.title for sheet in snapshot.sheets if sheet is not raw and sheet.cells)
    return Roster(tuple(lines), headers, _ignored(header, layout), decision, raw.title, others)


def _ignored(header: Sequence[Cell], layout: Layout) -> tuple[str, ...]:
    """Headers of columns that are not taken over: unknown ones, a column's second, and those that the app fills in."""
    taken = {at for name, at in layout.positions.items() if name in COLUMNS}
    return tuple(to_text(cell) for at, cell in enumerate(header) if at not in taken and not is_blank(cell))


def import_roster(actor: Actor, lines: Sequence[Line]) -> Make:
    """Take over lines as they were shown (名录导入), whole or not at all; the office alone may."""

    def make(scene: Scene) -> list[Edit]:
        _refuse_others(actor)
        return list(_edits(scene, lines, {}))

    return make


def _refuse_others(actor: Actor) -> None:
    """A roster names associations, which is what the policy lets the office alone do."""
    reason = refusal(Case(Role(actor.role), Act.ADD, KEY, SHEET.by_name["name"], own=True))
    if reason is not None:
        raise Refused(reason, T_("请办公室办理，或改用有权限的账号"))


def _matched(lines: Iterable[Line], grids: Grids, reader: Reader) -> Iterator[Line]:
    """Each line with the record it is, by credit code or else by name, and the cells in which it differs."""
    grid = grids.get(KEY)
    held = {record: grid.values(at) for record, at in grid.rows.items()} if grid is not None else {}
    codes = _index(held, "credit_code")
    names = _index(held, "name")
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.refused is not None:
            yield line
            continue
        code, name = key(line.values.get("credit_code")), key(line.values.get("name"))
        by_code, by_name = codes.get(code), names.get(name)
        marks = [("code", code), ("name", name), ("record", by_code or by_name or "")]
        first = next((seen[mark] for mark in marks if mark[1] and mark in seen), None)
        seen |= {mark: line.row for mark in marks if mark[1] and mark not in seen}
        if first is not None:
            twin = T_("与本文件第 {n} 行是同一家协会", n=first)
            yield replace(line, refused=reader.twin(twin, T_("文件里每家协会只留一行")))
        elif by_code and by_name and by_code != by_name:
            why = T_(
                "名称是名录中的“{name}”，信用代码却是“{value}”的",
                name=to_text(held[by_name].get("name")), value=to_text(held[by_code].get("name")),
            )  # fmt: skip
            yield replace(line, refused=reader.twin(why, T_("对照登记证书核对名称和信用代码")))
        else:
            yield _compared(line, by_code or by_name or "", held, reader, grids.snapshot.epoch_1904)


def _index(held: Mapping[str, Mapping[str, Cell]], name: str) -> dict[str, str]:
    """What stands in a column, as a comparison key → the first record in which it does."""
    found: dict[str, str] = {}
    for record, cells in held.items():
        if not is_blank(cells.get(name)):
            found.setdefault(key(cells[name]), record)
    return found


def _compared(
    line: Line, record: str, held: Mapping[str, Mapping[str, Cell]], reader: Reader, epoch_1904: bool
) -> Line:
    if not record:
        return line
    now = held[record]
    changed = {
        name: value
        for name, value in line.values.items()
        if name not in now or not same(reader.value(COLUMNS[name], now[name], epoch_1904), value)
    }
    return replace(line, record=record, values=changed, expected={name: now.get(name) for name in changed})


def _edits(scene: Scene, lines: Iterable[Line], rows: dict[str, int]) -> Iterator[Edit]:
    """The edits of lines; ``rows`` learns which record belongs to which row of the file."""
    for line in lines:
        edits = (
            scene.set(KEY, line.record, line.values, line.expected) if line.record else [scene.add(KEY, line.values)]
        )
        rows |= {edit.record: line.row for edit in edits}
        yield from edits


def _tried(lines: list[Line], office: Commands, actor: Actor, before: Judged) -> tuple[list[Line], Decision]:
    """All lines tried at once; those that break a rule are refused by it, and the rest is tried again."""
    refused: dict[int, Reason] = {}
    decision = Decision(True)
    rows: dict[str, int] = {}
    for _round in range(ROUNDS):
        good = [line for line in lines if line.fate in (Fate.NEW, Fate.CHANGED) and line.row not in refused]
        rows = {}
        tried = office.preview(actor, _trial(good, rows))
        decision = tried.decision
        if decision.allowed or tried.after is None or not decision.rule:
            break
        errors = [f for f in fresh_findings(before, tried.after) if f.severity is Severity.ERROR]
        refused |= _blamed(errors, rows, good, tried.after)
    doubts: dict[int, list[Reason]] = {}
    for note in decision.notes:
        if note.severity is Severity.WARNING:
            doubts.setdefault(rows.get(note.record, 0), []).append(_reason(note))
    done = [
        replace(line, refused=line.refused or refused.get(line.row), doubts=tuple(doubts.get(line.row, ())))
        for line in lines
    ]
    return done, decision


def _trial(lines: Sequence[Line], rows: dict[str, int]) -> Make:
    return lambda scene: list(_edits(scene, lines, rows))


def _reason(finding: Finding) -> Reason:
    return Reason(finding.rule, finding.clause, finding.message, finding.remedy)


def _blamed(
    errors: Sequence[Finding], rows: Mapping[str, int], lines: Sequence[Line], after: Judged
) -> dict[int, Reason]:
    """Row of the file → the error it brings about: in its own record; else in what hangs on that, or on its
    former name; else in its unit's work; and where nobody can tell, every row that changes what is there."""
    former = {key(line.expected["name"]): line.row for line in lines if line.expected.get("name")}

    def by_itself(error: Finding) -> list[int]:
        return [rows[error.record]] if error.record in rows else []

    def by_association(error: Finding) -> list[int]:
        about = rows.get(_association(error, after)) or former.get(key(error.value))
        return [about] if about else []

    def by_unit(error: Finding) -> list[int]:
        return [line.row for line in lines if error.unit and error.unit in _units(line, after)]

    for told in (by_itself, by_association, by_unit, lambda _error: [line.row for line in lines]):
        found = {row: _reason(error) for error in reversed(errors) for row in told(error)}
        if found:
            return found
    return {}


def _association(error: Finding, after: Judged) -> str:
    """The association that a broken record is about."""
    read = next((read for read in after.parsed.values() if read.sheet.label == error.sheet), None)
    row = read.record(error.row) if read is not None and error.row is not None else None
    document = after.world.documents.get(getattr(row, "document", ""))
    return getattr(row, "association", None) or (document.association if document else None) or ""


def _units(line: Line, after: Judged) -> tuple[str, ...]:
    """The units whose work a line may touch: the one that supervises the association, and the one that did."""
    known = after.world.associations.get(line.record)
    return to_text(line.values.get("unit")), to_text(line.expected.get("unit")), known.unit if known else ""
