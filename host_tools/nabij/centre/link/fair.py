"""What waits, by who sent it: each in turn, so that nobody's flood holds up another."""

from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Fair(Generic[Item]):
    """Keeps the order of what one sender sent."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Item]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, sender: str, item: Item) -> None:
        """It waits behind what its sender sent before."""
        self._queues.setdefault(sender, deque()).append(item)
        self._count += 1

    def take(self, most: int, each: int) -> list[Item]:
        """The next ones in turn: at most so many, and of each sender."""
        found: list[Item] = []
        for _ in range(each):
            for sender in list(self._queues):
                if len(found) == most:
                    return found
                # Whoever had its turn comes last the next time.
                queue = self._queues.pop(sender)
                found.append(queue.popleft())
                self._count -= 1
                if queue:
                    self._queues[sender] = queue
        return found
