from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("policies")
page_head("policies", ledger().as_of, board())
