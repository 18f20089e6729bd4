"""The format of official documents (公文格式), GB/T 9704-2012: the page, the type, the numbers of the pages.

Word stores line pitches in twentieths of a point and 28.99 is none of them: 28.95 keeps the 22 lines of a page, 29
would leave room for 21. The 28 characters of a line need a quarter of a point less between those of 16 points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.run import Run

SONG, FANG, KAI, HEI = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体"
LATIN, NUMBERS = "Times New Roman", "宋体"
PITCH, GRID = Pt(28.95), 579
"""The line pitch, and the same in twentieths of a point."""
TIGHT = -5
"""Twentieths of a point between characters, so that 28 of 16 points fill the 156 mm of a line."""
TEXT_WIDTH = 156
"""Millimetres between the margins."""
CENTRE, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
JUSTIFIED = WD_ALIGN_PARAGRAPH.JUSTIFY


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of paragraph looks: its font, points, alignment, first line indented by how many characters, the
    level in the navigation of Word, the line pitch in points (None: as needed, ``least`` at least), the space before
    and after in points, the right indent in characters, whether it stays with what follows."""

    font: str
    points: float = 16
    align: WD_ALIGN_PARAGRAPH = JUSTIFIED
    indent: int = 2
    level: int | None = None
    pitch: float | None = 28.95
    bold: bool = False
    space: tuple[float, float] = (0, 0)
    right_indent: int = 0
    keep: bool = False
    least: float | None = None


TITLE, BODY, FLUSH, FIRST, SECOND, THIRD = "公文标题", "公文正文", "公文顶格", "公文一级", "公文二级", "公文三级"
SIGNED, MARK, HEADER, CELL, NOTE = "公文落款", "公文标记", "公文表头", "公文表格", "公文表注"
DENSE = "公文密表格"
PICTURE, CAPTION = "公文图", "公文图名"
LOOKS = {
    TITLE: Look(SONG, 22, CENTRE, 0, space=(0, 28.95)),
    BODY: Look(FANG),
    FLUSH: Look(FANG, indent=0),
    FIRST: Look(HEI, level=0, keep=True),
    SECOND: Look(KAI, level=1, keep=True),
    THIRD: Look(FANG, level=2, bold=True, keep=True),
    SIGNED: Look(FANG, align=RIGHT, indent=0, right_indent=4, keep=True),
    MARK: Look(HEI, align=LEFT, indent=0, space=(0, 28.95)),
    HEADER: Look(HEI, 12, CENTRE, 0, pitch=None, keep=True, least=20),
    CELL: Look(FANG, 12, LEFT, 0, pitch=None, least=20),
    DENSE: Look(FANG, 10.5, LEFT, 0, pitch=None, least=17),
    NOTE: Look(FANG, 12, LEFT, 0, pitch=18, space=(2, 6)),
    PICTURE: Look(FANG, 12, CENTRE, 0, pitch=None, keep=True),
    CAPTION: Look(HEI, 12, CENTRE, 0, pitch=20, space=(0, 6)),
}
"""Name of a style as Word lists it → its look, by GB/T 9704-2012 5 and 7."""
COMPACT = {
    TITLE: Look(SONG, 20, CENTRE, 0, pitch=26, space=(0, 4)),
    BODY: Look(FANG, 12, indent=2, pitch=18),
    FLUSH: Look(FANG, 12, indent=0, pitch=18),
    FIRST: Look(HEI, 12, LEFT, 0, level=0, pitch=20, space=(4, 0), keep=True),
    MARK: Look(HEI, 12, LEFT, 0, pitch=18),
    HEADER: Look(HEI, 10.5, CENTRE, 0, pitch=None, keep=True, least=15),
    CELL: Look(FANG, 10.5, LEFT, 0, pitch=None, least=15),
    NOTE: Look(FANG, 9, LEFT, 0, pitch=13),
}
"""The same styles for one sheet of paper at a glance, which is no official document."""


def blank(*, compact: bool = False) -> Paper:
    """An empty document with page and styles; ``compact``: one narrower page instead of the standard's."""
    paper = Document()
    _page(paper, compact)
    normal = paper.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    _dress(normal, Look(FANG, indent=0))
    looks = LOOKS | COMPACT if compact else LOOKS
    for name, look in looks.items():
        made = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(made, ParagraphStyle)
        made.base_style, made.quick_style = normal, True
        _dress(made, look)
    if not compact:
        _numbers(paper)
    return paper


def hinted(run: Run) -> Run:
    """A run whose quotation marks and dashes are Chinese ones."""
    properties = run._element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.set(qn("w:hint"), "eastAsia")
    return run


def _page(paper: Paper, compact: bool) -> None:
    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    top, bottom, left, right = (18, 15, 20, 20) if compact else (37, 35, 28, 26)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(top), Mm(bottom), Mm(left), Mm(right)
    page.header_distance, page.footer_distance = Mm(15), Mm(10 if compact else 23)
    grid = page._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        page._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), "360" if compact else str(GRID))
    for theme in list(paper.styles.element.iter(qn("w:rFonts"))):
        for name in [name for name in theme.attrib if str(name).endswith("Theme")]:
            del theme.attrib[name]


def _dress(style: ParagraphStyle, look: Look) -> None:
    font, form = style.font, style.paragraph_format
    font.name, font.size, font.bold = LATIN, Pt(look.points), look.bold
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    fonts.set(qn("w:eastAsia"), look.font)
    fonts.set(qn("w:cs"), LATIN)
    fonts.set(qn("w:hint"), "eastAsia")
    if look.points == 16 and look.pitch is not None:
        _child(properties, "w:spacing", {"w:val": str(TIGHT)})
    form.alignment = look.align
    form.space_before, form.space_after = (Pt(points) for points in look.space)
    form.keep_with_next, form.widow_control = look.keep, False
    if look.least is not None:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(look.least)
    elif look.pitch is None:
        form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.pitch)
    lines = style.element.get_or_add_pPr()
    _child(lines, "w:snapToGrid", {"w:val": "0"})
    if look.indent or look.right_indent:
        _child(lines, "w:ind", {
            "w:firstLineChars": str(look.indent * 100), "w:firstLine": str(int(look.indent * look.points * 20)),
            "w:rightChars": str(look.right_indent * 100), "w:right": str(int(look.right_indent * look.points * 20)),
        })  # fmt: skip
    if look.level is not None:
        _child(lines, "w:outlineLvl", {"w:val": str(look.level)})


_OF_TYPE = ("w:spacing", "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u")
_OF_LINES = ("w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
"""Properties that stand behind those we add: Word does not open what is out of order."""


def _child(parent: Any, tag: str, attributes: dict[str, str]) -> None:
    """Set a property, in the place the schema has for it."""
    old = parent.find(qn(tag))
    if old is not None:
        parent.remove(old)
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(name), value)
    order = _OF_TYPE if parent.tag == qn("w:rPr") else _OF_LINES
    later = (parent.find(qn(name)) for name in order[order.index(tag) + 1 :])
    place = next((found for found in later if found is not None), None)
    if place is not None:
        place.addprevious(made)
    else:
        parent.append(made)


def _numbers(paper: Paper) -> None:
    """Page numbers: 14 points, a dash on either side, outside by one character, 7 mm below the text (7.5)."""
    paper.settings.odd_and_even_pages_header_footer = True
    section = paper.sections[0]
    for footer, align, side in ((section.footer, RIGHT, "w:right"), (section.even_page_footer, LEFT, "w:left")):
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.style = paper.styles["Normal"]
        line.alignment = align
        line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        _child(line._element.get_or_add_pPr(), "w:ind", {f"{side}Chars": "100", side: "280"})
        for text in ("— ", "PAGE", " —"):
            run = line.add_run() if text == "PAGE" else line.add_run(text)
            run.font.size, run.font.name = Pt(14), NUMBERS
            run._element.rPr.rFonts.set(qn("w:eastAsia"), NUMBERS)
            if text == "PAGE":
                _field(run, text)


def _field(run: Run, instruction: str) -> None:
    for kind in ("begin", "", "end"):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = instruction
        run._element.append(part)
