"""Badges that deliver what they have, whatever becomes of brokers: each on a thread of its own."""

import itertools
import threading
import time
from collections.abc import Sequence

from tests.host.centre.badge_client import BadgeClient, UnreachableError
from tests.host.centre.cluster_world import ClusterWorld
from tests.waiting import wait_until

REPEAT_S = 1.5
# PUBACKs without a receipt for so many attempts: the next address, as the firmware does.
MOST_MISSED = 3
GIVE_UP_S = 120.0
# The next alarm of a badge follows the receipt so soon.
PAUSE_S = 0.2


class Insistent:
    """Sends alarm after alarm until told to stop, each until it has its receipt; notes when."""

    def __init__(self, world: ClusterWorld, badge: str) -> None:
        self.badge = badge
        # By alarm: when it was raised, and when it had its receipt.
        self.raised_s: dict[int, float] = {}
        self.receipts_s: dict[int, float] = {}
        self._world = world
        self._client: BadgeClient | None = None
        # The node where it is to be, until it is there; then the next one that takes it.
        self._home: str | None = None
        self._connects = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def go_to(self, node: str) -> None:
        """Be at that node before the next alarm."""
        self._home = node

    def is_there(self) -> bool:
        """Whether it is where it was told to go."""
        return self._home is None

    def waits_s(self, from_s: float, to_s: float) -> list[float]:
        """How long each alarm waited whose receipt came then."""
        times = self.receipts_s.items()
        return [at_s - self.raised_s[seq] for seq, at_s in times if from_s < at_s <= to_s]

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(GIVE_UP_S * 2)

    def _run(self) -> None:
        for seq in itertools.count(1):
            if self._stopping.wait(PAUSE_S):
                break
            began_s = self.raised_s[seq] = time.monotonic()
            while not self._is_delivered(seq):
                if time.monotonic() - began_s > GIVE_UP_S:
                    return
            self.receipts_s[seq] = time.monotonic()
        if self._client is not None:
            self._client.close()

    def _is_delivered(self, seq: int) -> bool:
        """Try at one node until the receipt, or until another node should be tried."""
        client = self._client
        if self._home is not None and client is not None:
            client.close()
            client = self._client = None
        if client is None or not client.connected():
            client = self._connected()
        if client is None:
            return False
        for attempt in range(1, MOST_MISSED + 1):
            client.send(seq, attempt=attempt, rev=1)
            until_s = time.monotonic() + REPEAT_S
            while time.monotonic() < until_s and client.connected():
                if client.wait_status(seq, 0.1) is not None:
                    return True
            if not client.connected():
                break
        client.close()
        self._client = None
        return False

    def _connected(self) -> BadgeClient | None:
        client = self._world.client(self.badge, self._home)
        try:
            client.connect(5.0)
        except UnreachableError:
            time.sleep(0.1)
            return None
        self._connects += 1
        # As of a badge that started anew: a hello counts once.
        client.hello(boot=self._connects)
        self._client = client
        self._home = None
        return client


def spread(fleet: list[Insistent], nodes: Sequence[str]) -> None:
    """As many at each node: after a death all that were there stay at the others."""
    for one, node in zip(fleet, itertools.cycle(nodes), strict=False):
        one.go_to(node)
    wait_until(lambda: all(one.is_there() for one in fleet))


def silences_s(fleet: list[Insistent], from_s: float, to_s: float) -> list[float]:
    """For how long at a time nobody had a receipt, as far as that ended then."""
    times = sorted(at_s for one in fleet for at_s in one.receipts_s.values())
    return [later - one for one, later in itertools.pairwise(times) if from_s < later <= to_s]
