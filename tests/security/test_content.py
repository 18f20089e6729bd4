"""Hostile text in every column of every sheet, seen on every page by every role, in every export; hostile workbooks."""

from __future__ import annotations

import csv
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import product
from pathlib import Path

import openpyxl
import pytest
import streamlit as st
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from openpyxl.worksheet.worksheet import Worksheet
from streamlit.testing.v1 import AppTest

from lib.i18n import speaking
from lib.services.entrance import open_entrance
from lib.services.links import LINK
from lib.services.policy import EVERYTHING, PAGES, Actor
from lib.ui.navigation import serves
from lib.ui.session import LINK_COOKIE, board
from sheets_schema.sheet import Kind
from sheets_schema.workbook import PEOPLE
from tests.documents.taken import findings_csv
from tests.entrance import come_in, cookie

ROOT = Path(__file__).resolve().parent.parent.parent
MARK = "坏"
"""Stands in every hostile text, so that what is shown of it can be found again."""
HOSTILE = (
    f"![{MARK}](http://evil.example/x.png)",
    f"<img src=http://evil.example/{MARK} onerror=alert(1)>",
    f"<script>alert('{MARK}')</script>",
    f"[{MARK}](javascript:alert(1))",
    f"=HYPERLINK(\"http://evil.example\",\"{MARK}\")",
    f"+cmd|'/c calc'!{MARK}",
    f"@SUM({MARK})",
    f"-{MARK}",
    f"\t={MARK}",
    f"＝1+{MARK}",
    f":red[{MARK}] :material/bolt: $x^2$ `c` **b** ~~s~~ ^u^",
    f"# {MARK}\n\n---\n- a\n> b\n\n|a|b|\n|-|-|\n|{MARK}|x|",
    f"<style>*{{display:none}}</style>{MARK}",
    f"{MARK}\u202e倒着写\u200b\ufeff",
    f"https://evil.example/{MARK}",
    f"&lt;b&gt;{MARK}&#x3c;i&#x3e;",
    f"{MARK}" + "🏮" * 50,
    f"'{MARK}' or 1=1 --{{{{7*7}}}}${{7*7}}",
)  # fmt: skip
ROLES = ("admin", "office", "unit", "viewer", "leader")
TEXT_KINDS = (Kind.TEXT, Kind.LONG, Kind.CODE, Kind.CREDIT_CODE, Kind.PHONE, Kind.URL, Kind.CHOICE, Kind.MULTI)


def spoil(workbook: Path, turn: int) -> int:
    """Write hostile text into a third of the rows of every text column; which, and which text, differ by turn."""
    book, count = openpyxl.load_workbook(workbook), 0
    for sheet in PEOPLE:
        tab = book[sheet.label]
        header = [cell.value for cell in tab[1]]
        names = [column for column in sheet.columns if column.kind in TEXT_KINDS and column.name not in ("id", "check")]
        for place, column in enumerate(names):
            at = header.index(column.label) + 1
            # names others refer to stay the names of most rows, so that the pages have something to show
            for row in range(2, min(tab.max_row, 40) + 1):
                if (row + place + turn) % 3 == 0:
                    write(tab, row, at, HOSTILE[count % len(HOSTILE)])
                    count += 1
        write(tab, 1, len(header) + 1, f"自加{HOSTILE[turn]}")
        write(tab, 2, len(header) + 1, HOSTILE[turn + 1])
    book.save(workbook)
    return count


def write(tab: Worksheet, row: int, column: int, text: str) -> None:
    cell = tab.cell(row, column)
    cell.value = text
    cell.data_type = "s"


@pytest.fixture(scope="module", params=[0, 1, 2])
def spoiled(request: pytest.FixtureRequest, sample_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample full of hostile text; over the turns it stands in every row of every column."""
    path = tmp_path_factory.mktemp("spoiled") / "sample.xlsx"
    shutil.copy(sample_once, path)
    assert spoil(path, request.param) > 500
    return path


@pytest.fixture(scope="module")
def shown(spoiled: Path) -> Iterator[Path]:
    """The same while the app shows it."""
    patch = pytest.MonkeyPatch()
    patch.setenv("TUOGOU_WORKBOOK", str(spoiled))
    st.cache_resource.clear()
    patch.setattr("lib.ui.session.own_address", lambda: "127.0.0.1")
    door = open_entrance(spoiled)
    patch.setattr("lib.ui.session.entrance", lambda: door)
    yield spoiled
    board().feed.stop()
    st.cache_resource.clear()
    patch.undo()


def as_somebody(patch: pytest.MonkeyPatch, workbook: Path, role: str) -> None:
    if role == "leader":
        door = open_entrance(workbook)
        link, _token = door.links.make(Actor("李四", "office"), HOSTILE[0][:60])
        token = door.links.access.open(LINK, str(link.id), "", 3600, "127.0.0.1")
        patch.setattr("lib.ui.session.own_cookies", lambda: {LINK_COOKIE: token})
        return
    token = come_in(workbook, role, *(["市科委"] if role == "unit" else []), user=f"{role}-x", name=HOSTILE[2])
    patch.setattr("lib.ui.session.own_cookies", lambda: cookie(token))


def pages_of(role: str) -> list[str]:
    there = {path.stem for path in (ROOT / "pages").glob("*.py")}
    return [page for page, roles in PAGES.items() if role in roles and page in there and serves(page)]


def open_page(page: str, home: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "lib" / "shell.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return (app if page == home else app.switch_page(f"../pages/{page}.py")).run()


INERT = {"id", "element_id", "url", "form_id", "file_name", "placeholder", "value", "default", "options", "alt",
         "alt_text", "spec", "data", "query_string", "key", "page_script_hash", "icon", "raw_value",
         "raw_values"}  # fmt: skip
"""Fields that no browser reads as Markdown: identifiers, what stands in an input box, entries of a list."""


def markdown_of(app: AppTest) -> Iterator[tuple[str, str]]:
    """Every text of a page that Markdown or HTML reads: (where, text)."""
    for node in nodes(app._tree):
        proto = getattr(node, "proto", None)
        if isinstance(proto, Message):
            kind = proto.DESCRIPTOR.name
            if kind not in ("Text", "Arrow", "ArrowVegaLiteChart", "Dataframe", "Code", "Skeleton"):
                yield from ((f"{kind}.{field}", text) for field, text in texts(proto))


def nodes(node: object) -> Iterator[object]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from nodes(child)


def texts(message: Message) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        if field.name in INERT:
            continue
        repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == FieldDescriptor.LABEL_REPEATED
        for each in value if repeated and not hasattr(value, "items") else [value]:
            if isinstance(each, str):
                yield field.name, each
            elif isinstance(each, Message):
                yield from ((f"{field.name}.{name}", text) for name, text in texts(each))


WHO = tuple(product(ROLES, ("zh", "en")))
NIGHTLY = [(turn, *who) for turn in (0, 1, 2) for who in WHO]
USUAL = [(at % 3, *who) for at, who in enumerate(WHO)]
"""Every role in either language over one of the three workbooks; at night (``FAULTS=nightly``) over each."""


@pytest.mark.parametrize(
    ("spoiled", "role", "lang"), NIGHTLY if os.environ.get("FAULTS") == "nightly" else USUAL, indirect=["spoiled"]
)
def test_what_people_typed_is_nowhere_markup(shown: Path, monkeypatch: pytest.MonkeyPatch, role: str, lang: str):
    as_somebody(monkeypatch, shown, role)
    home = Actor("", role).home
    for page in pages_of(role):
        app = open_page(page, home, lang=lang)
        assert not app.exception, page
        found = list(markdown_of(app))
        assert found, page
        for where, text in found:
            for line in text.split("\n"):
                if MARK in line:
                    assert not live(line), (page, where, line[:200])


def live(text: str) -> str:
    """What of a text is markup that came from a cell; escaped characters are none."""
    plain = re.sub(r"\\[\\`*_{}\[\]()#+\-.!|~$:<>&=^@\"'/]", "·", text)
    found = re.search(
        r"!\[坏|\[坏\]|<(?:img|script|style|b|i)\b|:red\[坏|:material/bolt:|\$x|`c`|\*\*b\*\*|~~s~~|&lt;b|&#x|https?://evil|javascript:alert",
        plain,
    )
    return found[0] if found else ""


def test_the_check_itself_sees_what_is_live():
    from lib.ui.theme import esc

    for text in HOSTILE[:4] + HOSTILE[10:11] + HOSTILE[12:13] + HOSTILE[14:16]:
        assert any(live(line) for line in text.split("\n")), text
        assert not live(esc(text)), text


def test_the_pages_do_show_it(shown: Path, monkeypatch: pytest.MonkeyPatch):
    """Otherwise the test above proves nothing."""
    as_somebody(monkeypatch, shown, "office")
    told = "".join(text for page in pages_of("office") for _where, text in markdown_of(open_page(page, "overview")))
    assert told.count(MARK) > 5


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_cell_of_an_export_starts_a_formula(shown: Path, lang: str):
    opened = board()
    ledger = opened.ledger(opened.default_as_of)
    assert ledger is not None
    with speaking(lang):
        text = findings_csv(ledger, EVERYTHING).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    assert len(rows) > 100
    cells = [cell for row in rows for cell in row]
    assert sum(MARK in cell for cell in cells) > 50
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)


# hostile workbooks in the place of the workbook


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * 2**30)


def rewritten(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """One part of a workbook, changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    parts[name] = change(parts.get(name, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item, data in parts.items():
            archive.writestr(item, data)


def with_entity(path: Path, doctype: str, entity: str) -> None:
    """A document type in the shared texts, and an entity of it in the place of the first of them."""

    def change(data: bytes) -> bytes:
        text = data.decode().replace("?>", f"?>{doctype}", 1)
        return re.sub(r"<t>[^<]*</t>", f"<t>&{entity};</t>", text, count=1).encode()

    rewritten(path, "xl/sharedStrings.xml", change)


def xxe(path: Path) -> None:
    with_entity(path, '<!DOCTYPE sst [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "e")


def laughs(path: Path) -> None:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    with_entity(path, f'<!DOCTYPE sst [<!ENTITY e0 "ha">{lines}]>', "e9")


def macro(path: Path) -> None:
    rewritten(path, "xl/vbaProject.bin", lambda data: b"\xd0\xcf\x11\xe0" * 1000)


def outside_link(path: Path) -> None:
    rels = b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    rels += (
        b'<Relationship Id="r1" Type="x/externalLinkPath" Target="http://evil.example/x.xlsx" TargetMode="External"/>'
    )
    rewritten(path, "xl/externalLinks/_rels/externalLink1.xml.rels", lambda data: rels + b"</Relationships>")


def oversize(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(2**31)


def climbing(path: Path) -> None:
    rewritten(path, "../../../../tmp/evil.txt", lambda data: b"x")


def garbage(path: Path) -> None:
    path.write_bytes(b"PK\3\4" + b"\xff" * 5000)


ATTACKS = (bomb, xxe, laughs, macro, outside_link, oversize, climbing, garbage)
HARMLESS = (macro, outside_link, climbing)
"""Those whose cells may be read: nothing of them is run, followed or unpacked."""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_hostile_workbook_is_refused_or_harmless_and_the_pages_stay_up(
    sample: Path, monkeypatch: pytest.MonkeyPatch, attack: Callable[[Path], None]
):
    st.cache_resource.clear()
    door = open_entrance(sample)
    monkeypatch.setattr("lib.ui.session.entrance", lambda: door)
    monkeypatch.setattr("lib.ui.session.own_address", lambda: "127.0.0.1")
    as_somebody(monkeypatch, sample, "office")
    asked: list[object] = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **more: asked.append(args))
    before = [metric.value for metric in open_page("overview", "overview").metric]
    board().feed.stop()
    attack(sample)
    board().refresh()
    app = open_page("overview", "overview")
    assert not app.exception
    assert [metric.value for metric in app.metric] == before
    if attack not in HARMLESS:
        assert app.error
        assert board().status.problem
    told = " ".join(str(element.value) for element in (*app.error, *app.warning))
    assert str(sample.parent) not in told.replace("\\", "")
    held = repr([sheet.cells for sheet in board().keeper.grids.snapshot.sheets])
    for secret in ("root:", "hahaha"):
        assert secret not in told + held
    assert not asked
    assert not Path("/tmp/evil.txt").exists()
    board().feed.stop()
    st.cache_resource.clear()
