"""The pseudo-terminal in front of a virtual badge: whose descriptors it touches, and when."""

import contextlib
import os
import tempfile
import threading
import time
from pathlib import Path

from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge

ENDS_S = 30.0


def badge_that_does(folder: Path, program: str) -> VirtualUsbBadge:
    main = folder / "main.py"
    main.write_text(program)
    return VirtualUsbBadge(Scenario(main=main, stalls="off"), folder / "badge")


def test_a_badge_that_has_ended_writes_to_no_file_that_was_opened_since(tmp_path: Path) -> None:
    """The numbers of its descriptors are taken again at once."""
    with badge_that_does(tmp_path, "import time\nwhile True:\n    time.sleep(1)") as badge:
        badge.send({"do": "power_cut"})
        deadline_s = time.monotonic() + ENDS_S
        while badge.running:
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile(dir=tmp_path)) for _ in range(20)]
            badge.send({"do": "press", "ms": 100})
            badge.close()
            assert [os.fstat(file.fileno()).st_size for file in files] == [0] * len(files)


def test_a_badge_that_reads_nothing_can_be_ended_in_the_middle_of_a_paste(tmp_path: Path) -> None:
    badge = badge_that_does(tmp_path, "print('in')\nwhile True:\n    pass")
    with badge:
        badge.wait_for_console("in")
        line = os.open(badge.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        sent = 0
        deadline_s = time.monotonic() + 1.0
        while time.monotonic() < deadline_s:
            with contextlib.suppress(BlockingIOError):
                sent += os.write(line, b"x" * 1024)
        ending = threading.Thread(target=badge.close, daemon=True)
        ending.start()
        ending.join(ENDS_S)
        os.close(line)
        assert sent > 4096
        assert not ending.is_alive()


def test_a_badge_that_was_never_switched_on_leaves_no_process(tmp_path: Path) -> None:
    before = set(Path("/dev/fd").iterdir())
    badge_that_does(tmp_path, "while True:\n    pass").close()
    assert set(Path("/dev/fd").iterdir()) <= before
