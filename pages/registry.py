from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("registry")
page_head("registry", ledger().as_of, board())
