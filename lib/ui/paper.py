"""Printing (打印): a page as it stands, on A4 portrait, by the browser's own command."""

from __future__ import annotations

import streamlit as st

_STYLE = """<style>
[class*="st-key-paper_only"] { display: none }
@media print {
  @page { size: A4 portrait; margin: 10mm 14mm }
  html { font-size: 12px !important }
  .stApp, .stApp * {
    color: #000 !important; box-shadow: none !important;
    -webkit-print-color-adjust: exact; print-color-adjust: exact;
  }
  html, body, #root, .stApp, .stApp [data-testid="stAppViewContainer"], .stApp [data-testid="stMain"] {
    position: static !important; height: auto !important; overflow: visible !important;
  }
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stStatusWidget"],
  .stButton, .stDownloadButton, .stPageLink, .stPopover, .stDateInput, .stButtonGroup, .stExpander,
  [class*="st-key-screen_only"] { display: none !important }
  [data-testid="stMainBlockContainer"] { padding: 0 !important; max-width: none !important }
  [data-testid="stMainBlockContainer"] > .stVerticalBlock, .st-key-card_head, .st-key-card_why {
    gap: 0.3rem !important;
  }
  .st-key-brief { width: 100% !important; max-width: none !important; gap: 0.8rem !important }
  .st-key-paper_only_title, .st-key-paper_only_rest { display: flex }
  .st-key-paper_only { display: block; columns: 2 }
  .st-key-paper_only > * { break-inside: avoid; margin-bottom: 0.7rem }
  .stHorizontalBlock:has(> .stColumn) { display: flex !important; flex-flow: row nowrap !important; gap: 2rem }
  .stColumn { width: 0 !important; min-width: 0 !important; flex: 1 1 0 !important }
  .stColumn, .st-key-card_head, .st-key-card_why, .stVegaLiteChart, .stMarkdown p { break-inside: avoid }
  h1, h2, h3 { break-after: avoid }
}
</style>"""


def print_style() -> None:
    """Make this page print well: no side bar, header, controls or folds; charts and sections are not cut."""
    st.html(_STYLE)
