"""What became of the changes, by module."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GOAL_PERCENT: Final = 97.0
LEAST_PERCENT: Final = 90.0


@dataclass(frozen=True)
class Change:
    """One change of the code: what it did, and whether a test noticed."""

    operator: str
    line: int
    diff: str
    noticed: bool


@dataclass(frozen=True)
class Score:
    """One module: its changes, those that change nothing for anybody, and the survivors."""

    module: str
    made: int
    noticed: int
    equivalent: int
    survived: list[Change]

    @property
    def percent(self) -> float:
        """Noticed of those that matter; 100 without any."""
        matter = self.made - self.equivalent
        return 100.0 * self.noticed / matter if matter else 100.0


def score(module: str, changes: Sequence[Change]) -> Score:
    """Count; what is listed in equivalent.toml is no survivor."""
    file = Path(__file__).with_name("equivalent.toml")
    equal = tomllib.loads(file.read_text(encoding="utf-8")).get(module, {})
    left = [one for one in changes if not one.noticed]
    survived = [one for one in left if edit(one.diff) not in equal]
    noticed = len(changes) - len(left)
    return Score(module, len(changes), noticed, len(left) - len(survived), survived)


def edit(diff: str) -> str:
    """The changed lines of a diff as one text: "old -> new"."""
    lines = diff.splitlines()
    old, new = (
        " ".join(line[1:].strip() for line in lines if line[:1] == sign and line[:3] != 3 * sign)
        for sign in "-+"
    )
    return f"{old} -> {new}"


def line(one: Score) -> str:
    """A module in one line."""
    return (
        f"{one.module:<56}{one.made:>5}{one.noticed:>5}{one.equivalent:>5}"
        f"{len(one.survived):>5}{one.percent:>7.1f} %"
    )


def table(scores: Sequence[Score]) -> str:
    """All modules, and each change that nobody noticed."""
    made, noticed = sum(one.made for one in scores), sum(one.noticed for one in scores)
    equivalent = sum(one.equivalent for one in scores)
    survived = [change for one in scores for change in one.survived]
    whole = Score("all", made, noticed, equivalent, survived)
    head = f"{'module':<56}{'made':>5}{'seen':>5}{'same':>5}{'left':>5}{'score':>9}"
    lines = ["", head, *map(line, scores), line(whole)]
    return "\n".join([*lines, *survivors(scores)])


def survivors(scores: Sequence[Score]) -> list[str]:
    """Each change that nobody noticed, in one line."""
    return [
        f"{one.module}:{change.line} {change.operator}: {edit(change.diff)}"
        for one in scores
        for change in one.survived
    ]


def is_good(scores: Sequence[Score]) -> bool:
    """Whether the goals are met: 97 % of all, and no module below 90 %."""
    matter = sum(one.made - one.equivalent for one in scores)
    noticed = sum(one.noticed for one in scores)
    least = min((one.percent for one in scores), default=0.0)
    return 100.0 * noticed >= GOAL_PERCENT * matter and least >= LEAST_PERCENT
