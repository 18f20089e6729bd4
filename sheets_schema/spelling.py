"""Spelling (写法): what two ways to write one name share."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
"""Characters nobody sees, for ``str.translate``."""
_SPACES = re.compile(r"\s+")
_TRANSLATE = INVISIBLE | str.maketrans({"〔": "(", "〕": ")", "【": "(", "】": ")"})


@lru_cache(maxsize=2**16)
def spelt(text: str) -> str:
    """A text as NFKC, brackets alike, without white space and invisible characters, in upper case."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text).translate(_TRANSLATE)).upper()
