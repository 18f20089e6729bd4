"""Papers (文稿): a template filled in. An office may put a template of its own beside the workbook and edit it in Word.

Templates can only look values up (``lib.documents.looking_up``), so that one from elsewhere runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from io import BytesIO
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from markupsafe import Markup, escape

from lib.charts.pieces import Spec
from lib.documents.deliverable import Wanted
from lib.documents.file import DOCX, UNWRITABLE, File, NotDelivered, named
from lib.documents.foreign import read_template
from lib.documents.looking_up import LookingUp
from lib.documents.official import TEXT_WIDTH
from lib.documents.outline import template
from lib.documents.pictures import can_draw_chinese, png
from lib.domain.ledger import Ledger
from lib.i18n import T_, speaking
from lib.services.policy import Sight
from lib.services.settings import settings

Make = Callable[[Ledger, Sight, Wanted], File]
FOLDER = "文件模板"
"""The folder beside the workbook in which an office keeps templates of its own, ``季度汇总.docx`` and so on."""
PIXELS, ROOMY = 480, 620
"""Between the axes of a chart: its letters are then of about 9 points on paper; of 8 where words need room beside
bars."""
LONGEST_WORDS = 200
"""Characters of what a program says is wrong with a template."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a document: PNG, its width in millimetres, and what it shows, for those who cannot see it."""

    png: bytes
    width: int
    alt: str


def in_chinese(make: Make) -> Make:
    """Official documents are Chinese whatever the language of the page."""

    @wraps(make)
    def made(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
        with speaking("zh"):
            return make(ledger, sight, wanted)

    return made


def typeset(name: str, label: str, title: str, values: Mapping[str, object]) -> File:
    """The template ``name`` filled in, or the office's own, which is called as the document (``label``) is. Raises
    ``NotDelivered`` when that cannot be used."""
    own = settings().workbook.parent / FOLDER / f"{label}.docx"
    try:
        return named(title, DOCX, _filled(read_template(own), title, values))
    except (FileNotFoundError, NotADirectoryError):
        return named(title, DOCX, _filled(template(name), title, values))
    except Exception as error:  # somebody else's template: whatever is wrong with it, the way out is the same
        why = _what_is_wrong(error)
        raise NotDelivered(
            T_("模板“{name}”用不了：{value}。在 Word 里改正，或移走它以改用随附的模板", name=own.name, value=why)
        ) from error


def _what_is_wrong(error: Exception) -> str:
    """In a line; where the file is on the server is nobody's."""
    if isinstance(error, OSError):
        return str(error.strerror)
    if isinstance(error, NotDelivered):
        return str(error.reason)
    return str(getattr(error, "message", None) or error)[:LONGEST_WORDS]


def drawn(spec: Spec, alt: str, *, width: int = TEXT_WIDTH, pixels: int = PIXELS) -> Picture | None:
    """A chart as a picture of some millimetres; None where this server has no Chinese letters to draw: the document
    then has its tables alone."""
    return Picture(png(spec, width=pixels), width, alt) if can_draw_chinese() else None


def _filled(source: bytes, title: str, values: Mapping[str, object]) -> bytes:
    paper = DocxTemplate(BytesIO(source))
    paper.render({name: _placed(paper, value) for name, value in values.items()}, LookingUp(_clean))
    assert paper.docx is not None
    about = paper.docx.core_properties
    about.title, about.author, about.comments, about.last_modified_by = clean(title), "", "", ""
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def _placed(paper: DocxTemplate, value: object) -> object:
    return _Placed(paper, value) if isinstance(value, Picture) else value


class _Placed(InlineImage):  # type: ignore[misc]
    """A picture in its place, with words for those who cannot see it."""

    def __init__(self, paper: DocxTemplate, picture: Picture) -> None:
        super().__init__(paper, BytesIO(picture.png), width=Mm(picture.width))
        self._alt = picture.alt

    def __str__(self) -> str:
        return str(super().__str__()).replace("<wp:docPr ", f'<wp:docPr descr="{escape(self._alt)}" ', 1)

    def __html__(self) -> str:
        return str(self)


def clean(text: str) -> str:
    """A text as a document may hold it; docxtpl would take bells and form feeds for new paragraphs and pages."""
    return UNWRITABLE.sub("", text)


def _clean(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean(value)
    return "" if value is None else value
