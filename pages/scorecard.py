from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("scorecard")
page_head("scorecard", ledger().as_of, board())
