"""What a hello says of where its badge is does not stay in the broker's files."""

import time
from pathlib import Path

from badge.core.codec import place
from nabij.centre.register.enrol import enrol
from tests.host.centre.databases import full_disk
from tests.host.centre.desk import Desk
from tests.waiting import wait_until

AT = place.Position(520907123, 51214321, 12, 0, place.SATELLITES)


def test_it_is_written_over_while_others_wait_in_the_same_file(tmp_path: Path) -> None:
    enrol(tmp_path, "anna")
    desk = Desk(tmp_path)
    with desk.receiver:
        badge = desk.badge("anna")
        badge.connect()
        with full_disk(desk.receiver.store):
            counts = desk.receiver.intake.counts
            # The pages at hand have some room yet; the first that waits keeps the file.
            seq = 0
            while not counts["deferred"]:
                seq += 1
                badge.send(seq)
                time.sleep(0.05)
            alarm = badge.frame(seq)
            plain = badge.hello()
            told = badge.hello(where=(AT, None, None))
            wait_until(lambda: counts["hello"] == 2)
            wait_until(lambda: not is_in_the_stream(tmp_path, told))
            assert is_in_the_stream(tmp_path, alarm)
            # Acknowledged and forgotten, and there all the same.
            assert is_in_the_stream(tmp_path, plain)
        assert badge.wait_status(seq, 60.0) is not None
        badge.close()


def is_in_the_stream(state: Path, frame: bytes) -> bool:
    blocks = (state / "broker").rglob("*.blk")
    return any(frame in file.read_bytes() for file in blocks)
