"""The disk: told hours before it is full, with a reserve that is given up when it is."""

import contextlib
import os
import shutil
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from nabij.centre.complaints import Complaint
from nabij.centre.recurring import Job
from nabij.paths import disk_of

LOOK_S: Final = 1.0
MB: Final = 1 << 20
RESERVE_BYTES: Final = 64 * MB
# The reserve takes no more than this share of a disk, and is given up in so many steps.
_SHARE: Final = 8
_STEPS: Final = 8
# A step lasts so long at least: whatever fills the disk takes it too.
STEP_S: Final = 5.0
# Below this an alarm may find no room; below twice that, or this share, people are told.
_LEAST_BYTES: Final = 8 * MB
_LOW_BYTES: Final = 1024 * MB
_LOW_SHARE: Final = 20
# How fast it fills is known from what was left so long ago, at least; told when that is the end
# within so many hours.
SAMPLE_S: Final = 60.0
SHORTEST_S: Final = 1_800.0
_SAMPLES: Final = 240
HOURS: Final = 12


class Usage(NamedTuple):
    """Bytes of a disk: all, and what is free for us."""

    total: int
    free: int


def usage_of(folder: Path) -> Usage:
    """Of the disk that the folder lies on."""
    found = shutil.disk_usage(folder)
    return Usage(found.total, found.free)


class Disk:
    """Watches the disk of the state folder, and keeps a file there to give up.

    `say` gets a sentence; `usage()` and `now_s()` (steady) are what it goes by.
    """

    def __init__(
        self,
        file: Path,
        say: Callable[[str], None],
        reserve_bytes: int = RESERVE_BYTES,
        usage: Callable[[], Usage] | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._usage = usage or (lambda: usage_of(file.parent))
        self._now_s = now_s
        self._where = disk_of(file)
        total = self._usage().total
        self._wanted = min(reserve_bytes, total // _SHARE)
        self._step = max(1, self._wanted // _STEPS)
        # Small disks have small wants.
        self._least = min(_LEAST_BYTES, total // 32)
        self._low = max(2 * self._least, min(_LOW_BYTES, total // _LOW_SHARE))
        self._stepped_s: float | None = None
        self._samples: deque[tuple[float, int]] = deque(maxlen=_SAMPLES)
        self._complaint = Complaint(say, "The disk has room again.", now_s)

    @property
    def sentence(self) -> str:
        """What is the matter, empty for nothing."""
        return " ".join(self._complaint.sentences[-1:])

    def begin(self) -> None:
        """Before anything is opened: keep a reserve, or give up that of an earlier run."""
        free = self._usage().free
        if free < self._least:
            self._resize(0)
        else:
            self._keep(free)

    def end(self) -> None:
        """A receiver that does not run needs no reserve; safe to call twice."""
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)

    def job(self) -> Job:
        """What has to recur."""
        return Job(
            "nabij-disk",
            LOOK_S,
            self.look,
            "The disk is not watched",
            "The disk is watched again.",
        )

    async def look(self) -> None:
        """One round."""
        free = self._usage().free
        kept = self._kept()
        now_s = self._now_s()
        if free < self._least:
            self._give_up(kept, now_s)
            self._complaint.found(
                f"THE DISK AT {self._where} IS FULL: a reserve is given up so that alarms still "
                "get through; free some space there now."
            )
            return
        self._keep(free)
        hours = self._hours_left(free, now_s)
        if free < self._low:
            self._complaint.found(
                f"LITTLE IS LEFT ON THE DISK AT {self._where} ({free // MB} MB): free some space; "
                "on a full disk no alarm can be kept."
            )
        elif hours is not None and hours < HOURS:
            self._complaint.found(
                f"THE DISK AT {self._where} FILLS and will be full within {HOURS} hours if that "
                "goes on: free some space, or see what fills it."
            )
        elif free > 1.25 * self._low:
            self._complaint.over()

    def _keep(self, free: int) -> None:
        kept = self._kept()
        if kept < self._wanted and free > self._wanted - kept + 2 * self._low:
            self._resize(self._wanted)

    def _give_up(self, kept: int, now_s: float) -> None:
        if kept and (self._stepped_s is None or now_s - self._stepped_s >= STEP_S):
            self._stepped_s = now_s
            self._resize(max(0, kept - self._step))

    def _hours_left(self, free: int, now_s: float) -> float | None:
        if not self._samples or now_s - self._samples[-1][0] >= SAMPLE_S:
            self._samples.append((now_s, free))
        began_s, before = self._samples[0]
        if now_s - began_s < SHORTEST_S or free >= before:
            return None
        return free / (before - free) * (now_s - began_s) / 3600

    def _kept(self) -> int:
        try:
            return self._file.stat().st_size
        except OSError:
            return 0

    def _resize(self, size: int) -> None:
        # What cannot be had now is had later.
        with contextlib.suppress(OSError):
            if size == 0:
                self._file.unlink(missing_ok=True)
                return
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if size < os.fstat(descriptor).st_size:
                    os.ftruncate(descriptor, size)
                else:
                    _allocate(descriptor, size)
            finally:
                os.close(descriptor)


def _allocate(descriptor: int, size: int) -> None:
    """Have the room, and not just the size."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    block = bytes(MB)
    for begin in range(0, size, MB):
        os.pwrite(descriptor, block[: size - begin], begin)
