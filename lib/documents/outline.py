"""Outlines (文稿): the wording of a document as lines of text, made into a template that Word can edit.

Each line is one paragraph and its first characters say which::

    = title          # 一、heading     ## （一）heading   ### 1. heading
    @ mark           < flush left      > signature        ~ note below a table
    ! picture        % if x / for x in xs / endif / endfor
    |= 30 96 30      the widths of a table's columns in millimetres; "dense" behind them makes its rows smaller
    | head | head    its header
    |* row in rows | {{ row.a }} | {{ row.b }}    a line for each row
    ; a remark       // a new line       anything else is body text

What stands in ``{{ }}`` is filled in by ``lib.documents.paper``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

from docx.document import Document as Paper
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from lib.documents import official
from lib.documents.official import blank, hinted

OUTLINES = Path(__file__).resolve().parent / "templates"
STYLES = {
    "###": official.THIRD, "##": official.SECOND, "#": official.FIRST, "=": official.TITLE, "@": official.MARK,
    "<": official.FLUSH, ">": official.SIGNED, "~": official.NOTE, "^": official.CAPTION,
}  # fmt: skip
"""How a line begins → the style of its paragraph."""
DENSE, COMPACT = "dense", "; compact"
"""What makes a table's rows smaller; the first line of an outline that fills one sheet of paper instead of following
the standard."""


@cache
def template(name: str) -> bytes:
    """The shipped template of a document, as .docx."""
    lines = (OUTLINES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    paper = blank(compact=lines[:1] == [COMPACT])
    _build(paper, [line.strip() for line in lines if line.strip() and not line.startswith(";")])
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def _build(paper: Paper, lines: Iterable[str]) -> None:
    widths: list[int] = []
    style = official.CELL
    table: Table | None = None
    for line in lines:
        if line.startswith("|="):
            widths, table = [int(word) for word in line[2:].split() if word != DENSE], None
            style = official.DENSE if DENSE in line.split() else official.CELL
        elif line.startswith("|*"):
            assert table is not None, line
            loop, *cells = _cells(line[2:])
            for texts in ([f"{{%tr for {loop} %}}"], cells, ["{%tr endfor %}"]):
                _row(table, texts, style)
        elif line.startswith("|"):
            table = _table(paper, widths, _cells(line[1:]))
        else:
            _paragraph(paper, line)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _paragraph(paper: Paper, line: str) -> None:
    mark, _space, text = line.partition(" ")
    if mark == "%":
        _write(paper.add_paragraph(), f"{{%p {text} %}}")
    elif mark == "!":
        _write(paper.add_paragraph(style=official.PICTURE), f"{{{{ {text} }}}}")
    elif mark in STYLES:
        _write(paper.add_paragraph(style=STYLES[mark]), text)
    else:
        _write(paper.add_paragraph(style=official.BODY), line)


def _write(paragraph: Paragraph, text: str) -> None:
    hinted(paragraph.add_run(text.replace(" // ", "\n")))


def _table(paper: Paper, widths: list[int], headers: list[str]) -> Table:
    """A ruled table over the given widths whose header is repeated on each page and stands by what is said before."""
    paper.paragraphs[-1].paragraph_format.keep_with_next = True
    table: Table = paper.add_table(rows=1, cols=len(widths))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for cell, text in zip(table.rows[0].cells, headers, strict=True):
        _fill(cell, text, official.HEADER)
    properties = table.rows[0]._tr.get_or_add_trPr()
    for tag in ("w:cantSplit", "w:tblHeader"):
        properties.append(OxmlElement(tag))
    _fit(table, widths)
    return table


def _row(table: Table, texts: list[str], style: str) -> None:
    row = table.add_row()  # type: ignore[no-untyped-call]
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, text in zip(row.cells, [*texts, *[""] * (len(row.cells) - len(texts))], strict=True):
        _fill(cell, text, style)


def _fill(cell: _Cell, text: str, style: str) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.style = style
    _write(paragraph, text)


def _fit(table: Table, widths: list[int]) -> None:
    for cell, width in zip(table.rows[0].cells, widths, strict=True):
        cell.width = Mm(width)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "60")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)
