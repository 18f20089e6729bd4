"""Every text people read has its English; nothing typed in one language leaks into the other."""

from __future__ import annotations

import re

import pytest

from lib.i18n import Text, _, language, speaking, use
from tests.catalogue import english, msgids, places

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_text_has_an_english_translation() -> None:
    known = english()
    missing = [msgid for msgid in msgids() if not known.get(msgid)]
    assert missing == [], "run `make i18n` and translate"


def test_no_translation_is_left_of_a_text_that_is_gone() -> None:
    assert set(english()) == set(msgids())


def test_translations_keep_their_places() -> None:
    wrong = {msgid: text for msgid, text in english().items() if text and places(msgid) != places(text)}
    assert wrong == {}


def test_translations_speak_english() -> None:
    """Chinese stays only where it names a sheet, a column, a clause or the doubtful unit itself."""
    quoted = re.compile(
        r"\"[^\"]*\"|《[^》]*》|[一二三四五六七]（[一二三四五六七八]）|市求委|市农委|市教委|中办发|天津|北京时间|中文"
    )
    wrong = {m: t for m, t in english().items() if CHINESE.search(quoted.sub("", t))}
    assert wrong == {}


def test_an_unknown_language_means_chinese_and_blocks_restore_the_former_one() -> None:
    assert use("xx") == "zh"
    with speaking("en"):
        assert language() == "en"
    assert language() == "zh"


def test_a_text_is_translated_when_it_is_read() -> None:
    text = Text("{n} 个阶段已办结 {done} 个", {"n": 7, "done": 2})
    with speaking("en"):
        spoken = str(text)
    assert str(text) == "7 个阶段已办结 2 个"
    assert "7" in spoken
    assert not CHINESE.search(spoken)


@pytest.mark.parametrize("typed", ["{0}", "{n.__class__}", "{", "%s"])
def test_what_people_type_is_never_taken_for_a_place(typed: str) -> None:
    assert typed in _("“{value}”不是整数", value=typed)
