from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("evaluation")
page_head("evaluation", ledger().as_of, board())
