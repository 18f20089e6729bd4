"""Charts as pictures: of the right size, with Chinese letters, and with nothing in them but what they show."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from lib.charts.pieces import Spec, by_name, data, spec
from lib.documents import pictures
from lib.documents.catalogue import deliver
from lib.documents.charts import CHARTS
from lib.documents.pictures import NotDrawn, can_draw_chinese, png, svg
from lib.domain.ledger import Ledger
from lib.services.policy import OPERATOR

HOSTILE = (
    "<script>alert(1)</script>", '"><image href="http://evil.example/x.png"/>', "</text><foreignObject/>",
    "&lt;b&gt;", "\x0b\ud800", "javascript:alert(1)", "containerSize()[0]",
)  # fmt: skip


@pytest.fixture(autouse=True)
def with_letters() -> None:
    if not can_draw_chinese():
        pytest.skip("no Chinese fonts here: apt install fonts-noto-cjk")


def bars(*names: str) -> Spec:
    import altair as alt

    rows = [{"name": name, "n": 3} for name in names]
    chart = alt.Chart(data(rows)).mark_bar().encode(x=alt.X("n", type="quantitative"), y=by_name("name", list(names)))
    return spec(chart.properties(height=100))


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG")
    wide, high = struct.unpack(">II", picture[16:24])
    return wide, high


def test_letters_are_letters() -> None:
    assert png(bars("脱")) != png(bars("钩"))


def test_width_and_scale_are_as_asked() -> None:
    small, big = size(png(bars("甲"), width=400, scale=1)), size(png(bars("甲"), width=400, scale=2))
    assert 400 < small[0] < 500
    assert abs(big[0] - 2 * small[0]) <= 2
    assert size(png(bars("甲"), width=800, scale=1))[0] - small[0] == 400


def test_names_are_not_cut_as_on_a_phone() -> None:
    """Narrow screens give names two fifths of the width; nobody's screen is meant here."""
    long = "很长很长的单位名称一二三"
    assert long in texts(svg(bars(long)))


def test_a_very_tall_chart_is_coarser_and_a_taller_one_refused() -> None:
    tall = bars("甲") | {"height": 12_000}
    wide, high = size(png(tall, scale=2))
    assert wide * high < pictures.MOST_DOTS * 1.1
    with pytest.raises(NotDrawn, match="表格"):
        png(bars("甲") | {"height": 30_000})


def texts(picture: bytes) -> str:
    return " ".join(node.text or "" for node in ET.fromstring(picture).iter() if node.text)


def test_hostile_text_is_text() -> None:
    picture = svg(bars(*HOSTILE), title=HOSTILE[0], foot=HOSTILE[1])
    tree = ET.fromstring(picture)
    assert not {node.tag.split("}")[1] for node in tree.iter()} - {
        "svg",
        "g",
        "path",
        "text",
        "rect",
        "defs",
        "clipPath",
        "line",
    }
    assert not [name for node in tree.iter() for name in node.attrib if "href" in name or name.startswith("on")]
    shown = texts(picture)
    assert HOSTILE[0] in shown
    assert "containerSize()[0]" in shown
    assert size(png(bars(*HOSTILE)))


@pytest.mark.parametrize(
    "outside",
    [lambda made: made | {"data": {"url": "file:///etc/passwd"}}, lambda made: made | {"usermeta": {}},
     lambda made: made | {"encoding": {**made["encoding"], "href": {"field": "name"}}}],
)  # fmt: skip
def test_nothing_leads_out_of_a_chart(outside: Callable[[Spec], Spec]) -> None:
    with pytest.raises(ValueError, match="holds all it shows"):
        svg(outside(bars("甲")))


def test_without_fonts_it_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_drawn", lambda *_given: b"the same box")
    pictures._has_fonts.cache_clear()
    try:
        assert not can_draw_chinese()
        with pytest.raises(NotDrawn, match="fonts-noto-cjk"):
            png(bars("甲"))
    finally:
        pictures._has_fonts.cache_clear()


def test_what_takes_too_long_is_given_up_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SECONDS", 0.001)
    with pytest.raises(NotDrawn, match="没有画成"):
        png(bars("甲"))


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_drawn_with_its_title_and_day(ledger: Ledger, name: str) -> None:
    made = deliver(OPERATOR, ledger, "chart", {"name": name, "format": "svg"})
    shown = texts(made.content)
    assert CHARTS[name] in shown
    assert "2016年3月31日" in shown
    assert "⏸" not in shown
