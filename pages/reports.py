from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("reports")
page_head("reports", ledger().as_of, board())
