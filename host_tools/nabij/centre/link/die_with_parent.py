"""Run as a script: become the given program, and have it killed when the parent dies.

`die_with_parent.py PARENT_PID PROGRAM ARGUMENT...`. Linux only has the means (prctl);
elsewhere the program simply starts. A script and not a hook between fork and exec: the parent has
threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Replace this process; returns only when the parent is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(arguments[0]):
            return
    os.execv(arguments[1], arguments[1:])  # noqa: S606 - that is what it is for


if __name__ == "__main__":
    main(sys.argv[1:])
