from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("todo")
page_head("todo", ledger().as_of, board())
