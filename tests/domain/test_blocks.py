"""Blocks behave like the list they stand for, and share what an exchange leaves as it was."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain import blocks
from lib.domain.blocks import Blocks, differing
from tests.workbooks import examples

LISTS = st.lists(st.integers(0, 3), max_size=20)


@pytest.fixture(autouse=True, scope="module")
def short_blocks() -> Iterator[None]:
    """Blocks so short that a few items fill several."""
    with patch.object(blocks, "SIZE", 4):
        yield


@given(LISTS, st.data())
@examples(300)
def test_they_are_read_like_the_list(items: list[int], data: st.DataObject) -> None:
    found = Blocks(items)
    assert list(found) == items
    assert found == items
    assert items == found
    assert found == Blocks(items)
    assert len(found) == len(items)
    assert bool(found) == bool(items)
    ends = st.none() | st.integers(-25, 25)
    start, stop, step = data.draw(ends), data.draw(ends), data.draw(st.none() | st.integers(1, 3))
    assert found[start:stop:step] == items[start:stop:step]
    for at in range(-len(items), len(items)):
        assert found[at] == items[at]
    for at in (len(items), -len(items) - 1):
        with pytest.raises(IndexError):
            found[at]


@given(LISTS, st.data())
@examples(300)
def test_exchanged_and_resized_leave_the_first_as_it_was(items: list[int], data: st.DataObject) -> None:
    first = Blocks(items)
    length = data.draw(st.integers(0, 20))
    places = st.integers(0, max(length - 1, 0))
    wanted = data.draw(st.dictionaries(places, st.integers(4, 9), max_size=4)) if length else {}
    second = first.resized(length, 7).exchanged(wanted)
    expected = [*items, *[7] * 20][:length]
    for at, item in wanted.items():
        expected[at] = item
    assert second == expected == list(second)
    assert first == items
    both = range(min(len(items), length))
    assert differing(second, first) == differing(expected, items) == [at for at in both if expected[at] != items[at]]
    assert differing(second, items) == differing(second, first)


def test_what_an_exchange_does_not_touch_is_shared_and_not_looked_at() -> None:
    class Row:
        def __eq__(self, other: object) -> bool:
            raise AssertionError("looked at")

        __hash__ = None  # type: ignore[assignment]

    first = Blocks[object]([Row() for _ in range(20)])
    with pytest.raises(AssertionError, match="looked at"):
        first.exchanged({9: Row()}).differing(first)
    assert first.exchanged({9: first[9]}).differing(first) == []
    assert first.resized(20) is first
    assert first.resized(23).differing(first) == []


def test_another_length_or_kind_is_no_equal() -> None:
    assert Blocks([1, 2]) != [1]
    assert Blocks([1, 2]) != Blocks([1, 2, 3])
    assert Blocks([1]) != 1
