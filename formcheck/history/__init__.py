"""What was done when: every analysed session in one small database on this computer.

A session is kept as what it counted and measured, with the recording's name: no folder, no picture, no pose.
"""

from formcheck.history.database import FILE, MIGRATIONS, STOP, VERSION, History, delete_all
from formcheck.history.filed import FiledBlock, FiledSession, Movement, filed_block

__all__ = [
    "FILE",
    "MIGRATIONS",
    "STOP",
    "VERSION",
    "FiledBlock",
    "FiledSession",
    "History",
    "Movement",
    "delete_all",
    "filed_block",
]
