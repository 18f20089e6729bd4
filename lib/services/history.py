"""What the journal tells (变更历史), kept in memory: who touched which cell last, open conflicts, ids ever given."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lib.domain.edits import Edit, Op, from_json, pack, unpack
from lib.domain.identify import Given
from lib.domain.merge import Conflict, Origin, Past
from lib.i18n import N_
from lib.store.journal_lines import Entry
from sheets_schema.snapshot import Cell, Torn
from sheets_schema.workbook import BY_KEY

OUTSIDE = N_("表格直改")
"""The actor of edits made in the workbook itself."""
_NUMBER = re.compile(r"-(\d{1,9})$")
DIGITS = 4
"""Of ids in a sheet that has none yet."""


class Touch(NamedTuple):
    """The last change to a cell: the app's revision at that time, and for one made outside the revision it was
    made from, carried by the workbook that was saved."""

    at: int
    carried: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One edit as it happened: the journal's entry it stands in, when, who, what kind of act."""

    seq: int
    at: str
    day: str
    """The day from which it counts, ``2016-03-31``."""
    actor: str
    action: str
    edit: Edit
    user: str = ""
    """The account, where somebody was signed in: two people may have one name."""


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """A conflict waiting for a person. ``id`` names it in the journal."""

    id: str
    at: str
    sheet: str
    record: str
    column: str
    base: Any
    ours: Any
    theirs: Any


@dataclass
class History:
    """Everything the journal tells that the next decision needs. ``take`` it entry by entry, in order."""

    revision: int = 0
    """The number of the last flush."""
    workbook: str = ""
    flushed: str = ""
    """The content the last flush left."""
    merged: str = ""
    """The content of the last save that was merged, while the app has not written over it."""
    digests: set[str] = field(default_factory=set)
    """Contents of the workbook that are known, so that a stray file can be told from somebody's save."""
    changes: list[Change] = field(default_factory=list)
    conflicts: dict[str, OpenConflict] = field(default_factory=dict)
    seq: int = 0
    """The number of the last entry."""
    written: int = 0
    """Of a spreadsheet edited in place: the last entry whose changes stand in it."""
    removed: dict[tuple[str, str], Change] = field(default_factory=dict)
    """Records that people deleted in the workbook, by the change that did: on an earlier day they were there."""
    undone: set[int] = field(default_factory=set)
    """Entries taken back."""
    adopted: set[int] = field(default_factory=set)
    """Entries made outside that somebody has confirmed."""
    torn: dict[int, Torn] = field(default_factory=dict)
    """Entries that hold a partial sort and are neither undone nor adopted: its sheet is frozen."""
    _carried: int = 0
    """The revision that the workbook carries as it stands."""
    _since: list[tuple[int, bool, Edit]] = field(default_factory=list)
    """The edits since the last copy: entry, whether they stand in the workbook because they were made there, edit."""
    _stands: tuple[int, list[Edit]] = (0, [])
    """Of a spreadsheet edited in place: what the last write left otherwise than it is held, and after which entry."""
    _touches: dict[tuple[str, str, str], Touch] = field(default_factory=dict)
    _shown: dict[tuple[str, str, str], list[tuple[int, Edit]]] = field(default_factory=lambda: defaultdict(list))
    """Cell or record → the edits made there outside, each with the revision it was made from."""
    _given: dict[int, list[Given]] = field(default_factory=lambda: defaultdict(list))
    """Revision → the rows that saves made from it had besides, in the order of saves and rows."""
    _highest: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Sheet key → the highest number of an id, and how many digits ids have."""

    def take(self, entry: Entry) -> None:
        """Learn one entry. Unknown kinds tell nothing, so that an older version can read a newer journal."""
        data, self.seq = entry.data, entry.seq
        if data.get("digest"):
            self.digests.add(data["digest"])
        if entry.kind in ("command", "outside"):
            edits = [from_json(edit) for edit in data["edits"]]
            self._edits(entry, edits, data.get("carried"))
        if entry.kind == "outside":
            self.merged, self._carried = data["digest"], data["carried"]
            self._given[data["carried"]] += map(_given, data.get("given", ()))
        for made in data.get("conflicts", ()):
            self.conflicts[made["id"]] = OpenConflict(at=entry.at, **made)
        resolved = data.get("resolves") or ()
        for name in (resolved,) if isinstance(resolved, str) else resolved:
            self.conflicts.pop(name, None)
        for sheet, columns in data.get("torn", {}).items():
            self.torn[entry.seq] = Torn(sheet, tuple(columns), len({edit["record"] for edit in data["edits"]}))
        for word, known in (("undoes", self.undone), ("adopts", self.adopted)):
            if data.get(word) is not None:
                known.add(data[word])
                self.torn.pop(data[word], None)
        if entry.kind == "adopt":
            self.workbook = data["workbook"]
        left = frozenset(data.get("without", ()))
        if entry.kind in ("adopt", "flush"):
            self._given[data["revision"]] += [one for one in self._given[self._carried] if one.sheet in left]
            self._carried = data["revision"]
            self.revision, self.merged = data["revision"], ""
            self.flushed = data["digest"] if entry.kind == "flush" else ""
            through = data.get("through", entry.seq)
            self._since = [one for one in self._since if one[0] > through or one[2].sheet in left]
            self._since += [(entry.seq, False, from_json(edit)) for edit in data.get("pending", ())]
            self._stands = (0, [])
        if "through" in data:
            self.written = data["through"]
            self._stands = (entry.seq, [from_json(edit) for edit in data.get("stands", ())])

    def _edits(self, entry: Entry, edits: Iterable[Edit], carried: int | None) -> None:
        touch = Touch(max(self.revision, carried or 0), carried)
        for edit in edits:
            actor, day = entry.data["actor"], entry.data["day"]
            change = Change(entry.seq, entry.at, day, actor, entry.data["action"], edit, entry.data.get("user", ""))
            self.changes.append(change)
            self._since.append((entry.seq, actor == OUTSIDE and not entry.data.get("displaced"), edit))
            self._touches[edit.sheet, edit.record, edit.column] = touch
            if carried is not None:
                self._shown[edit.sheet, edit.record, edit.column].append((carried, edit))
            self.reserve(edit.sheet, edit.record)
            if edit.op is Op.REMOVE and actor == OUTSIDE:
                self.removed[edit.sheet, edit.record] = change
            elif edit.op is Op.ADD:
                self.removed.pop((edit.sheet, edit.record), None)

    @property
    def since_flush(self) -> list[Edit]:
        """Every edit since the last copy of the workbook."""
        return [edit for _seq, _outside, edit in self._since]

    @property
    def in_workbook(self) -> list[Edit]:
        """Of a spreadsheet edited in place: those of them that stand in it, because they were made there or written;
        and what the last write found that it could not replace."""
        after, stands = self._stands
        found = [(seq, edit) for seq, outside, edit in self._since if outside or seq <= self.written]
        before = [edit for seq, edit in found if seq <= after]
        return [*before, *stands, *(edit for seq, edit in found if seq > after)]

    @property
    def frozen(self) -> frozenset[str]:
        """Sheets into which nothing is written until somebody decides on their partial sort."""
        return frozenset(torn.sheet for torn in self.torn.values())

    def of_entry(self, seq: int) -> list[Edit]:
        """The edits of one entry."""
        return [change.edit for change in self.changes if change.seq == seq]

    @property
    def unwritten(self) -> list[Edit]:
        """The others: of these nobody has noted that they were written."""
        return [edit for seq, outside, edit in self._since if not outside and seq > self.written]

    def past(self, revision: int, sheet: str, record: str, column: str) -> Past:
        """How what the app holds came to differ from the workbook as it was at a revision."""
        touch = self._touches.get((sheet, record, column)) or self._touches.get((sheet, record, ""))
        if touch is None or touch.at < revision:
            return Past()
        whole = [edit for carried, edit in self._shown.get((sheet, record, ""), ()) if carried == revision]
        shown: list[Cell] = [edit.op is Op.ADD for edit in whole]
        if column:
            shown = [edit.values.get(column) for edit in whole if edit.op is Op.ADD]
            mine = self._shown.get((sheet, record, column), ())
            shown += [edit.new for carried, edit in mine if carried == revision]
        return Past(Origin.HAND if touch.carried == revision else Origin.OTHER, tuple(shown))

    def given(self, revision: int) -> Sequence[Given]:
        """The rows that saves made from a revision had and it had not, or not under their id."""
        return self._given.get(revision, ())

    def reserve(self, sheet: str, record: str) -> None:
        """Note that an id is taken, for good."""
        number = _NUMBER.search(record)
        if number:
            highest, digits = self._highest.get(sheet, (0, 0))
            self._highest[sheet] = max(highest, int(number.group(1))), max(digits, len(number.group(1)))

    def mint(self, sheet: str) -> str:
        """The next id of a sheet; none is ever given twice, not even after its record was removed."""
        highest, digits = self._highest.get(sheet, (0, 0))
        self._highest[sheet] = highest + 1, digits
        return f"{BY_KEY[sheet].prefix}-{highest + 1:0{digits or DIGITS}d}"

    def trial_ids(self) -> Callable[[str], str]:
        """Gives ids as ``mint`` would, but for a trial: none is used up."""
        lent = History()
        lent._highest = dict(self._highest)
        return lent.mint

    def of_record(self, sheet: str, record: str) -> Iterator[Change]:
        """The changes of one record, the latest first."""
        return (c for c in reversed(self.changes) if c.edit.sheet == sheet and c.edit.record == record)


def edits_in(entry: Entry) -> list[Edit]:
    """The edits an entry of the journal holds, of whatever kind it is."""
    return [from_json(edit) for edit in entry.data.get("edits", ())]


def conflicts_data(conflicts: Iterable[Conflict]) -> list[dict[str, Any]]:
    """Conflicts for the journal, each under an id."""
    return [_conflict_data(conflict, uuid.uuid4().hex[:12]) for conflict in conflicts]


def _conflict_data(conflict: Conflict, name: str) -> dict[str, Any]:
    values = {side: _pack(getattr(conflict, side)) for side in ("base", "ours", "theirs")}
    return {"id": name, "sheet": conflict.sheet, "record": conflict.record, "column": conflict.column, **values}


def given_data(given: Given) -> dict[str, Any]:
    """A row to be known again, for the journal."""
    return {"sheet": given.sheet, "record": given.record, "typed": given.typed, "values": _pack(given.values)}


def _given(data: Mapping[str, Any]) -> Given:
    values = {name: unpack(cell) for name, cell in data["values"].items()}
    return Given(data["sheet"], data["record"], data["typed"], values)


def _pack(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: pack(cell) for name, cell in value.items()}
    return pack(value)
