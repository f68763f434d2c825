"""The report of a replay: one HTML file with everything in it, that works without a network."""

from __future__ import annotations

import html
import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any, Final

from nabij.replay import detail, figures, reasons
from nabij.replay.figures import Figures
from nabij.replay.outcome import Outcome, subject_group
from nabij.replay.run import Replay

# About 20 kB each: a report stays small enough to send by mail.
MOST_TRACES: Final = 200


def page(done: Replay, command: str) -> str:
    """Return the report of a replay as HTML."""
    assets = resources.files("nabij.replay") / "assets"
    data = json.dumps(_data(done, command), separators=(",", ":"), allow_nan=False)
    parts = {
        "{{title}}": html.escape(f"Replay, config {done.settings.name}"),
        "{{style}}": (assets / "report.css").read_text(encoding="utf-8"),
        # A name in the data must not be able to end the script element.
        "{{data}}": data.replace("<", "\\u003c"),
        "{{script}}": "\n".join(
            (assets / name).read_text(encoding="utf-8") for name in ("plot.js", "report.js")
        ),
    }
    # In one pass: a part may hold what looks like a mark.
    text = (assets / "report.html").read_text(encoding="utf-8")
    return re.sub("|".join(map(re.escape, parts)), lambda found: parts[found[0]], text)


def _data(done: Replay, command: str) -> dict[str, Any]:
    wrong = [one for one in done.outcomes if not one.is_right]
    drawn = _spread(wrong, MOST_TRACES)
    return {
        "config": done.settings.name,
        "settings": done.settings.config.to_dict(),
        "engine": done.engine,
        "command": command,
        "remark": done.remark,
        "recordings": len(done.outcomes),
        "groups": _rows(done.outcomes, lambda o: (o.trial.bundle, o.trial.placement)),
        "subjects": _rows(
            done.outcomes,
            lambda o: (o.trial.bundle, o.trial.placement, subject_group(o.trial.subject)),
        ),
        "activities": _rows(
            done.outcomes,
            lambda o: (
                o.trial.bundle,
                o.trial.placement,
                o.trial.activity_code,
                o.trial.activity,
                "fall" if o.trial.is_fall else "other",
            ),
        ),
        "wrong": [_item(one, done, is_drawn=id(one) in drawn) for one in wrong],
        "drawn": len(drawn),
        "errors": done.errors,
    }


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


def _item(one: Outcome, done: Replay, *, is_drawn: bool) -> dict[str, Any]:
    config = done.settings.config
    return {
        "kind": "miss" if one.is_miss else "false alarm",
        "bundle": one.trial.bundle,
        "placement": one.trial.placement,
        "trial": one.trial.trial_id,
        "subject": one.trial.subject,
        "activity": one.trial.activity,
        "quality": one.trial.extra.get("quality", ""),
        "alarms": len(one.alarms),
        "why": reasons.verdict(one, config),
        "trace": detail.trace(one, config) if is_drawn else None,
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
