"""All of an incident in one document, and as a page that needs nothing else: HTML and JSON.

`document` works inside the transaction of its caller; the rest is pure.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from nabij.centre.console import details
from nabij.centre.database.people_schema import audit
from nabij.centre.incidents import handling, places, signed_file
from nabij.centre.incidents.words import local_time
from nabij.centre.languages import Words
from nabij.centre.people import anchors
from nabij.version import this_version

FORMAT: Final = "nabij-incident/1"
# The chart of the motion, in its own units.
_WIDE, _HIGH = 600, 160
_MOST_POINTS: Final = 600


@dataclass(frozen=True)
class Shown:
    """How the page of a document is to be: in whose words, and until when a link to it is good.

    `until` is empty in a file, which is of the time at which it was made.
    """

    words: Words
    until: str = ""


def document(connection: sa.Connection, incident_id: int, now_ms: int) -> dict[str, Any] | None:
    """Everything about an incident, as JSON has it; None when there is none."""
    found = handling.dossier(connection, incident_id)
    detail = details.build(connection, incident_id, lambda _wearer: True, now_ms)
    if found is None or detail is None:
        return None
    motion = places.motion_of(connection, incident_id)
    whole = msgspec.to_builtins(detail)
    lines = _audit(connection, incident_id)
    return {
        "format": FORMAT,
        "made_ms": now_ms,
        "made_by": f"nabij {this_version().name}",
        "incident": found.incident.fields(),
        "sentence": found.incident.sentence(now_ms),
        **{name: whole[name] for name in ("item", "closed", "action_plan", "phone", "note")},
        "contacts": whole["contacts"],
        "time_line": whole["lines"],
        "positions": [one.fields() for one in found.where.spots],
        "places": whole["places"],
        "first": whole["first"],
        "cells_by": whole["cells_by"],
        "motion": None if motion is None else _motion(motion),
        "carried": [one.fields() for one in found.carriers],
        "alarm_centres": [one.fields() for one in found.handed],
        "audit": lines,
        "audit_key": (anchors.public_key(connection) or b"").hex(),
        "audit_anchors": _anchors(connection, lines),
    }


def as_json(found: dict[str, Any]) -> str:
    """The document as a text that ends with the brace of its object."""
    return json.dumps(found, indent=1, ensure_ascii=False)


def renderer() -> Callable[[dict[str, Any], Shown], str]:
    """Makes a page of a document, with style and pictures in it: it fetches nothing."""
    environment = Environment(
        loader=PackageLoader("nabij.centre.console"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("incident_file.html")

    def page(found: dict[str, Any], shown: Shown) -> str:
        zone = found["incident"]["zone"]
        return template.render(
            **found,
            _=shown.words,
            language=shown.words.language,
            until=shown.until,
            at=lambda at_ms: local_time(at_ms, zone),
            filled=_filled,
            chart=None if found["motion"] is None else _chart(found["motion"]),
        )

    return page


def files(
    found: dict[str, Any], page: Callable[[dict[str, Any], Shown], str], words: Words, seed: bytes
) -> dict[str, bytes]:
    """The signed files, by their names."""
    name = f"incident-{found['incident']['id']}"
    html = page(found, Shown(words))
    return {
        f"{name}.html": signed_file.sign(signed_file.HTML, html, seed),
        f"{name}.json": signed_file.sign(signed_file.JSON, as_json(found), seed),
    }


def _motion(motion: places.Motion) -> dict[str, Any]:
    magnitudes, phases = json.loads(motion.magnitudes_mg), json.loads(motion.phases)
    return {**asdict(motion), "magnitudes_mg": magnitudes, "phases": phases}


def _audit(connection: sa.Connection, incident_id: int) -> list[dict[str, Any]]:
    """The lines of the audit about it, each with its hash and that of the line before it."""
    columns = audit.c
    mine = sa.select(audit).where(columns.incident_id == incident_id).order_by(columns.id)
    found = []
    for row in connection.execute(mine).mappings().all():
        last = sa.select(columns.chain).where(columns.id < row["id"]).order_by(columns.id.desc())
        before = connection.execute(last.limit(1)).scalar_one_or_none()
        hashes = {name: row[name] for name in ("salt", "personal", "chain")} | {"before": before}
        line = {name: value for name, value in row.items() if name not in hashes}
        found.append(line | {name: value and value.hex() for name, value in hashes.items()})
    return found


def _anchors(connection: sa.Connection, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first signed head of the audit that has all these lines before it, if there is one."""
    last_id = max((one["id"] for one in lines), default=0)
    covering = (one for one in anchors.all_of(connection) if one.last_id >= last_id)
    return [one.fields() for one in covering][:1]


def _filled(text: str, given: dict[str, str]) -> str:
    for name, value in given.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _chart(motion: dict[str, Any]) -> dict[str, Any]:
    """The motion as a line in an SVG: the largest of each few values, so that no peak is lost."""
    values: list[int] = motion["magnitudes_mg"]
    each = max(1, -(-len(values) // _MOST_POINTS))
    peaks = [max(values[at : at + each]) for at in range(0, len(values), each)]
    top = max(*peaks, 1000)
    span_ms = max(1, len(values) * motion["step_ms"])

    def across(at_ms: float) -> float:
        return float(round(_WIDE * min(1.0, max(0.0, at_ms / span_ms)), 1))

    points = " ".join(
        f"{across(at * each * motion['step_ms'])},{round(_HIGH * (1 - one / top), 1)}"
        for at, one in enumerate(peaks)
    )
    marks = [across(one["at_ms"] - motion["begin_ms"]) for one in motion["phases"]]
    chart = {"wide": _WIDE, "high": _HIGH, "points": points, "marks": marks, "top_mg": top}
    return chart | {"span_s": round(span_ms / 1000, 1)}
