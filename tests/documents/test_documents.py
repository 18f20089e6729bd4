"""What stands in the documents: the ledger's figures, the units' words, nothing that somebody may not see."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from docx import Document

from lib.documents import paper
from lib.documents.catalogue import DELIVERABLES, deliver, offered
from lib.documents.file import DOCX, NotDelivered, named
from lib.documents.looking_up import chinese_number
from lib.documents.outline import OUTLINES
from lib.documents.paper import FOLDER
from lib.documents.quarterly import Said
from lib.domain.findings import Severity
from lib.domain.judge import judge
from lib.domain.ledger import Ledger, derive
from lib.domain.scorecard import Period, scorecard
from lib.i18n import speaking
from lib.services.policy import Actor
from lib.services.setup import set_up
from lib.store.xlsx import XlsxStore
from sheets_schema.plan import Plan
from sheets_schema.plan_work import StateKey
from sheets_schema.reports import Report
from sheets_schema.sheet import Kind
from sheets_schema.tasks import Update
from sheets_schema.workbook import PEOPLE
from tests.documents.conftest import AS_OF, OFFICE, Take
from tests.documents.office import W, figures, needs_writer, opened, tables, text_of, to_pdf, words
from tests.security.test_content import HOSTILE, MARK

PAPERS = tuple(one.key for one in DELIVERABLES if (OUTLINES / f"{one.key}.txt").exists() and one.key != "reminder")
UNIT = Actor("赵六", "unit", ("市民政局",), "zhao")


def test_the_summary_has_the_figures_of_the_ledger(take: Take, ledger: Ledger) -> None:
    made = take("quarterly", period="2016Q1").content
    text, grid = words(made), tables(made)
    cells = [cell for cell in ledger.reports if cell.period.id == "2016Q1"]
    states = Counter(cell.state for cell in cells)
    told = figures(text, r"应报送报告(\d+)份.*已报送(\d+)份，其中按期(\d+)份、迟报(\d+)份；未报(\d+)份，未到期(\d+)份")
    assert told == (len(cells), states["on_time"] + states["late"],
                    *(states[state] for state in ("on_time", "late", "missing", "open")))  # fmt: skip
    assert [(row[0].split()[0], row[2]) for row in grid[0][1:]] == [
        (phase.phase.id, f"{phase.done}/{phase.total}") for phase in ledger.phases
    ]
    assert figures(text, r"，逾期(\d+)项") == (len(ledger.overdue),)
    owing = [quota for quota in ledger.quotas if quota.expected]
    told = figures(text, r"达到提示数的(\d+)/(\d+)个；共推荐(\d+)家，已选定(\d+)家")
    assert told == (
        sum(quota.recommended >= quota.expected for quota in owing), len(owing),
        sum(quota.recommended for quota in ledger.quotas), sum(quota.selected for quota in ledger.quotas),
    )  # fmt: skip
    parts = {part.id: part for part in ledger.plan.checklist.separations}
    by_part = next(rows for rows in grid if rows[0][0] == "分离事项")
    assert {row[0].split()[0]: (int(row[1]), int(row[2])) for row in by_part[1:]} == {
        name: (sum(p.by_separation[name].done for p in ledger.pilots),
               sum(p.by_separation[name].total for p in ledger.pilots))
        for name in parts if name in ledger.pilots[0].by_separation
    }  # fmt: skip
    left = ledger.total_rows - ledger.left_out
    assert f"{ledger.total_rows} 行中计入 {left} 行" in text


def test_the_summary_names_what_waits_and_what_does_not_count(take: Take, ledger: Ledger) -> None:
    grid = tables(take("quarterly").content)
    waiting = next(rows for rows in grid if rows[0][0] == "文种")
    open_chains = [chain for chain in ledger.chains if not chain.done]
    assert len(waiting) - 1 == len(open_chains)
    findings = next(rows for rows in grid if rows[0][0] == "位置")
    errors = [finding.cell for finding in ledger.findings if finding.severity is Severity.ERROR]
    assert sorted(row[0] for row in findings[1:]) == sorted(errors)


def test_the_summary_has_the_units_own_words_under_the_headings_of_the_plan(take: Take, ledger: Ledger) -> None:
    text = words(take("quarterly", period="2015Q4").content)
    filed = [row for row in ledger.world.rows(Report) if row.period == "2015Q4"]
    assert filed
    places = [text.index(heading.title) for heading in ledger.plan.cadence.headings]
    assert places == sorted(places)
    for row in filed:
        assert f"{row.unit}：{row.work.splitlines()[0]}" in text


def test_the_notice_has_the_points_of_the_scorecard(take: Take, ledger: Ledger) -> None:
    made = take("notice").content
    start = ledger.plan.window_start
    assert start is not None
    cards = {card.unit: card for card in scorecard(ledger, Period(start, AS_OF))}
    rows = tables(made)[0][1:]
    assert {row[1]: row[2] for row in rows} == {
        unit: f"{card.total:.1f}" for unit, card in cards.items() if card.total is not None
    }
    assert {row[1]: int(row[3]) for row in rows} == {
        unit: len(card.late()) for unit, card in cards.items() if card.total is not None
    }
    late = [len(rows) - 1 for rows in tables(made)[1:]]
    assert sorted(late) == sorted(len(card.late()) for card in cards.values() if card.late())


def test_the_bulletin_has_every_piece_of_news_of_its_days_and_no_other(take: Take, ledger: Ledger) -> None:
    text = words(take("bulletin", period="2016Q1").content)
    news = ledger.world.rows(Update)
    told = [row for row in news if date(2016, 1, 1) <= row.reported_on <= AS_OF]
    assert figures(text, r"收到(\d+)条动态，来自(\d+)家") == (len(told), len({row.association for row in told}))
    assert len(re.findall(r"^\d+．", text, flags=re.MULTILINE)) == len(told)
    assert not [row for row in told if not row.reporter]
    assert not [row.reporter for row in told if row.reporter and row.reporter in text]


def test_the_evaluation_adds_up(take: Take, ledger: Ledger) -> None:
    made = take("evaluation").content
    text, tally = words(made), ledger.tally
    assert figures(text, r"共有试点(\d+)家，其中全部完成脱钩事项的(\d+)家") == (
        len(ledger.pilots), sum(pilot.finished for pilot in ledger.pilots)
    )  # fmt: skip
    assert figures(text, r"适用的脱钩事项(\d+)项，已完成(\d+)项.*不涉及(\d+)项") == (
        tally.total, tally.done, tally.not_applicable
    )  # fmt: skip
    still, *reasons = figures(
        text, r"未完成(\d+)项：因政策缺失(\d+)项，因工作不到位(\d+)项，逾期未注明原因(\d+)项，未到时限(\d+)项"
    )
    assert still == sum(reasons) == tally.total - tally.done
    by_part = tables(made)[0][1:]
    assert sum(int(row[1]) for row in by_part) == tally.total


def test_a_skeleton_has_what_the_plan_asks_for_and_the_pilots_items(take: Take, ledger: Ledger) -> None:
    pilot = ledger.pilots[0]
    made = take("implementation", pilot=pilot.id).content
    text = words(made)
    kind = next(kind for kind in ledger.plan.documents if kind.parts and kind.per == "pilot")
    assert all(f"、{part}\n" in text for part in kind.parts)
    assert pilot.name in text
    assert sum(len(rows) - 1 for rows in tables(made)) == pilot.tally.total + pilot.unrecorded
    association = ledger.world.associations[pilot.id]
    assert association.credit_code in text


@needs_writer
def test_the_leaders_page_is_one_page_with_the_figures_of_the_day(take: Take, ledger: Ledger, tmp_path: Path) -> None:
    made = take("brief")
    (tmp_path / made.name).write_bytes(made.content)
    [page] = text_of(to_pdf(tmp_path, [tmp_path / made.name])[0])
    units = len({due.unit for due in ledger.overdue})
    assert figures(page, r"逾期 (\d+) 项，涉及 (\d+) 个单位") == (len(ledger.overdue), units)
    done = sum(phase.state is StateKey.DONE for phase in ledger.phases)
    assert f"{done}/{len(ledger.phases)}" in page
    assert f"{ledger.tally.done}/{ledger.tally.total}" in page


@needs_writer
def test_libreoffice_makes_pages_of_every_document(take: Take, tmp_path: Path) -> None:
    files = []
    for key in PAPERS:
        files.append(tmp_path / f"{key}.docx")
        files[-1].write_bytes(take(key).content)
    for pdf in to_pdf(tmp_path, files):
        pages = text_of(pdf)
        assert pages
        assert all(page.strip() for page in pages), pdf.name
        assert not [page for page in pages if "{{" in page or "{%" in page]


@pytest.mark.parametrize("key", PAPERS)
def test_documents_are_chinese_in_either_language_with_dates_as_the_standard_writes_them(key: str, take: Take) -> None:
    chinese = words(take(key).content)
    with speaking("en"):
        english = words(take(key).content)
    assert chinese == english
    assert not re.findall(r"\d{4}年0\d|月0\d日", chinese)
    assert "None" not in chinese


@pytest.mark.parametrize("key", PAPERS)
def test_an_earlier_day_knows_nothing_of_what_came_later(key: str, take: Take, sample_once: Path, plan: Plan) -> None:
    early = derive(judge(XlsxStore(sample_once).read(), plan, AS_OF), date(2015, 10, 15))
    if key == "implementation":  # no pilot has been selected
        with pytest.raises(NotDelivered, match="还没有"):
            take(key, of=early)
        return
    text = words(take(key, of=early).content)
    assert "2015年10月15日" in text
    assert not re.findall(r"2016年[1-3]月\d+日，", text)


@pytest.mark.parametrize("key", PAPERS)
def test_an_empty_workbook_gives_a_document_or_says_why_there_is_none(key: str, plan: Plan, tmp_path: Path) -> None:
    set_up(tmp_path / "empty.xlsx", plan, sample=False)
    ledger = derive(judge(XlsxStore(tmp_path / "empty.xlsx").read(), plan, AS_OF), AS_OF)
    if key == "implementation":
        with pytest.raises(NotDelivered, match="还没有选定的试点"):
            deliver(OFFICE, ledger, key, {})
    else:
        assert words(deliver(OFFICE, ledger, key, {}).content)


def spoil(workbook: Path) -> None:
    """Hostile text wherever people write sentences, so that the rows stay in force and their texts are shown."""
    book, turn = openpyxl.load_workbook(workbook), 0
    for sheet in PEOPLE:
        tab = book[sheet.label]
        header = [cell.value for cell in tab[1]]
        for column in sheet.columns:
            if column.kind not in (Kind.LONG, Kind.TEXT) or column.ref or column.name in ("id", "check", "name"):
                continue
            for row in range(2, tab.max_row + 1):
                cell = tab.cell(row, header.index(column.label) + 1)
                if cell.value not in (None, ""):
                    cell.value, cell.data_type, turn = HOSTILE[turn % len(HOSTILE)], "s", turn + 1
    book.save(workbook)


@pytest.fixture(scope="module")
def hostile(sample_once: Path, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger whose every sentence is hostile."""
    path = tmp_path_factory.mktemp("spoiled") / "sample.xlsx"
    shutil.copy(sample_once, path)
    spoil(path)
    return derive(judge(XlsxStore(path).read(), plan, AS_OF), AS_OF)


def test_hostile_text_is_only_text(hostile: Ledger, take: Take) -> None:
    shown = 0
    for key in PAPERS:
        made = take(key, of=hostile).content
        text = words(made)
        shown += text.count(MARK)
        assert "49" not in re.findall(r"or 1=1 --.{0,12}", text), "a text was filled in as a template"
        relations = opened(made).part.rels.values()
        assert not [rel.target_ref for rel in relations if rel.is_external]
        assert not list(opened(made).element.body.iter(f"{W}instrText"))
    assert shown > 10


@pytest.mark.parametrize(
    "text", [*HOSTILE, "a\x07b\x0cc\x00d", "\ud800", "{{ 7*7 }}", "{% for x in y %}", "]]>", "\x85"]
)
def test_any_text_in_a_report_stays_as_it_was_typed(text: str, take: Take, ledger: Ledger,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("lib.documents.quarterly._said", lambda told: Said((f"{told[0]}：{text}",)))
    made = words(take("quarterly", period="2015Q4").content)
    kept = paper.clean(text).replace("\t", "").replace("\n", "")
    assert kept in made.replace("\n", ""), made[-500:]


# what somebody may take


@pytest.mark.parametrize("role", ["unit", "viewer", "leader"])
def test_the_papers_of_the_office_are_for_the_office(role: str, take: Take) -> None:
    who = Actor("某人", role, ("市民政局",) if role == "unit" else (), "x")
    for key in ("quarterly", "notice", "bulletin", "evaluation", "template"):
        with pytest.raises(NotDelivered):
            take(key, by=who)
    assert {one.key for one in offered(who)} >= {"brief"}


def test_a_unit_takes_the_skeletons_of_its_own_pilots_only(take: Take, ledger: Ledger) -> None:
    own = next(pilot for pilot in ledger.pilots if pilot.unit == "市民政局")
    other = next(pilot for pilot in ledger.pilots if pilot.unit != "市民政局")
    assert own.name in words(take("implementation", by=UNIT, pilot=own.id).content)
    with pytest.raises(NotDelivered) as refused:
        take("implementation", by=UNIT, pilot=other.id)
    assert other.name not in str(refused.value.reason)


def test_the_leaders_page_of_a_unit_lists_its_own_debts_only(take: Take, ledger: Ledger) -> None:
    text = words(take("brief", by=UNIT).content)
    others = {due.unit for due in ledger.overdue} - {"市民政局"}
    owing = text[text.index("谁欠") : text.index("\n试点\n")]
    assert not [unit for unit in others if unit in owing]


def test_what_cannot_be_chosen_is_told_with_what_can(take: Take) -> None:
    with pytest.raises(NotDelivered, match="2016Q1"):
        take("quarterly", period="1999Q9")


# templates of one's own


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / FOLDER
    folder.mkdir()
    return folder


def test_an_office_uses_a_template_of_its_own(own: Path, take: Take) -> None:
    given = take("template", document="quarterly")
    assert given.name == "季度汇总.docx"
    document = Document()
    document.add_paragraph("本市格式：{{ period.title }}，已报{{ period.filed }}份")
    document.save(str(own / given.name))
    assert re.search(r"本市格式：2016年第一季度，已报\d+份", words(take("quarterly", period="2016Q1").content))
    (own / given.name).unlink()
    assert "本市格式" not in words(take("quarterly").content)


@pytest.mark.parametrize(
    "line",
    [
        "{{ nothing }}", "{{ period.title", "{%p for x in %}", "{%p endfor %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ period.__class__.__init__.__globals__ }}",
        "{% include '/etc/passwd' %}", "{{ quarterly.__globals__ }}", "{{ 1/0 }}", "{{ gantt.tpl }}",
        "{{ waiting.append(1) }}", "{% for a in range(9) %}{% endfor %}", "{{ 'a' * 999999999 }}", "{{ '%099d' % 1 }}",
        "{{ '%099d'|format(1) }}", "{{ plan|join(plan) }}", "{{ waiting|counted(-9) }}", "{% set a = 1 %}",
        "{% macro a() %}{% endmacro %}", "{{ waiting|map('upper') }}",
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_named_with_a_way_out(line: str, own: Path, take: Take) -> None:
    document = Document()
    document.add_paragraph(line)
    document.save(str(own / "季度汇总.docx"))
    with pytest.raises(NotDelivered, match=r"季度汇总\.docx.*Word"):
        take("quarterly")


def test_a_template_writes_no_file_by_way_of_a_picture(own: Path, take: Take, tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph(f"{{{{ gantt.tpl.save('{tmp_path / 'written'}') }}}}")
    document.save(str(own / "季度汇总.docx"))
    with pytest.raises(NotDelivered, match="不能用"):
        take("quarterly")
    assert not (tmp_path / "written").exists()


def test_a_template_that_repeats_without_end_is_stopped(own: Path, take: Take) -> None:
    document, letters = Document(), "{% for a in headline %}"
    document.add_paragraph(letters * 12 + "x" + "{% endfor %}" * 12)
    document.save(str(own / "季度汇总.docx"))
    with pytest.raises(NotDelivered, match="内容太多"):
        take("quarterly")


def changed(template: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A template with something else in one of its parts, which is added where it is not there."""
    out = BytesIO()
    with ZipFile(BytesIO(template)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in {*source.namelist(), part}:
            content = source.read(name) if name in source.namelist() else b""
            if name == part:
                assert old in content
                content = content.replace(old, new, 1) if old else new
            target.writestr(name, content)
    return out.getvalue()


BODY_END = b"<w:sectPr"
FIELD = (
    b'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> INCLUDE</w:instrText></w:r>'
    b'<w:r><w:instrText>PICTURE "http://h.example/a.png"</w:instrText></w:r>'
    b'<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)
OUTSIDE = (
    b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
    b'Target="http://h.example/a.png" TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("part", "old", "new", "why"),
    [
        ("word/_rels/document.xml.rels", b"</Relationships>", OUTSIDE, "文件以外"),
        ("word/document.xml", BODY_END, FIELD + BODY_END, "INCLUDEPICTURE"),
        ("word/document.xml", BODY_END, b'<w:p><w:fldSimple w:instr="DDEAUTO c a b"/></w:p>' + BODY_END, "DDEAUTO"),
        ("word/vbaProject.bin", b"", b"x", "宏"),
        ("word/embeddings/oleObject1.bin", b"", b"x", "嵌入"),
        ("word/media/zeros.xml", b"", b"0" * (60 * 2**20), "解压后太大"),
    ],
    ids=["picture elsewhere", "field in pieces", "field", "macros", "object", "bomb"],
)  # fmt: skip
def test_a_template_that_would_fetch_or_run_something_is_refused(
    part: str, old: bytes, new: bytes, why: str, own: Path, take: Take
) -> None:
    given = take("template", document="quarterly")
    (own / given.name).write_bytes(changed(given.content, part, old, new))
    with pytest.raises(NotDelivered, match=why):
        take("quarterly")
    (own / given.name).write_bytes(given.content)
    assert words(take("quarterly").content)


def test_a_folder_in_the_place_of_a_template_tells_nothing_of_the_server(own: Path, take: Take) -> None:
    (own / "季度汇总.docx").mkdir()
    with pytest.raises(NotDelivered, match=r"季度汇总\.docx") as refused:
        take("quarterly")
    assert str(own) not in str(refused.value.reason)


def test_templates_that_may_not_be_read_are_told(own: Path, take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    """As who runs the tests may read everything, the system's refusal is played."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(paper, "read_template", refuse)
    with pytest.raises(NotDelivered, match=r"季度汇总\.docx.*Permission denied") as refused:
        take("quarterly")
    assert str(own) not in str(refused.value.reason)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04cut", b"0" * (6 * 2**20)])
def test_a_file_that_is_no_template_is_named_with_a_way_out(content: bytes, own: Path, take: Take) -> None:
    (own / "季度汇总.docx").write_bytes(content)
    with pytest.raises(NotDelivered, match=r"季度汇总\.docx"):
        take("quarterly")


# pictures and names


def test_pictures_say_what_they_show(take: Take) -> None:
    shapes = opened(take("quarterly").content).inline_shapes
    assert len(shapes) == 2
    assert [shape._inline.docPr.get("descr") for shape in shapes] == ["各阶段安排与状态", "各项分离完成情况"]
    assert {shape._inline.docPr.get("id") for shape in shapes} != {None}


def test_without_chinese_letters_there_are_tables_alone(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "can_draw_chinese", lambda: False)
    made = take("quarterly").content
    assert not opened(made).inline_shapes
    assert "各阶段安排与状态（" not in words(made)


@pytest.mark.parametrize("title", ['a/b\\c:d*e?f"g<h>i|j', "\u202e倒", "", "...", "长" * 300, "..\\..\\x", "a\nb"])
def test_names_of_files_are_taken_by_every_file_system(title: str) -> None:
    name = named(title, DOCX, b"").name
    assert name.endswith(".docx")
    assert not set(name) & set('/\\:*?"<>|\n\u202e')
    assert 6 <= len(name) <= 90
    assert name.strip(" .") == name


@pytest.mark.parametrize(("n", "text"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九")])
def test_headings_are_numbered_in_chinese(n: int, text: str) -> None:
    assert chinese_number(n) == text
