"""People at desktop programs: they open the whole file, edit what they see, and save the whole file later."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random

from lib.domain.normalise import to_text
from lib.store.base import digest
from sheets_schema.snapshot import Cell
from tests.faults import table
from tests.faults.table import Sheets

SHEETS = {"协会商会": "associations", "单位": "units"}
"""The sheets in the small workbook that people edit."""
FIELDS = {
    "编号": "id", "协会名称": "name", "登记日期": "registered_on", "联系人": "contact", "备注": "remark",
    "校验": "check", "单位名称": "name", "责任人": "leader",
}  # fmt: skip
OWN = "自己的列"
FORMULAS = ("=1+1", "+86", "-3", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "'x", "\tx")


def column_of(header: str) -> str:
    """The name the app has for a column."""
    return FIELDS.get(header, f"={header}")


@dataclass
class Line:
    """A row by what was typed under each header; ``parent`` is the row of the opened workbook that it was."""

    cells: dict[str, Cell]
    parent: Line | None = None
    version: Version | None = None
    copied: bool = False

    @property
    def id(self) -> str:
        return to_text(self.cells.get("编号")).strip()

    def texts(self) -> dict[str, str]:
        """Column → what a person reads there."""
        found = ((column_of(header), to_text(cell)) for header, cell in self.cells.items())
        return {name: text for name, text in found if text and name not in ("id", "check")}


@dataclass
class Tab:
    headers: list[str]
    lines: list[Line]


@dataclass
class Version:
    """A workbook as it was saved: by the app when ``who`` is empty."""

    data: bytes
    tabs: dict[str, Tab]
    rest: Sheets
    who: str = ""
    opened: Version | None = None
    at: int = 0
    """How many entries the journal had when it was saved."""
    overwritten: bool = False
    """Another program saved over it before the app could look."""

    def __post_init__(self) -> None:
        self.digest = digest(self.data)
        for tab in self.tabs.values():
            for line in tab.lines:
                line.version = self


def version_of(data: bytes) -> Version:
    """What somebody sees who opens the file. Raises an exception when it is no workbook."""
    sheets = table.read(data)
    tabs: dict[str, Tab] = {}
    for title in SHEETS:
        if title in sheets:
            headers = [to_text(cell) for cell in sheets[title][0]]
            lines = [Line(dict(zip(headers, row, strict=False))) for row in sheets[title][1:]]
            tabs[title] = Tab(headers, [line for line in lines if any(to_text(c) for c in line.cells.values())])
    return Version(data, tabs, {title: rows for title, rows in sheets.items() if title not in SHEETS})


@dataclass
class Editor:
    """A desktop program with the workbook open."""

    name: str
    opened: Version
    random: Random
    lock: str = ""
    """What kind of lock file it keeps, if any."""
    in_place: bool = True
    library: bool = False
    """Whether it writes with openpyxl."""
    saves: int = 0
    tabs: dict[str, Tab] = field(default_factory=dict)
    typed: int = 0

    def __post_init__(self) -> None:
        self._take(self.opened)

    def _take(self, version: Version) -> None:
        self.opened = version
        self.tabs = {
            title: Tab(list(tab.headers), [Line(dict(line.cells), line) for line in tab.lines])
            for title, tab in version.tabs.items()
        }

    def token(self) -> str:
        self.typed += 1
        return f"{self.name}.{self.typed}"

    def edit(self) -> str:
        """Do one thing to the workbook; gives what."""
        title = self.random.choices(list(self.tabs), [4, 1][: len(self.tabs)])[0]
        tab = self.tabs[title]
        name = self.random.choices(list(ACTS), WEIGHTS)[0]
        ACTS[name](self, title, tab)
        return f"{name} {title}"

    def save(self, at: int) -> Version:
        """What is written to the file; the program goes on from there."""
        sheets: Sheets = {}
        for title, tab in self.tabs.items():
            rows: list[list[Cell]] = [list(tab.headers)]
            rows += ([line.cells.get(header, "") for header in tab.headers] for line in tab.lines)
            sheets[title] = rows
        sheets |= self.opened.rest
        data = table.write_with_openpyxl(sheets) if self.library else table.write(sheets)
        tabs = {
            title: Tab(list(tab.headers), [Line(dict(n.cells), n.parent, copied=n.copied) for n in tab.lines])
            for title, tab in self.tabs.items()
        }
        made = Version(data, tabs, self.opened.rest, self.name, self.opened, at)
        self._take(made)
        self.saves += 1
        return made

    # acts

    def value(self, tab: Tab, header: str) -> Cell:
        """What somebody types: mostly something new, at times what stands or stood elsewhere, or nothing."""
        kind = self.random.random()
        if kind < 0.6:
            return self.token()
        if kind < 0.7:
            return ""
        if kind < 0.78 and tab.lines:
            return self.random.choice(tab.lines).cells.get(header, "")
        if kind < 0.84:
            return self.random.choice(FORMULAS)
        if kind < 0.9:
            return date(2016, 1, self.random.randint(1, 28))
        if kind < 0.95:
            return float(self.random.randint(0, 9))
        return self.random.choice(["0571", "5.10", "1e5", "TRUE", " 空 格 ", "<&>\"'"])

    def columns(self, tab: Tab) -> list[str]:
        return [header for header in tab.headers if header not in ("编号", "校验")]

    def _set(self, _title: str, tab: Tab) -> None:
        if tab.lines:
            header = self.random.choice(self.columns(tab))
            self.random.choice(tab.lines).cells[header] = self.value(tab, header)

    def _back(self, _title: str, tab: Tab) -> None:
        """Change a cell back to what it was when the workbook was opened, or before that."""
        if tab.lines:
            line = self.random.choice(tab.lines)
            former = line.parent
            while former is not None and former.parent is not None and self.random.random() < 0.7:
                former = former.parent
            if former is not None:
                header = self.random.choice(self.columns(tab))
                line.cells[header] = former.cells.get(header, "")

    def _insert(self, _title: str, tab: Tab) -> None:
        headers = self.columns(tab)
        line = Line({headers[0]: self.token()})
        for header in self.random.sample(headers, self.random.randint(0, len(headers))):
            line.cells[header] = self.value(tab, header) if header != headers[0] else line.cells[header]
        if self.random.random() < 0.1:
            line.cells["编号"] = f"XH-{self.random.randint(1, 12):04d}"
        tab.lines.insert(self.random.randint(0, len(tab.lines)), line)

    def _delete(self, _title: str, tab: Tab) -> None:
        if len(tab.lines) > 1:
            tab.lines.pop(self.random.randrange(len(tab.lines)))

    def _sort(self, _title: str, tab: Tab) -> None:
        header = self.random.choice(tab.headers)
        tab.lines.sort(key=lambda line: to_text(line.cells.get(header)), reverse=self.random.random() < 0.5)

    def _partial_sort(self, _title: str, tab: Tab) -> None:
        """A sort of one column only: its values come off their records."""
        header = self.random.choice(self.columns(tab))
        values = sorted((line.cells.get(header, "") for line in tab.lines), key=to_text)
        for line, cell in zip(tab.lines, values, strict=True):
            line.cells[header] = cell

    def _copy(self, _title: str, tab: Tab) -> None:
        if tab.lines:
            line = self.random.choice(tab.lines)
            made = Line(dict(line.cells), line.parent, copied=True)
            line.copied = True
            if self.random.random() < 0.8:
                header = self.random.choice(self.columns(tab))
                self.random.choice([line, made, made]).cells[header] = self.token()
            tab.lines.insert(self.random.randint(0, len(tab.lines)), made)

    def _paste_over(self, _title: str, tab: Tab) -> None:
        if len(tab.lines) > 1:
            source, target = self.random.sample(tab.lines, 2)
            if self.random.random() < 0.5:
                target.cells = dict(source.cells)  # the id too: the record that stood here is gone
                target.parent, target.copied, source.copied = source.parent, True, True
            else:
                target.cells = {**source.cells, "编号": target.cells.get("编号", "")}
                target.copied = source.copied = True

    def _clear_id(self, _title: str, tab: Tab) -> None:
        if tab.lines:
            self.random.choice(tab.lines).cells["编号"] = ""

    def _column(self, _title: str, tab: Tab) -> None:
        kind = self.random.random()
        if OWN not in tab.headers and kind < 0.5:
            tab.headers.insert(self.random.randint(1, len(tab.headers)), OWN)
        elif kind < 0.8:
            tab.headers.insert(0, tab.headers.pop(self.random.randrange(len(tab.headers))))
        else:
            gone = self.random.choice([OWN, "备注"])
            if gone in tab.headers and len(self.columns(tab)) > 2:
                tab.headers.remove(gone)
                for line in tab.lines:
                    line.cells.pop(gone, None)


ACTS = {
    "set": Editor._set, "back": Editor._back, "insert": Editor._insert, "delete": Editor._delete,
    "sort": Editor._sort, "partial sort": Editor._partial_sort, "copy": Editor._copy,
    "paste over": Editor._paste_over, "clear id": Editor._clear_id, "column": Editor._column,
}  # fmt: skip
WEIGHTS = [40, 10, 12, 7, 7, 2, 6, 4, 4, int(os.environ.get("FAULTS_COLUMNS") or 0)]
"""How often each; columns of people's own are still lost at a restart, and so only tried when asked for."""


# what a person changed


@dataclass(frozen=True)
class Changed:
    """A row somebody changed: ``record`` where the id tells which it is, the columns that differ, all it holds."""

    sheet: str
    record: str
    cells: dict[str, str]
    texts: dict[str, str]
    copied: bool = False
    """The id stood in other rows too when the workbook was opened: it may be any of the records those became."""
    records: tuple[str, ...] = ()
    """Those, once the app's journal has told them."""
    like: str = ""
    """For a row without an id of its own, the record it equals whose own row is gone: it was moved there, not typed."""
    others: tuple[dict[str, str], ...] = ()
    """Where several rows of the opened workbook had this id or none: what differs from each of these. Content alone
    tells which of them it was, and values sorted among them are rows that changed places."""


@dataclass
class Truth:
    """Everything somebody did between opening and saving."""

    changed: list[Changed]
    deleted: set[tuple[str, str]]
    loose: set[str]
    """Sheets with rows that no id tells apart."""


def chain(line: Line) -> Iterator[Line]:
    """A row and the rows it was in the workbooks opened before."""
    found: Line | None = line
    while found is not None:
        yield found
        found = found.parent


@dataclass(frozen=True)
class Learned:
    """What the app knows: the saves it has merged, and the rows of others that came to it in those unchanged."""

    digests: set[str]
    rows: set[int]


def learned_of(versions: Iterable[Version], digests: set[str]) -> Learned:
    """What the app knows of all saves once it has merged some."""
    lines = (n for v in versions if v.digest in digests for tab in v.tabs.values() for n in tab.lines)
    rows = {id(former) for line in lines for former in chain(line) if former.cells == line.cells}
    return Learned(digests, rows)


def floor(line: Line, learned: Learned) -> Line | None:
    """The row as the app knew it last."""
    found = line.parent
    while found is not None and found.version is not None and found.version.who:
        if found.version.digest in learned.digests or id(found) in learned.rows:
            break
        found = found.parent
    return found


def truth(saved: Version, learned: Learned) -> Truth:
    """What the save tells anew."""
    known = saved.opened
    while known is not None and known.who and known.digest not in learned.digests:
        known = known.opened
    assert known is not None
    made = Truth([], set(), set())
    for title, tab in saved.tabs.items():
        _of_tab(title, tab, known.tabs.get(title), learned, made)
    return made


def _of_tab(title: str, tab: Tab, was: Tab | None, learned: Learned, made: Truth) -> None:
    sheet = SHEETS[title]
    lines = [line for line in tab.lines if line.id or line.texts()]  # a row emptied of all is a row deleted
    count = Counter(line.id for line in lines)
    before = {line.id for line in was.lines} if was else set()
    if was and len(before) < len(was.lines):
        made.loose.add(sheet)
    for line in lines:
        former = floor(line, learned)
        stood = [line.id for line in former.version.tabs[title].lines] if former and former.version else []
        own = bool(line.id) and count[line.id] == 1 and former is not None and former.id == line.id
        if not own:
            made.loose.add(sheet)
        then, now = former.texts() if former else {}, line.texts()
        cells = _difference(then, now)
        alike = [one.texts() for one in was.lines if one.id == line.id] if was and not own else []
        others = tuple(_difference(other, now) for other in alike if len(alike) > 1)
        gone = [one for one in was.lines if one.id and one.id not in count] if was and not own else []
        like = next((one.id for one in gone if one.texts() == now), "")
        if cells or not own:
            made.changed.append(
                Changed(sheet, line.id if own else "", cells, now, stood.count(line.id) > 1, (), like, others)
            )
    here = {id(former) for line in lines for former in chain(line)}
    for line in was.lines if was else ():
        if id(line) not in here:  # deleted; where it had lost its id, the app knows it by the one it had
            before |= {former.id for former in chain(line)}
    made.deleted |= {(sheet, name) for name in before - count.keys() if name}


def _difference(then: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    return {name: now.get(name, "") for name in {*then, *now} if then.get(name, "") != now.get(name, "")}
