"""Files to take away: a link to the route that makes them, for the day and the language of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from lib.documents.catalogue import NATIONAL
from lib.documents.charts import KINDS
from lib.documents.sheets import FORMATS
from lib.i18n import DEFAULT, _, language
from lib.services.policy import Actor
from lib.ui.session import as_of


def take(key: str, label: str, **wanted: str) -> None:
    """A button that makes a file of ``lib.documents.catalogue``. The label is Markdown."""
    st.link_button(label, _address(key, wanted, {}), icon=":material/download:")


def take_document(actor: Actor, key: str, label: str, **wanted: str) -> None:
    """The same where the matter is dealt with, for those who may take it."""
    if actor.may_take(key):
        take(key, label, **wanted)


def take_figures(actor: Actor, *, chart: str = "", table: str = "", **filters: str | None) -> None:
    """What can be taken of a chart and its table, behind one small button: pictures, and the table as filtered."""
    ways = []
    for key, name, kinds in (("chart", chart, KINDS), ("table", table, FORMATS)):
        if name and actor.may_take(key):
            ways += [(_(word), _address(key, {"name": name, "format": kind}, filters)) for kind, word in kinds.items()]
    _offer(ways)


def take_records(sheet: str, **filters: str) -> None:
    """The records of a sheet that fit the filters, with every column their taker may see."""
    ways = [(_(word), _address("records", {"sheet": sheet, "format": kind}, filters)) for kind, word in FORMATS.items()]
    _offer(ways)


def take_national(actor: Actor, **filters: str) -> None:
    """What 多地汇总 shows as a workbook, all places or one, for those who may take it. Its day is the roll-up's own."""
    if not actor.may_take(NATIONAL):
        return
    said = {} if language() == DEFAULT else {"lang": language()}
    query = urlencode(filters | said)
    address = f"/files/{NATIONAL}" + (f"?{query}" if query else "")
    st.link_button(_("下载（.xlsx）"), address, icon=":material/download:", type="tertiary", width="content")


def _offer(ways: Sequence[tuple[str, str]]) -> None:
    if not ways:
        return
    with st.popover(_("下载"), icon=":material/download:", type="tertiary"):
        for word, address in ways:
            st.link_button(word, address, type="tertiary", width="stretch")


def _address(key: str, wanted: Mapping[str, str], filters: Mapping[str, str | None]) -> str:
    chosen = {name: value for name, value in filters.items() if value}
    query = {"asof": as_of().isoformat(), **wanted, **chosen} | ({"lang": language()} if language() != DEFAULT else {})
    return f"/files/{key}?{urlencode(query)}"
