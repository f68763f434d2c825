"""What became of the changes, by module."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GOAL_PERCENT: Final = 97.0
LEAST_PERCENT: Final = 90.0
# One more or less of so many units is less than what clocks, sensors and people are exact to.
_FEW: Final = 200
_FEW_FELT: Final = 50
_UNITS: Final = r"(?i:ms|us|s|min|mg|mv|ma|ua|deg|percent)"
_MEASURE: Final = re.compile(rf"\b\w+_{_UNITS}\b[^=]*=(?!=)|^\s*\"?\w+_{_UNITS}\b\"?:")
# What is felt, heard and seen, in ms, hertz and hundredths of the motor's strength.
_PATTERN: Final = re.compile(r'^"[A-Z_]+": \(+\d')
_NUMBER: Final = re.compile(r"(?<![\w.])\d[\d_]*(?![\w.])")
# One of several lines of flags, each set if something holds.
_FLAG_LINE: Final = re.compile(r"^[|^+] \((?:\w+\.)*FLAG_[A-Z_]+ if ")
_BOUNDS: Final = frozenset(
    f"ReplaceComparisonOperator_{one}" for one in ("GtE_Gt", "Gt_GtE", "LtE_Lt", "Lt_LtE")
)
_SMALL: Final = ("_ms", "_mg")
_BOUND: Final = re.compile(r"[<>]=?")
_OPERAND: Final = re.compile(r"\b(?:and|or|if|elif|while|else|return)\b|:$|: |, ")
_FLAGS: Final = re.compile(r"\b_?[A-Z][A-Z0-9_]* [|^+] (?:\w+\.)*_?[A-Z][A-Z0-9_]*\b")


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
    survived = [one for one in left if edit(one.diff) not in equal and not is_same(one)]
    noticed = len(changes) - len(left)
    return Score(module, len(changes), noticed, len(left) - len(survived), survived)


def is_same(change: Change) -> bool:
    """Whether nobody can notice it: one in hundreds of a measure, a ms, flags joined otherwise."""
    old, _, new = edit(change.diff).partition(" -> ")
    if change.operator == "NumberReplacer":
        pairs = zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=False)
        changed = [int(before) for before, after in pairs if int(before) != int(after)]
        if _PATTERN.match(old):
            # How often a part comes is a rhythm, and felt.
            return bool(changed) and (changed[0] == 0 or changed[0] >= _FEW_FELT)
        return bool(changed) and changed[0] >= _FEW and _MEASURE.search(old) is not None
    if change.operator in _BOUNDS:
        return _is_bound_of_few(old, new)
    if change.operator in (
        "ReplaceBinaryOperator_BitOr_BitXor",
        "ReplaceBinaryOperator_BitOr_Add",
    ):
        if _FLAG_LINE.match(new):
            return True
        at = _changed_at(old, new)
        return any(found.start() < at < found.end() for found in _FLAGS.finditer(new))
    return False


def _changed_at(old: str, new: str) -> int:
    return next((at for at, char in enumerate(new) if old[at : at + 1] != char), 0)


def _is_bound_of_few(old: str, new: str) -> bool:
    """Whether all that it changes is a bound, by a millisecond or a thousandth of g."""
    bounds = list(_BOUND.finditer(old))
    both = zip(bounds, _BOUND.findall(new), strict=False)
    at = next((at for at, (was, now) in enumerate(both) if was[0] != now), len(bounds))
    if at == len(bounds):
        return False
    starts = bounds[at - 1].end() if at else 0
    ends = bounds[at + 1].start() if at + 1 < len(bounds) else len(old)
    left = _OPERAND.split(old[starts : bounds[at].start()])[-1].strip()
    right = _OPERAND.split(old[bounds[at].end() : ends])[0].strip()
    if any(one.isdigit() and int(one) < _FEW for one in (left, right)):
        # None and some are no neighbours.
        return False
    return any(unit in one for unit in _SMALL for one in (left, right))


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
