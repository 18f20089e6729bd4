"""Pictures (图片): our charts drawn on the server, as PNG and as SVG, with Chinese letters or not at all.

The specifications of ``lib.charts`` are made for a browser that knows how wide it is. Here the width is given instead,
and asked for nowhere; everything else is drawn as people see it on the pages.
"""

from __future__ import annotations

import json
import logging
import math
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lib.charts.pieces import AXIS, FAINT, INK, Spec
from lib.documents.file import UNWRITABLE, NotDelivered
from lib.i18n import N_, T_

WIDTH, SCALE = 760, 2.0
"""Pixels between the axes; how many dots for each: twice as many are sharp on paper 16 cm wide."""
MOST_DOTS, TALLEST, MOST_ROWS = 24_000_000, 20_000, 50_000
"""A picture takes four bytes for each dot while it is drawn. Beyond the first it gets coarser, beyond the others it is
refused: nobody can read it, and drawing it would keep the others waiting."""
SECONDS = 60
"""For one picture, and for waiting until the one before is finished; usually it is one second."""
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei", "sans-serif")
"""Looked for in this order: Linux, Windows, macOS."""
INSTALL_FONTS = N_("安装中文字体后重启：Debian、Ubuntu 用 apt install fonts-noto-cjk；Windows、macOS 自带")
_AXIS = {"labelPadding": 10, "titleFontWeight": "normal", "titlePadding": 8}
"""As on the pages, where Streamlit's theme sees to it; labels of two lines would stand on the axis without."""
_ASKED_WIDTH, _PROBE = "containerSize()[0]", ("脱", "钩")
_DATA, _EXPRESSIONS = "values", ("expr", "labelExpr", "calculate", "filter", "test")
_OUTSIDE = ("url", "href", "loader", "usermeta")
_INSTEAD = str.maketrans({"⏸": "‖"})
"""A shape that Chinese fonts lack, and the one of the same look that they have."""
_DRAWING = Path(__file__).with_name("drawing.py")
_turn = threading.Lock()
_log = logging.getLogger(__name__)


class NotDrawn(NotDelivered):
    """A chart cannot be drawn on this server; ``reason`` says why and what to do."""


def png(spec: Spec, *, width: int = WIDTH, scale: float = SCALE, title: str = "", foot: str = "") -> bytes:
    """A chart as PNG, ``width`` pixels between its axes, ``scale`` dots for each pixel; raises ``NotDrawn``.

    ``title`` stands above, ``foot`` (the as-of day) below.
    """
    made = _drawable(spec, width, title, foot)
    dots = (width + 300) * (made["height"] + 2 * AXIS)
    fitting = min(scale, math.sqrt(MOST_DOTS / dots))
    return _drawn(json.dumps(made), "png", f"{fitting:.3f}")


def svg(spec: Spec, *, width: int = WIDTH, title: str = "", foot: str = "") -> bytes:
    """The same as SVG, in UTF-8; its letters are drawn by the reader's own fonts."""
    return _drawn(json.dumps(_drawable(spec, width, title, foot)), "svg")


def can_draw_chinese() -> bool:
    """Whether this server can draw at all, and with Chinese letters."""
    try:
        return _has_fonts()
    except NotDrawn:
        return False


@cache
def _has_fonts() -> bool:
    """Where there are no Chinese letters, two of them look the same: the sign for one that is missing."""
    return len({_drawn(_letter(one), "plain") for one in _PROBE}) == len(_PROBE)


def _drawn(given: str, *how: str) -> bytes:
    """What a process of its own makes of it: one at a time, and each only so long."""
    command = [sys.executable, "-I", str(_DRAWING), *how]
    if not _turn.acquire(timeout=SECONDS):
        raise NotDrawn(T_("正在画别的图，请稍后再试"))
    try:
        # our own file is run; what people typed comes in as data
        done = subprocess.run(command, input=given.encode(), capture_output=True, timeout=SECONDS, check=True)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as error:
        _log.warning("no picture: %s %s", error, str(getattr(error, "stderr", None))[-500:])
        raise NotDrawn(T_("图没有画成；请改用表格，并把服务器日志交给管理员")) from error
    finally:
        _turn.release()
    return done.stdout


def _letter(text: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
        f'<text x="4" y="32" font-size="30" font-family="{_families()}">{text}</text></svg>'
    )


def _families() -> str:
    return ", ".join(FONTS)


def _drawable(spec: Spec, width: int, title: str, foot: str) -> Spec:
    """The specification for a fixed width on white paper."""
    if not _has_fonts():
        raise NotDrawn(T_("服务器上没有中文字体，图画不出来。{what}", what=INSTALL_FONTS))
    made: Spec = _fixed(spec, width)
    if made.get("height", 0) > TALLEST or rows_of(made) > MOST_ROWS:
        raise NotDrawn(T_("数据太多，画成图也看不清；请改用表格"))
    made = _with_foot(made, foot) if foot else made
    made |= {"width": width, "background": "white", "padding": 12}
    config = made.get("config", {})
    made["config"] = {**config, "font": _families(), "axis": {**config.get("axis", {}), **_AXIS}}
    if title:
        words = {
            "text": _clean(title),
            "anchor": "start",
            "frame": "bounds",
            "color": INK,
            "fontSize": 16,
            "offset": 14,
        }
        made["title"] = words
    return made


def _fixed(part: Any, width: int, key: str = "") -> Any:
    """A part of a specification with the width where an expression asks how wide it is, and without the signs no XML
    holds; nothing may lead out of the specification. ``values``, what people typed, is data whatever it looks like."""
    if isinstance(part, Mapping):
        if key != _DATA and (outside := [name for name in _OUTSIDE if name in part]):
            raise ValueError(f"a chart that is drawn here holds all it shows: {outside}")
        return {name: _fixed(value, width, _DATA if key == _DATA else name) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_fixed(value, width, key) for value in part]
    if not isinstance(part, str):
        return part
    return _clean(part.replace(_ASKED_WIDTH, str(width)) if key in _EXPRESSIONS else part)


def _clean(text: str) -> str:
    return UNWRITABLE.sub("�", text).translate(_INSTEAD)


def rows_of(part: Any) -> int:
    """How many rows of data a specification holds."""
    if isinstance(part, Mapping):
        return sum(len(value) if key == _DATA else rows_of(value) for key, value in part.items())
    return sum(map(rows_of, part)) if isinstance(part, list) else 0


def _with_foot(made: Spec, foot: str) -> Spec:
    """A line below the axis. It is a layer, because a specification has no place for a second title."""
    whole: Spec = {key: made.pop(key) for key in ("config", "height", "$schema") if key in made}
    below = whole.get("height", 0) + AXIS
    mark = {"type": "text", "align": "left", "baseline": "top", "color": FAINT, "fontSize": 12, "aria": False}
    line = {"data": {"values": [{"foot": _clean(foot)}]}, "mark": {**mark, "x": 0, "y": below}}
    line["encoding"] = {"text": {"field": "foot", "type": "nominal"}}
    return {**whole, "layer": [made, line]}
