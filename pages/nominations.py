from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("nominations")
page_head("nominations", ledger().as_of, board())
