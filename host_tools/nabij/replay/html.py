"""The report of a replay: one HTML file with everything in it, that works without a network."""

from __future__ import annotations

import html
import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any, Final

from nabij.replay import detail, figures, reasons
from nabij.replay.compare import Comparison
from nabij.replay.figures import Figures
from nabij.replay.outcome import Outcome, subject_group
from nabij.replay.run import Replay

# About 20 kB each: a report stays small enough to send by mail.
MOST_TRACES: Final = 200
_SCRIPTS: Final = ("plot.js", "motion.js", "report.js")


@dataclass(frozen=True)
class Made:
    """How a report came to be: the command, the time, and the version of Nabij."""

    command: str
    at: str
    nabij: str


def page(done: Replay, made: Made) -> str:
    """Return the report of a replay as HTML."""
    wrong = [one for one in done.outcomes if not one.is_right]
    felt = [one for one in done.outcomes if one.pre_alarms and one.is_right and not one.alarms]
    drawn = _spread([*wrong, *felt], MOST_TRACES)
    items = {
        name: [_item(one, _kind(one), [(one, done)], is_drawn=id(one) in drawn) for one in some]
        for name, some in (("wrong", wrong), ("felt", felt))
    }
    data = {**_about([done], made), **items, "drawn": len(drawn)}
    return _filled(f"Replay, config {done.settings.name}", data)


def compare_page(done: Comparison, made: Made) -> str:
    """Return two replays of the same recordings as one report: what changed, side by side."""
    changed = [(one, other) for one, other in done.pairs if one.is_right != other.is_right]
    drawn = _spread([one for one, _ in changed], MOST_TRACES // 2)
    a, b = done.a.settings.name, done.b.settings.name
    items = [
        _item(
            one,
            f"only {a if one.is_right else b} right",
            [(one, done.a), (other, done.b)],
            is_drawn=id(one) in drawn,
        )
        for one, other in changed
    ]
    data = {**_about([done.a, done.b], made), "wrong": items, "felt": [], "drawn": len(drawn)}
    return _filled(f"Replay, configs {a} and {b}", data)


def _filled(title: str, data: dict[str, Any]) -> str:
    assets = resources.files("nabij.replay") / "assets"
    packed = json.dumps(data, separators=(",", ":"), allow_nan=False)
    parts = {
        "{{title}}": html.escape(title),
        "{{style}}": (assets / "report.css").read_text(encoding="utf-8"),
        # A name in the data must not be able to end the script element.
        "{{data}}": packed.replace("<", "\\u003c"),
        "{{script}}": "\n".join((assets / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    }
    # In one pass: a part may hold what looks like a mark.
    text = (assets / "report.html").read_text(encoding="utf-8")
    return re.sub("|".join(map(re.escape, parts)), lambda found: parts[found[0]], text)


def _about(replays: Sequence[Replay], made: Made) -> dict[str, Any]:
    """What is told of one replay, or of two side by side."""
    first = replays[0]
    several = len(replays) > 1

    def rows(key: Callable[[Outcome], tuple[str, ...]]) -> list[dict[str, Any]]:
        return [
            {**row, "key": [*([one.settings.name] if several else []), *row["key"]]}
            for one in replays
            for row in _rows(one.outcomes, key)
        ]

    return {
        **asdict(made),
        "configs": [
            {"name": one.settings.name, "settings": one.settings.config.to_dict()}
            for one in replays
        ],
        "engine": first.engine,
        "remark": first.remark,
        "recordings": len(first.outcomes),
        "groups": rows(lambda o: (o.trial.bundle, o.trial.placement)),
        "subjects": rows(
            lambda o: (o.trial.bundle, o.trial.placement, subject_group(o.trial.subject))
        ),
        "activities": rows(
            lambda o: (
                o.trial.bundle,
                o.trial.placement,
                o.trial.activity_code,
                o.trial.activity,
                "fall" if o.trial.is_fall else "other",
            ),
        ),
        "errors": first.errors,
    }


def _kind(one: Outcome) -> str:
    if one.is_right:
        return "pre-alarm"
    return "miss" if one.is_miss else "false alarm"


def _rows(
    outcomes: Sequence[Outcome], key: Callable[[Outcome], tuple[str, ...]]
) -> list[dict[str, Any]]:
    return [{"key": list(name), **_figures(of)} for name, of in figures.by(outcomes, key).items()]


def _figures(of: Figures) -> dict[str, Any]:
    return {
        **of.to_json(),
        "pre_alarms_per_hour": of.pre_alarms / of.other_hours if of.other_hours else None,
        "sensitivity": of.sensitivity,
        "sensitivity_95": figures.wilson(of.detected, of.falls),
        "specificity": of.specificity,
        "specificity_95": figures.wilson(of.others - of.others_with_alarm, of.others),
        "per_hour": of.alarms_per_hour,
    }


def _item(
    one: Outcome, kind: str, sides: Sequence[tuple[Outcome, Replay]], *, is_drawn: bool
) -> dict[str, Any]:
    """A recording with what each configuration made of it; the first stands in the item itself."""
    told = [
        {
            "config": done.settings.name,
            "alarms": len(side.alarms),
            "pre_alarms": side.pre_alarms,
            "reason": reasons.reason(side),
            "why": reasons.verdict(side, done.settings.config),
            "trace": detail.trace(side, done.settings.config) if is_drawn else None,
        }
        for side, done in sides
    ]
    return {
        "kind": kind,
        "is_fall": one.trial.is_fall,
        "bundle": one.trial.bundle,
        "placement": one.trial.placement,
        "trial": one.trial.trial_id,
        "subject": one.trial.subject,
        "activity": one.trial.activity,
        "quality": one.trial.extra.get("quality", ""),
        **told[0],
        "others": told[1:],
    }


def _spread(wrong: Sequence[Outcome], most: int) -> set[int]:
    """Return the ids of at most so many outcomes, the same share from every group and kind."""
    queues: dict[tuple[str, str, bool], list[Outcome]] = defaultdict(list)
    for one in wrong:
        queues[one.trial.bundle, one.trial.placement, one.is_miss].append(one)
    chosen: set[int] = set()
    rank = 0
    while len(chosen) < min(most, len(wrong)):
        for queue in queues.values():
            if rank < len(queue) and len(chosen) < most:
                chosen.add(id(queue[rank]))
        rank += 1
    return chosen
