"""How many positions may be opened of late: a receiver that asks for all at once is not obeyed."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nabij.centre.keeper.proof import Proof

_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True)
class Most:
    """So many within so long."""

    count: int
    within_ms: int


# A fire in a building of 200 is answered; who has the keys of badges cannot go through 10,000
# unseen. What the receiver alone says is for badges that fell silent, which are few.
MOST: Final[Mapping[Proof, Most]] = {
    Proof.ALARM: Most(200, _HOUR_MS),
    Proof.DEADLINE: Most(60, _HOUR_MS),
    Proof.CLAIM: Most(6, _HOUR_MS),
}
MOST_CLAIMS: Final = MOST[Proof.CLAIM].count


def with_claims(count: int) -> Mapping[Proof, Most]:
    """The limits with so many openings in an hour on the receiver's word alone; 0: none ever."""
    return {**MOST, Proof.CLAIM: Most(count, _HOUR_MS)}


class Limits:
    """What was opened of late, by how good the reason was. By a clock that nobody sets."""

    def __init__(self, most: Mapping[Proof, Most] = MOST) -> None:
        self._most = most
        self._opened: dict[Proof, deque[int]] = {one: deque() for one in most}

    def takes(self, proof: Proof) -> bool:
        """Whether anything is opened for that at all."""
        return self._most[proof].count > 0

    def has_room(self, proof: Proof, now_ms: int) -> bool:
        """Whether one more may be opened."""
        most, opened = self._most[proof], self._opened[proof]
        while opened and now_ms - opened[0] >= most.within_ms:
            opened.popleft()
        return len(opened) < most.count

    def note(self, proof: Proof, now_ms: int) -> None:
        """One was opened."""
        self._opened[proof].append(now_ms)
