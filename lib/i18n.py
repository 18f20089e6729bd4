"""Words for people: Chinese is the msgid, other languages are gettext catalogues in ``locale/``.

``N_`` marks a text for extraction, ``_`` translates it now, ``Text`` carries it until somebody reads it.
Chinese needs no catalogue; a missing entry falls back to Chinese rather than to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = {"zh": "中文", "en": "English"}
DEFAULT = "zh"
LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)


def N_(msgid: str) -> str:
    """Mark ``msgid`` for extraction and give it back untranslated."""
    return msgid


def language() -> str:
    """The language of the current context, a key of ``LANGUAGES``."""
    return _language.get()


def use(code: str | None) -> str:
    """Set the language of the current context; an unknown code means Chinese. Gives the code in force."""
    chosen = code if code in LANGUAGES else DEFAULT
    _language.set(chosen)
    return chosen


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Run a block in one language and restore the former one."""
    token = _language.set(code if code in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _language.reset(token)


@cache
def catalogue(code: str) -> dict[str, str]:
    """All translations of one language as ``{msgid: text}``; empty for Chinese and for unknown languages."""
    path = LOCALE_DIR / code / "LC_MESSAGES" / "messages.po"
    if code == DEFAULT or not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def _(msgid: str, /, **params: object) -> str:
    """``msgid`` in the current language, with ``{name}`` places filled from ``params``."""
    text = catalogue(_language.get()).get(msgid, msgid)
    return text.format(**params) if params else text


_AS_WRITTEN = frozenset({"value", "label", "sheet_label", "found", "options", "name", "earlier", "later"})
"""Places that show what stands in the workbook."""


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence that is translated when it is read: ``str(text)`` speaks the reader's language.

    Places are filled from ``params``: the plan's terms are translated where the catalogue knows them, a tuple is a
    list of such terms, and what stands in the workbook (typed values, names of sheets and columns) stays as it is.
    """

    msgid: str
    params: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in the current language."""
        return _(self.msgid, **{k: v if k in _AS_WRITTEN else _spoken(v) for k, v in self.params.items()})


def listed(terms: Iterable[str]) -> str:
    """Terms in the current language, with its list separator between them."""
    return _("、").join(_(term) for term in terms if term)


def _spoken(value: object) -> object:
    if isinstance(value, tuple):
        return listed(value)
    return catalogue(_language.get()).get(value, value) if isinstance(value, str) else value


def T_(msgid: str, /, **params: object) -> Text:
    """A ``Text`` for ``msgid``; also the marker by which its msgid is extracted."""
    return Text(msgid, params)
