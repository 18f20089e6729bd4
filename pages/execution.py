from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("execution")
page_head("execution", ledger().as_of, board())
