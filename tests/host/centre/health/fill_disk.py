"""Fills a real file system under a receiver; to be run in a namespace of its own (unshare -rm)."""

import json
import subprocess
import sys
import time
from pathlib import Path

from nabij.centre.health.disk import MB
from nabij.centre.register.enrol import enrol
from tests.host.centre.desk import Desk

SIZE_MB = 96
RESERVE_MB = 12


def fill(file: Path) -> None:
    """To the last byte."""
    with file.open("ab", buffering=0) as out:
        for size in (MB, 4096, 1):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue


def said(desk: Desk) -> int:
    """Print what was said; how many sentences."""
    sentences = [desk.said.get() for _ in range(desk.said.qsize())]
    print("\n".join(sentences))
    return len(sentences)


def measure(state: Path, rounds: int) -> list[dict[str, float]]:
    """So many times full, an alarm meanwhile, full again for 20 s, room, an alarm."""
    desk = Desk(state, reserve_bytes=RESERVE_MB * MB)
    found: list[dict[str, float]] = []
    seq = 0
    with desk.receiver:
        anna = desk.badge("anna")
        for _ in range(rounds):
            seq += 1
            anna.insist(seq)
            filler = state / "filler"
            fill(filler)
            seq += 1
            # On what the reserve gives.
            try:
                anna.insist(seq, timeout_s=60)
            except AssertionError:
                said(desk)
                raise
            end_s = time.monotonic() + 10
            while time.monotonic() < end_s:
                fill(filler)
                time.sleep(0.2)
            filler.unlink()
            freed_s = time.monotonic()
            seq += 1
            anna.insist(seq, timeout_s=120)
            healed_s = time.monotonic() - freed_s
            found.append({"on_reserve": 1, "healed_s": healed_s, "sentences": said(desk)})
            time.sleep(3)
        anna.close()
        assert len(desk.receiver.store.incidents()) == seq
    return found


def main() -> None:
    """`fill_disk.py FOLDER ROUNDS`."""
    folder = Path(sys.argv[1]) / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={SIZE_MB}m", "none", str(folder)]
    subprocess.run(["mount", *options], check=True)
    enrol(folder / "state", "anna")
    print(json.dumps(measure(folder / "state", int(sys.argv[2]))))


if __name__ == "__main__":
    main()
