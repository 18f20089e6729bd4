from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("extensions")
page_head("extensions", ledger().as_of, board())
