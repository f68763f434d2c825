"""Badges that deliver what they have, whatever becomes of brokers: each on a thread of its own."""

import itertools
import threading
import time

from tests.host.centre.badge_client import BadgeClient, UnreachableError
from tests.host.centre.cluster_world import ClusterWorld

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
        self.receipts_s: dict[int, float] = {}
        self.longest_s = 0.0
        self._world = world
        self._client: BadgeClient | None = None
        self._connects = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(GIVE_UP_S * 2)

    def _run(self) -> None:
        for seq in itertools.count(1):
            if self._stopping.wait(PAUSE_S):
                break
            began_s = time.monotonic()
            while not self._is_delivered(seq):
                if time.monotonic() - began_s > GIVE_UP_S:
                    return
            self.receipts_s[seq] = time.monotonic()
            self.longest_s = max(self.longest_s, self.receipts_s[seq] - began_s)
        if self._client is not None:
            self._client.close()

    def _is_delivered(self, seq: int) -> bool:
        """Try at one node until the receipt, or until another node should be tried."""
        client = self._client
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
        client = self._world.client(self.badge)
        try:
            client.connect(5.0)
        except UnreachableError:
            time.sleep(0.1)
            return None
        self._connects += 1
        # As of a badge that started anew: a hello counts once.
        client.hello(boot=self._connects)
        self._client = client
        return client


def silences_s(fleet: list[Insistent]) -> list[tuple[float, float]]:
    """When nobody had a receipt: how long, and until when."""
    times = sorted(at_s for one in fleet for at_s in one.receipts_s.values())
    return [(later - one, later) for one, later in itertools.pairwise(times)]
