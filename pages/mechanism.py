from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("mechanism")
page_head("mechanism", ledger().as_of, board())
