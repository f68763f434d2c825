"""Replies at a real broker: none waits for one that cannot be kept, and that is told once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nabij.centre.link import old_session
from nabij.centre.link.door import Door
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.paths import StatePaths
from tests.host.centre.desk import Desk
from tests.host.centre.loops import loop_thread
from tests.waiting import LONG_S


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    for badge in ("anna", "bert"):
        enrol(tmp_path, badge)
    desk = Desk(tmp_path)
    with desk.receiver:
        yield desk


@pytest.mark.requirement("R09")
def test_broker_that_keeps_nothing_for_older_firmware_costs_nobody_a_receipt(desk: Desk) -> None:
    authority = Authority.open(StatePaths(desk.state).pki)

    async def delete() -> None:
        port = lambda: desk.receiver.broker.link_port  # noqa: E731
        async with Door(port, authority.ca_file, authority.files("receiver")).open() as client:
            await client.jetstream().delete_stream(old_session.KEPT)

    anna, bert = desk.badge("anna"), desk.badge("bert")
    # Neither has said hello, so both are taken for older firmware.
    for badge in (anna, bert):
        badge.connect()
    with loop_thread() as loop:
        loop.run(delete())
    for seq in (1, 2):
        for badge in (anna, bert):
            badge.send(seq)
            assert badge.wait_status(seq, LONG_S) is not None
    told = desk.heard("older firmware")
    assert told.startswith("The broker does not keep what badges with older firmware miss")
    assert len(desk.receiver.store.incidents()) == 4
    while not desk.said.empty():
        assert "older firmware" not in desk.said.get()
    for badge in (anna, bert):
        badge.close()
