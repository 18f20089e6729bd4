"""What nobody has measured yet: the double does one thing by default and the other when a test asks for it.

The app must hold either way. ``emu.quirks.NAME = …`` changes a behaviour for all spreadsheets of an emulator.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Quirks:
    """Behaviours that are guesses."""

    duplicate_keeps_metadata: bool = True
    """A duplicated tab has the metadata of the original, under ids of their own: a look-up finds both."""

    spilled_blanks_count: bool = True
    """An ``""`` that a formula spills is a value: reads tell it, appends go below it. Otherwise it is a blank cell."""

    unmatched_filter_is_refused: bool = False
    """A write by a data filter that matches nothing is a 400. Otherwise it writes nothing and is not told of."""

    sort_of_used_width_moves_rows: bool = False
    """A sort over all columns in use takes row metadata along. Otherwise only one as wide as the grid does."""

    undo_brings_metadata_back: bool = True
    """Undoing the deletion of a row brings back its metadata too."""
