from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("implementation")
page_head("implementation", ledger().as_of, board())
