"""Official documents look as GB/T 9704-2012 says, in the XML and on the pages LibreOffice makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docx.shared import Mm

from lib.documents import official
from lib.documents.official import blank
from lib.documents.outline import OUTLINES, template
from tests.documents.conftest import Take
from tests.documents.office import needs_writer, opened, text_of, to_pdf, words

OFFICIAL = ("quarterly", "notice", "bulletin", "implementation", "evaluation")
FONTS = {
    official.TITLE: ("方正小标宋简体", 22), official.BODY: ("仿宋_GB2312", 16), official.FIRST: ("黑体", 16),
    official.SECOND: ("楷体_GB2312", 16), official.THIRD: ("仿宋_GB2312", 16), official.SIGNED: ("仿宋_GB2312", 16),
}  # fmt: skip
TYPE_ORDER = ("rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "color", "spacing", "w", "kern", "position", "sz",
              "szCs", "highlight", "u", "lang")  # fmt: skip
LINE_ORDER = ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "pBdr", "shd", "tabs",
              "snapToGrid", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl", "rPr", "sectPr")  # fmt: skip


@pytest.fixture(params=OFFICIAL)
def paper(request: pytest.FixtureRequest, take: Take) -> Paper:
    return opened(take(request.param).content)


def test_the_page_is_a4_with_the_margins_of_the_standard(paper: Paper) -> None:
    for section in paper.sections:
        sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin,
                 section.left_margin, section.right_margin)  # fmt: skip
        for size, wanted in zip(sizes, (210, 297, 37, 35, 28, 26), strict=True):
            assert size is not None
            assert abs(size - Mm(wanted)) < Mm(0.1)


def test_type_and_pitch_are_those_of_the_standard(paper: Paper) -> None:
    used = {line.style.name for line in paper.paragraphs if line.text.strip() and line.style is not None}
    assert {official.TITLE, official.BODY, official.FIRST} <= used <= set(official.LOOKS)
    for name, (font, points) in FONTS.items():
        style = paper.styles[name]
        fonts = style.element.rPr.rFonts
        assert (fonts.get(qn("w:eastAsia")), style.font.size.pt) == (font, points), name
        assert fonts.get(qn("w:ascii")) == fonts.get(qn("w:hAnsi")) == "Times New Roman", name
        assert style.paragraph_format.line_spacing.pt == 28.95, name
    body = paper.styles[official.BODY].element.pPr.find(qn("w:ind"))
    assert body.get(qn("w:firstLineChars")) == "200"
    assert paper.styles[official.TITLE].paragraph_format.alignment == official.CENTRE


def test_no_font_of_a_theme_is_left_and_nothing_overrides_the_styles(paper: Paper) -> None:
    for fonts in paper.styles.element.iter(qn("w:rFonts")):
        assert not [name for name in fonts.attrib if name.endswith("Theme")]
    for run in paper.element.body.iter(qn("w:rPr")):
        assert {child.tag for child in run} <= {qn("w:rFonts"), qn("w:noProof")}
        fonts = run.find(qn("w:rFonts"))
        assert fonts is None or dict(fonts.attrib) == {qn("w:hint"): "eastAsia"}


def test_page_numbers_are_of_14_points_outside_on_either_side(paper: Paper) -> None:
    assert paper.settings.odd_and_even_pages_header_footer
    section = paper.sections[0]
    for footer, side, align in ((section.footer, "right", official.RIGHT), (section.even_page_footer, "left",
                                                                            official.LEFT)):  # fmt: skip
        [line] = footer.paragraphs
        assert line.alignment == align
        assert line._element.pPr.find(qn("w:ind")).get(qn(f"w:{side}Chars")) == "100"
        assert "".join(node.text or "" for node in line._element.iter(qn("w:instrText"))) == "PAGE"
        assert {run.font.size.pt for run in line.runs if run.font.size} == {14}
        assert line.text.startswith("— ")


def test_it_is_a_draft_without_number_seal_or_red_letters(paper: Paper) -> None:
    assert paper.paragraphs[0].text == "代拟稿"
    assert not list(paper.element.body.iter(qn("w:color")))
    text = "\n".join(line.text for line in paper.paragraphs)
    assert "〔" not in text


def properties(paper: Paper) -> Iterator[Any]:
    for part in (paper.element, paper.styles.element, paper.sections[0].footer._element):
        yield from part.iter(qn("w:rPr"), qn("w:pPr"))


def test_properties_stand_in_the_order_of_the_schema(paper: Paper) -> None:
    """Word calls a document damaged whose properties stand in another order."""
    for found in properties(paper):
        order = TYPE_ORDER if found.tag == qn("w:rPr") else LINE_ORDER
        names = [child.tag.rpartition("}")[2] for child in found]
        known = [order.index(name) for name in names if name in order]
        assert known == sorted(known), names


@needs_writer
def test_a_page_has_22_lines_of_28_characters(tmp_path: Path) -> None:
    paper = blank()
    for _line in range(3):
        paper.add_paragraph("脱钩工作" * 200, style=official.FLUSH)
    out, file = BytesIO(), tmp_path / "lines.docx"
    paper.save(out)
    file.write_bytes(out.getvalue())
    first, second = text_of(to_pdf(tmp_path, [file])[0])[:2]
    for page, number in ((first, "1"), (second, "2")):
        lines = [line.strip() for line in page.splitlines() if line.strip()]
        assert lines.pop().replace(" ", "") == f"—{number}—"
        assert len(lines) == 22
        assert {len(line) for line in lines if len(line) > 20} == {28}


@pytest.mark.parametrize("name", sorted(path.stem for path in OUTLINES.glob("*.txt")))
def test_every_template_opens_and_keeps_its_places(name: str) -> None:
    text = words(template(name))
    wanted = (OUTLINES / f"{name}.txt").read_text(encoding="utf-8")
    assert text.count("{{") == wanted.count("{{") + sum(line.startswith("! ") for line in wanted.splitlines())
    assert text.count("{%p") == sum(line.startswith("% ") for line in wanted.splitlines())
