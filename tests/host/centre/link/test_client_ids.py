"""Client ids at the broker: they are secrets, and who connects under a false one is told."""

import time
from collections.abc import Iterator

import pytest

from badge.core.codec import wire
from nabij.centre.link.door import Door
from nabij.centre.link.presence import Presence
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.centre.watch.connections import ConnectionWatch, Known
from nabij.paths import StatePaths
from tests.host.centre.badge_client import LONG_S, BadgeClient
from tests.host.centre.desk import Desk
from tests.host.centre.loops import loop_thread
from tests.waiting import wait_until

LONGEST = "n" * 32
MARK = "mark"


class Watched:
    """A watch of our own on the broker of a running receiver."""

    def __init__(self, desk: Desk) -> None:
        self.came: dict[str, int] = {}
        self._desk = desk
        self._said: list[str] = []
        self._coming: dict[str, int] = {}
        receiver = desk.receiver
        authority = Authority.open(StatePaths(desk.state).pki)
        self.presence = Presence(
            Door(
                lambda: receiver.broker.link_port,
                authority.ca_file,
                authority.files("observer"),
            ),
            ConnectionWatch(
                lambda: Known.of(receiver.store.badges()), self._said.append, time.monotonic
            ),
            self._note,
        )

    async def begin(self) -> None:
        self.presence.start()

    async def _note(self, came: dict[str, int]) -> None:
        self._coming |= came

    def look(self) -> list[str]:
        """What was said since the last look, of all that happened up to now."""
        mark = self._desk.badge(MARK)
        mark.connect()
        # The server tells things in the order in which they happened.
        wait_until(lambda: MARK in self._coming)
        mark.close()
        said, self.came = list(self._said), dict(self._coming)
        self._said.clear()
        self._coming.clear()
        return said


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("receiver")
    for badge in ("bert", "carl", "erik", "fred", "gina", MARK, LONGEST):
        enrol(state, badge)
    desk = Desk(state)
    with desk.receiver:
        yield desk


@pytest.fixture
def watched(desk: Desk) -> Iterator[Watched]:
    with loop_thread() as loop:
        watched = Watched(desk)
        loop.run(watched.begin())
        yield watched
        loop.run(watched.presence.stop())


def told_of(badge: str, said: list[str]) -> list[str]:
    """The sentences about its certificate."""
    return [sentence for sentence in said if f"certificate of {badge} " in sentence]


def guesses(victim: BadgeClient, thief: BadgeClient) -> list[str]:
    """What somebody can try who has one badge and knows the other's name."""
    with_own_key = wire.client_id(victim.badge, thief.key)
    return [victim.badge, with_own_key, f"{victim.badge}-{'0' * 16}"]


@pytest.mark.parametrize("name", ["carl", LONGEST])
def test_stolen_badge_that_knows_a_name_cannot_disturb_that_badge(desk: Desk, name: str) -> None:
    """Neither its connection nor what the broker keeps for older firmware while it is away."""
    victim, bert = desk.badge(name, older=True), desk.badge("bert")
    victim.connect()
    for away in (False, True):
        if away:
            spare = desk.badge(name, client_id=f"{name}-spare", older=True)
            spare.connect()
            victim.close()
            spare.insist(2)
            spare.close()
        for client_id in guesses(victim, bert) * 2:
            thief = desk.badge("bert", client_id=client_id)
            thief.connect()
            thief.close()
        if away:
            victim.connect()
            assert victim.wait_status(2, LONG_S) is not None
        else:
            assert victim.connected()
            victim.send(1)
            assert victim.wait_status(1, LONG_S) is not None
            assert victim.connected()
    victim.close()
    assert [one.seq for one in desk.receiver.store.incidents(name)] == [1, 2]


def test_certificate_under_a_client_id_that_is_not_its_own_is_told(
    desk: Desk, watched: Watched
) -> None:
    """While it is connected, and also when it came and went; once."""
    secret = wire.client_id("fred", desk.badge("fred").key)
    for client_id, words, stays in (
        ("fred", "under the client id of fred", True),
        (secret, "under the client id of fred", False),
        ("erik-spare", "under a client id that is not its own ('erik-spare')", False),
    ):
        thief = desk.badge("erik", client_id=client_id)
        thief.connect()
        if not stays:
            thief.close()
        if client_id == secret:
            # The same culprit and victim as a moment ago.
            assert told_of("erik", watched.look()) == []
            continue
        [sentence] = told_of("erik", watched.look())
        assert told_of("erik", watched.look()) == []
        thief.close()
        assert f"certificate of erik connected {words}" in sentence
        assert "revoke erik" in sentence
        assert secret not in sentence
    assert desk.receiver.link.wait_up(LONG_S)


def test_who_came_under_a_false_client_id_before_anybody_looked_is_told(desk: Desk) -> None:
    with loop_thread() as loop:
        for stays in (True, False):
            thief = desk.badge("erik", client_id=f"fred-{'0' * 15}{int(stays)}")
            thief.connect()
            if not stays:
                thief.close()
            watched = Watched(desk)
            loop.run(watched.begin())
            assert told_of("erik", watched.look())
            loop.run(watched.presence.stop())
            thief.close()


def test_badge_is_seen_to_come_under_its_secret_id_and_under_that_of_older_firmware(
    desk: Desk, watched: Watched
) -> None:
    """What is owed to a badge is sent when it comes: also to one whose firmware is not updated."""
    for options in ({}, {"client_id": "gina"}):
        gina = desk.badge("gina", **options)
        gina.connect()
        assert not told_of("gina", watched.look())
        assert "gina" in watched.came
        watched.look()
        assert "gina" not in watched.came
        gina.close()


def test_badge_with_a_new_key_has_a_new_client_id_and_its_past_is_not_held_against_it(
    desk: Desk, watched: Watched
) -> None:
    enrol(desk.state, "dora")
    desk.heard("dora is enrolled")
    old = desk.badge("dora")
    old.insist(1)
    old.close()
    enrol(desk.state, "dora", force=True)
    desk.heard("dora is enrolled")
    new = desk.badge("dora")
    assert wire.client_id("dora", new.key) != wire.client_id("dora", old.key)
    # Told is not yet done: the broker takes a moment to read its users again.
    new.insist(2)
    assert not told_of("dora", watched.look())
    assert "dora" in watched.came
    new.close()
