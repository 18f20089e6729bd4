"""统一社会信用代码 by GB 32100-2015: 18 characters, the last a check digit over the other 17.

Ours because it runs once for every association: python-stdnum takes about 25 µs a code, which alone would double
the time in which a city's workbook is judged. A test compares the two.
"""

from __future__ import annotations

import re
from operator import mul

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_SHAPE = re.compile(rf"[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}")


def is_credit_code(code: str) -> bool:
    """Whether a text has the shape of a code: authority, kind, six digits of region, nine of body, check digit."""
    return _SHAPE.fullmatch(code) is not None


def check_digit(code: str) -> str:
    """The check digit that the first 17 characters of a well-shaped code ask for."""
    total = sum(map(mul, map(_VALUES.__getitem__, code[:17]), WEIGHTS))
    return ALPHABET[-total % 31]
