"""Drawing (制图): the process that draws one picture: a specification comes in, a picture goes out, then it is over.

Drawing holds Python's lock for a second; in the server's own process everybody would wait. It is started by
``lib.documents.pictures`` as a file of its own, with nothing of ours imported.
"""

from __future__ import annotations

import sys

import vl_convert


def main() -> None:
    """``png SCALE``, ``svg`` of a Vega-Lite specification, or ``plain`` of an SVG: from stdin to stdout."""
    kind, given = sys.argv[1], sys.stdin.buffer.read().decode()
    if kind == "plain":
        made = bytes(vl_convert.svg_to_png(given, scale=1.0))
    elif kind == "svg":
        made = str(vl_convert.vegalite_to_svg(given, allowed_base_urls=[])).encode()
    else:
        made = bytes(vl_convert.vegalite_to_png(given, scale=float(sys.argv[2]), allowed_base_urls=[]))
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
