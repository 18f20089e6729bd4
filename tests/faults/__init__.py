"""The fault harness: random people, crashes and bad disks against a real workbook, and what "nothing is lost" means.

A schedule is a random sequence of acts on one small workbook: commands and syncs of one or two servers, desktop
programs that open the file, edit and save it whole later, crashes and power cuts at any system call, a full disk, a
file that is gone or garbage for a while. Then everybody closes, the faults go away, everything syncs, and the verdict
is passed on what is left. A **silent loss** is any of these:

``broken``  the workbook does not open, the journal does not verify, two rows share an id, a row has none, the file
            differs from what the app holds or from what the journal tells, or something is left lying about.
``lost``    a command was acknowledged and does not stand in the journal; or it was refused and does.
``untold``  an entry of the journal does not begin where the entries before it ended: what was in force went away
            without being told as an ``old`` value. Together with the file being what the journal tells, this is the
            promise itself: every value ever in force still is, or a later entry tells it as what it replaced.
``unheard`` somebody typed, deleted or inserted something outside, saved it, no other program saved over it before the
            app could look, and there was no moment after the save at which it was in force.
``undone``  a journaled outside edit that nobody made, without a conflict that asks: a stale save took back a change
            that its author never touched.
``doubled`` a row somebody typed once is there twice, and nobody chose that where a conflict asked.

What a person changed is the difference between the rows as opened and as saved, followed row by row through sorting,
copying and deleting, not by ids. A save that another *program* overwrites before the app looks is lost between those
two programs; what the later one carries on of it is counted as its own. Every failure prints the seed that replays it:
``python -m tests.faults SEED``.
"""
