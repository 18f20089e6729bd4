"""A real LibreOffice that turns documents into pages, and what stands in a document."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as Paper
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WRITER = Path("/usr/lib/libreoffice/program/libswlo.so")
needs_writer = pytest.mark.skipif(
    "CI" not in os.environ and not (shutil.which("soffice") and shutil.which("pdftotext") and WRITER.exists()),
    reason="needs LibreOffice Writer and poppler: libreoffice-writer-nogui poppler-utils",
)


def to_pdf(folder: Path, files: Iterable[Path]) -> list[Path]:
    """The pages LibreOffice makes of some documents."""
    profile = (folder / "profile").as_uri()
    given = [str(file) for file in files]
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir", str(folder),
         *given],
        check=True, capture_output=True, timeout=170,
    )  # fmt: skip
    made = [folder / (Path(file).stem + ".pdf") for file in given]
    assert all(file.exists() for file in made), made
    return made


def text_of(pdf: Path) -> list[str]:
    """The text of each page as it is laid out."""
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=60)
    return done.stdout.decode().split("\f")[:-1]


def opened(content: bytes) -> Paper:
    """A document as python-docx reads it; every part of it is XML that a strict parser reads too."""
    with ZipFile(BytesIO(content)) as parts:
        assert parts.testzip() is None
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(parts.read(name))
    return Document(BytesIO(content))


def words(content: bytes) -> str:
    """All text of a document, paragraphs and tables, in the order in which it stands."""
    body = opened(content).element.body
    lines = []
    for paragraph in body.iter(f"{W}p"):
        parts = ["\n" if node.tag == f"{W}br" else node.text or "" for node in paragraph.iter(f"{W}t", f"{W}br")]
        lines.append("".join(parts))
    return "\n".join(lines)


def tables(content: bytes) -> list[list[list[str]]]:
    """The tables of a document as rows of texts."""
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in opened(content).tables]


def figures(text: str, pattern: str) -> tuple[int, ...]:
    """The numbers a sentence has at the groups of a pattern."""
    found = re.search(pattern, text)
    assert found is not None, (pattern, text[:2000])
    return tuple(int(group) for group in found.groups())
