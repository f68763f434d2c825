"""Three brokers, two receivers, one database: any of the six may be killed in a burst."""

import collections
import itertools
import math
import os
import signal
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from nabij.centre import operator
from nabij.centre.register.enrol import enrol
from nabij.centre.register.revoke import revoke
from tests.host.centre import postgres, steps
from tests.host.centre.badge_client import BadgeClient, UnreachableError, tls_context
from tests.host.centre.cluster_world import NODES, RECEIVERS, ClusterWorld, running
from tests.host.centre.insistent import Insistent, silences_s, spread
from tests.waiting import wait_until

BADGES = ("anna", "bert", "carl", "dora", "eva", "fred")
# As promised. What a burst measured is printed.
MOST_SILENCE_S = 10.0
MOST_ALARMS = 300
DAY_S = 86_400
SIX = (*NODES, *RECEIVERS, "database")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A server of its own, which may be ended: the folder by which it is known."""
    with postgres.of_its_own(tmp_path / "run") as run:
        yield run


@pytest.fixture
def world(tmp_path: Path, database: Path) -> Iterator[ClusterWorld]:
    with running(tmp_path, postgres.shared(database), *BADGES) as world:
        yield world


def kill_at(world: ClusterWorld, database: Path, name: str, step: str) -> None:
    """It is gone without a word when an alarm has come so far, and back after a while.

    Of two receivers the one that is at the step dies, whichever was named; both are, in turn.
    """
    steps.arm(world.stops, step)
    wait_until(lambda: steps.reached(world.stops, step) is not None)
    there = steps.reached(world.stops, step)
    if name == "database":
        postgres.crash(database)
        steps.go_on(world.stops, step)
        time.sleep(1.0)
        postgres.start_again(database)
        return
    part = world.parts[name]
    if name in RECEIVERS:
        [part] = [one for one in map(world.parts.get, RECEIVERS) if one and one.pid == there]
    part.kill()
    steps.go_on(world.stops, step)
    time.sleep(1.0)
    part.start()


def kept(world: ClusterWorld) -> collections.Counter[tuple[str, int]]:
    incidents = (one.incident for one in operator.all_incidents(world.office))
    return collections.Counter((one.badge, one.seq) for one in incidents)


def told(world: ClusterWorld) -> collections.Counter[str]:
    """The incidents that the terminals of both receivers printed."""
    lines = [line for name in RECEIVERS for line in world.parts[name].all_lines]
    found = [line for line in lines if '"event": "incident"' in line]
    return collections.Counter(line.split('"id": ')[1].split(",")[0] for line in found)


def campaign(world: ClusterWorld, database: Path, kills: Sequence[tuple[str, str]]) -> None:
    """Each victim dies at its step, amid alarms that do not cease; more than 300 of them."""
    fleet = [Insistent(world, badge) for badge in BADGES]
    for one in fleet:
        one.start()
    began_s = []
    for victim, step in kills:
        spread(fleet, NODES)
        delivered(fleet, -(-MOST_ALARMS // len(kills)))
        began_s.append(time.monotonic())
        kill_at(world, database, victim, step)
        delivered(fleet, 10)
    spread(fleet, NODES)
    for one in fleet:
        one.stop()
    expected = {(one.badge, seq): 1 for one in fleet for seq in one.receipts_s}
    longest_s = 0.0
    print(f"\n{len(expected)} alarms. Longest without a receipt:")
    for (victim, step), span_s in zip(kills, spans(began_s), strict=True):
        silent_s = max(silences_s(fleet, *span_s))
        # Those of the broker that died find none that takes them until a leader is chosen.
        waited_s = max(wait_s for one in fleet for wait_s in one.waits_s(*span_s))
        print(f"{victim} died at {step}: nobody {silent_s:.1f} s, one badge {waited_s:.1f} s")
        longest_s = max(longest_s, silent_s)
    assert len(expected) >= MOST_ALARMS
    assert kept(world) == expected
    # A listener is told at least once; of what a kill cut short, again.
    wait_until(lambda: len(told(world)) == len(expected))
    assert longest_s < MOST_SILENCE_S


def spans(began_s: list[float]) -> list[tuple[float, float]]:
    return list(itertools.pairwise([*began_s, math.inf]))


@pytest.mark.slow
@pytest.mark.requirement("R09")
@pytest.mark.requirement("R10")
def test_any_one_of_the_six_is_killed_in_a_burst(world: ClusterWorld, database: Path) -> None:
    """Nothing is lost or doubled, and nobody waits long. Some 60 s of CPU."""
    campaign(world, database, list(zip(SIX, itertools.cycle(steps.STEPS), strict=False)))


@pytest.mark.soak
@pytest.mark.requirement("R09")
@pytest.mark.requirement("R10")
@pytest.mark.parametrize("victim", SIX)
def test_each_of_the_six_is_killed_at_each_step(
    world: ClusterWorld, database: Path, victim: str
) -> None:
    campaign(world, database, [(victim, step) for step in steps.STEPS])


def delivered(fleet: list[Insistent], more: int) -> None:
    """Wait until so many more alarms have their receipt."""
    before = sum(len(one.receipts_s) for one in fleet)
    wait_until(lambda: sum(len(one.receipts_s) for one in fleet) >= before + more)


@pytest.mark.slow
@pytest.mark.requirement("R09")
def test_a_receiver_that_freezes_amid_a_transaction_silences_nobody_for_long(
    world: ClusterWorld,
) -> None:
    """It has the turn of all events: the database ends that, and the other one goes on."""
    fleet = [Insistent(world, badge) for badge in BADGES]
    for one in fleet:
        one.start()
    delivered(fleet, 40)
    steps.arm(world.stops, steps.WRITTEN)
    wait_until(lambda: steps.reached(world.stops, steps.WRITTEN) is not None)
    there = steps.reached(world.stops, steps.WRITTEN)
    assert there is not None
    began_s = time.monotonic()
    os.kill(there, signal.SIGSTOP)
    steps.go_on(world.stops, steps.WRITTEN)
    time.sleep(15.0)
    os.kill(there, signal.SIGCONT)
    delivered(fleet, 20)
    for one in fleet:
        one.stop()
    silent_s = max(silences_s(fleet, began_s, math.inf))
    print(f"\nnobody had a receipt for {silent_s:.1f} s")
    assert kept(world) == {(one.badge, seq): 1 for one in fleet for seq in one.receipts_s}
    assert silent_s < MOST_SILENCE_S


@pytest.mark.slow
@pytest.mark.requirement("R09")
def test_a_receiver_whose_clock_is_a_day_off_loses_and_doubles_nothing_and_says_so(
    tmp_path: Path, database: Path
) -> None:
    """It takes over from the other one too."""
    server = postgres.shared(database)
    with running(tmp_path, server, *BADGES, ahead_s={"two": DAY_S}) as world:
        fleet = [Insistent(world, badge) for badge in BADGES]
        for one in fleet:
            one.start()
        delivered(fleet, 60)
        world.parts["one"].kill()
        world.parts["two"].hears(f"THE CLOCK OF THIS MACHINE IS {DAY_S} s FROM THAT", 90.0)
        delivered(fleet, 60)
        world.parts["one"].start()
        delivered(fleet, 60)
        for one in fleet:
            one.stop()
        assert kept(world) == {(one.badge, seq): 1 for one in fleet for seq in one.receipts_s}


@pytest.mark.slow
@pytest.mark.requirement("R09")
def test_badges_come_and_go_at_all_nodes_whoever_enrols_them(world: ClusterWorld) -> None:
    """From any machine with the state folder; each node has it within seconds, and keeps it."""
    enrol(world.office, "late")
    for node in NODES:
        late = world.client("late", node)
        wait_until(partial(_connects, late))
        assert late.insist(ord(node)) >= 1
        late.close()
    anna = {node: world.client("anna", node) for node in NODES}
    anna["a"].connect()
    for node in NODES:
        process = world.parts[node].process
        assert process is not None
        process.send_signal(signal.SIGHUP)
        world.parts[node].hears("Read again")
    assert anna["a"].connected()
    revoke(world.office, "anna")
    began_s = time.monotonic()
    wait_until(lambda: not anna["a"].connected())
    print(f"\nrevoked and out after {time.monotonic() - began_s:.1f} s")
    for client in anna.values():
        wait_until(partial(_is_refused, client))
    # Badges connect while every receiver is down.
    for name in RECEIVERS:
        world.parts[name].kill()
    bert = world.client("bert", "b")
    bert.connect()
    bert.close()


@pytest.mark.slow
def test_no_badge_passes_for_a_peer(world: ClusterWorld) -> None:
    """Who comes in by the port of routes has all rights of a broker."""
    badge = tls_context(world.office / "badges" / "anna")
    peer = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    pki = world.folder / "cluster" / "b" / "pki"
    peer.load_cert_chain(pki / "routes.pem", pki / "routes.key")
    assert [_is_let_in(one, world.nodes[0].route_port) for one in (peer, badge)] == [True, False]


def _is_let_in(context: ssl.SSLContext, port: int) -> bool:
    """Whether a broker answers to that certificate on its port of routes."""
    # Whom we speak to is not the question here.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 10) as plain,
            context.wrap_socket(plain) as secret,
        ):
            return secret.recv(4096).startswith(b"INFO")
    except (ssl.SSLError, ConnectionError):
        return False


def _is_refused(client: BadgeClient) -> bool:
    return not _connects(client)


def _connects(client: BadgeClient) -> bool:
    try:
        client.connect(5.0)
    except UnreachableError:
        return False
    client.close()
    return True
