"""规则依据: what is checked, by which clause, and how the plan is set."""

import streamlit as st

from lib.i18n import _
from lib.ui.session import board, ledger, require
from lib.ui.tables import folded_table, prose
from lib.ui.theme import esc, page_head
from lib.views.catalogue import catalogue
from lib.views.prepared import prepared

require("rules")
found = ledger()
view = prepared(catalogue, found)
page_head(_("规则依据"), found.as_of, board())
st.markdown(esc(view.plan_title))

SETTING = (("name", _("设置")), ("value", _("内容")), ("clause", _("条款")))
st.header(_("方案设置"), anchor=False)
prose(view.settings, SETTING, alt=_("方案设置"))
st.header(_("审批链"), anchor=False)
chain_columns = (("name", _("文种")), ("value", _("次序")), ("clause", _("条款")))
prose(view.chains, chain_columns, alt=_("审批链"))

st.header(_("规则目录"), anchor=False)
for letter, title, lines in view.families:
    folded_table(
        esc(_("{letter} {title}（{n} 条）", letter=letter, title=title, n=len(lines))), lines,
        (
            ("id", _("规则")), ("title", _("内容")), ("severity", _("级别")), ("clause", _("依据")),
            ("now", _("现有")), ("remedy", _("改法")),
        ),
        key=f"fold_{letter}", alt=title,
    )  # fmt: skip
st.header(_("方案条款"), anchor=False)
prose(view.clauses, (("clause", _("条款")), ("title", _("内容"))), alt=_("条款"))
