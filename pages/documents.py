"""文件: what the office hands over, finished: chosen, made and taken away in one click."""

import streamlit as st

from lib.documents.catalogue import GROUPS, PAPERS, Deliverable, offered
from lib.i18n import _
from lib.ui.files import take
from lib.ui.filters import pick
from lib.ui.session import board, ledger, require
from lib.ui.subscribing import subscriptions
from lib.ui.theme import esc, page_head

actor = require("documents")
found = ledger()
page_head(_("文件"), found.as_of, board())


def offer(one: Deliverable) -> None:
    """One document: what it is, what to choose, and the way to it."""
    with st.container(border=True, height="stretch"):
        st.subheader(esc(_(one.title)), anchor=False)
        clause = f" · {_(one.clause(found.plan))}" if one.clause else ""
        st.caption(esc(_(one.about) + clause))
        chosen = {}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for choice in one.choices:
                options = dict(choice.options(found, actor.sight))
                if not options:
                    st.text(_(one.missing))
                    return
                usual = next(iter(options))
                name = f"{one.key}_{choice.key}"
                chosen[choice.key] = pick(name, _(choice.title), options, every=options[usual]) or usual
            take(one.key, _("下载"), **chosen)


mine = offered(actor)
for heading, group in GROUPS.items():
    st.header(_(heading), anchor=False)
    if heading == PAPERS:
        st.caption(_("代拟稿，一律用中文；要由人填写的地方用【】标出。"))
    with st.grid("auto", min_column_width=320):
        for one in group:
            if one in mine:
                offer(one)

if actor.may_subscribe:
    subscriptions(actor, found)
