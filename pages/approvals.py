from lib.ui.session import board, ledger, require
from lib.ui.theme import page_head

actor = require("approvals")
page_head("approvals", ledger().as_of, board())
