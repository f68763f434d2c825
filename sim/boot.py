"""Starts a virtual badge: `micropython -X heapsize=32m sim/boot.py SCENARIO.json`.

Exit codes: 0 the scenario ended, 42 the badge reset itself, 43 power cut, 44 watchdog,
45 brownout, 2 the scenario cannot be run.
"""

import json
import os
import sys

import vfs


def _mount(repo):
    host = vfs.VfsPosix("/")
    # Nothing that a badge does may change the sources that it runs from: EROFS, as from a ROM.
    vfs.mount(vfs.VfsPosix(repo + "/firmware"), "/rom", readonly=True)
    vfs.mount(vfs.VfsPosix(repo + "/sim"), "/sim", readonly=True)
    # "" is the badge's own root, where `sim` and `rom` appear as folders too.
    sys.path[:] = ["/sim/modules", ".frozen", "/rom", ""]
    return host


def main():
    """Run the scenario file named on the command line; returns the exit code."""
    if len(sys.argv) != 2 or not sys.argv[0].startswith("/"):
        print("Give sim/boot.py by its absolute path, and one scenario file.", file=sys.stderr)
        return 2
    with open(sys.argv[1]) as file:
        scenario = json.load(file)
    host = _mount(sys.argv[0].rsplit("/", 2)[0])
    os.chdir("/")
    from sim.world import run  # noqa: PLC0415  only found after _mount()

    # As on the chip, the names of main.py are those of the prompt.
    return run.run(scenario, host, globals())


code = main()
# None: the badge is at its prompt, which MicroPython shows next.
if code is not None:
    sys.exit(code)
