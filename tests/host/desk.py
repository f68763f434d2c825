"""A running receiver and what it told."""

import queue
import time
from pathlib import Path

from nabij.receive.incidents import Incident
from nabij.receive.service import Receiver
from tests.host.badge_client import BadgeClient, free_port

SENTENCE_S = 5.0


class Desk:
    """A running receiver and what it told."""

    def __init__(self, state: Path, *, grace_s: float = 90.0) -> None:
        self.state = state
        self.port = free_port()
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.seen: queue.SimpleQueue[Incident] = queue.SimpleQueue()
        self.receiver = Receiver(state, port=self.port, say=self.said.put, grace_s=grace_s)
        self.receiver.on_incident.append(self.seen.put)

    def badge(self, name: str, **options: str) -> BadgeClient:
        folder = self.state / "badges" / name
        return BadgeClient(folder, port=self.port, **options)

    def heard(self, words: str) -> str:
        """Wait for a sentence that has the words."""
        deadline = time.monotonic() + SENTENCE_S
        while (left_s := deadline - time.monotonic()) > 0:
            sentence = self.said.get(timeout=left_s)
            if words in sentence:
                assert sentence.endswith(".")
                return sentence
        raise AssertionError(f"never said: {words}")
