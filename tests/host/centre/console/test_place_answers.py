"""Where a wearer is, with its age and accuracy; how they moved; the floor plans of sites."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import httpx
import pytest

from badge.core.codec.place import SATELLITES, Cell, Position, Tag
from nabij.centre.people.pictures import MOST_BYTES
from tests.host.centre.console.desk_site import ConsoleSite

# A PNG of one pixel.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
EDGES = {"north": 52.0070, "south": 52.0060, "west": 4.3550, "east": 4.3570}
WHERE = {"lat": 52.00667, "lon": 4.35556, "accuracy_m": 30, "age_s": 90}


@pytest.fixture
def client(console_site: ConsoleSite) -> Iterator[httpx.Client]:
    with console_site.client("smit") as client:
        yield client


def test_a_position_has_an_age_and_an_accuracy_and_the_wearer_sees_who_noted_it(
    console_site: ConsoleSite, client: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 401)
    path = f"/api/incidents/{incident}"
    before = client.get(path).json()
    assert (before["position"], before["motion_ms"]) == (None, None)
    client.post(f"{path}/position", json=WHERE | {"lat": 51.0, "age_s": 600}).raise_for_status()
    client.post(f"{path}/position", json=WHERE).raise_for_status()
    # What was so earlier is not what is so now, whenever it is noted.
    client.post(f"{path}/position", json=WHERE | {"lat": 50.0, "age_s": 900}).raise_for_status()
    found = client.get(path).json()
    now_ms = time.time_ns() // 1_000_000
    where = found["position"]
    assert (where["lat"], where["lon"], where["accuracy_m"]) == (52.00667, 4.35556, 30)
    assert 90_000 <= now_ms - where["at_ms"] < 150_000
    assert [line["what"] for line in found["lines"]].count("position") == 3
    closing = {"reason": "helped", "note": "Found."}
    client.post(f"{path}/close", json=closing).raise_for_status()
    with console_site.client("worker") as worker:
        lines = worker.get("/api/audit/own").json()["lines"]
    assert "noted a position" in [one["what"] for one in lines if one["incident_id"] == incident]


@pytest.mark.parametrize(
    "wrong",
    [
        {"accuracy_m": 0},
        {"accuracy_m": None},
        {"lat": 91},
        {"lon": -181},
        {"age_s": -1},
        {"lat": "52"},
    ],
)
def test_there_is_no_bare_point_and_none_beside_the_earth(
    console_site: ConsoleSite, client: httpx.Client, wrong: dict[str, object]
) -> None:
    incident = console_site.squeeze("a", 402)
    answer = client.post(f"/api/incidents/{incident}/position", json={**WHERE, **wrong})
    assert answer.status_code == 400
    bare = {key: value for key, value in WHERE.items() if key != "accuracy_m"}
    assert client.post(f"/api/incidents/{incident}/position", json=bare).status_code == 400
    assert client.get(f"/api/incidents/{incident}").json()["position"] is None


def test_motion_is_shown_as_it_was_read_with_why_it_was_decided_so(
    console_site: ConsoleSite, client: httpx.Client
) -> None:
    path = f"/api/incidents/{console_site.squeeze('b', 403)}"
    assert client.get(f"{path}/motion").status_code == 404
    trace = {
        "begin_ms": 1_790_000_000_000,
        "step_ms": 20,
        "magnitudes_mg": [1000, 6200, 400, 1000],
        "phases": [{"at_ms": 1_790_000_000_020, "what": "impact"}],
        "why": "An impact of 6.2 g, then lying still.",
    }
    client.put(f"{path}/motion", json=trace).raise_for_status()
    found = client.get(f"{path}/motion").json()
    assert found == trace | {"by": "smit"}
    assert client.get(path).json()["motion_ms"] is not None
    # As of the incident: a supervisor of others sees neither.
    other = f"/api/incidents/{console_site.squeeze('a', 404)}"
    with console_site.client("chief") as chief:
        assert chief.get(f"{path}/motion").status_code == 200
        assert chief.put(f"{other}/motion", json=trace).status_code == 404
        assert chief.post(f"{other}/position", json=WHERE).status_code == 404


def test_a_floor_plan_is_of_a_site_and_seen_by_those_of_it(
    console_site: ConsoleSite, client: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 405)
    with console_site.client("root") as root:
        [depot] = [
            one for one in root.get("/api/people").json()["sites"] if one["name"] == "Depot"
        ]
        path = f"/api/sites/{depot['id']}/picture"
        root.put(path, json={"picture": PNG, **EDGES}).raise_for_status()
        picture = client.get(f"/api/incidents/{incident}").json()["picture"]
        assert {key: picture[key] for key in EDGES} == EDGES
        served = client.get(picture["path"])
        assert served.content == base64.b64decode(PNG)
        assert served.headers["content-type"] == "image/png"
        with console_site.client("chief") as chief:
            # South is at no site.
            assert chief.get(picture["path"]).status_code == 404
        with console_site.client("worker") as worker:
            assert worker.get(picture["path"]).status_code == 403
        root.put(path, json={"picture": ""}).raise_for_status()
        assert client.get(picture["path"]).status_code == 404
        assert client.get(f"/api/incidents/{incident}").json()["picture"] is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"picture": "x"}, "base64"),
        ({"picture": base64.b64encode(b"<svg onload=alert(1)>").decode()}, "PNG or a JPEG"),
        ({"picture": PNG, "north": 52.0}, "North is above south"),
        ({"picture": PNG, "east": 14.0}, "no country"),
        (
            {"picture": base64.b64encode(b"\xff\xd8\xff" + b"x" * MOST_BYTES).decode()},
            "make it smaller",
        ),
    ],
)
def test_what_is_no_floor_plan_is_refused(
    console_site: ConsoleSite, wrong: dict[str, object], words: str
) -> None:
    with console_site.client("root") as root:
        site = root.get("/api/people").json()["sites"][0]["id"]
        answer = root.put(f"/api/sites/{site}/picture", json={**EDGES, **wrong})
        assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text
        assert (
            root.put("/api/sites/999/picture", json={"picture": PNG, **EDGES}).status_code == 400
        )


def test_what_a_badge_says_of_its_place_is_there_with_the_hints_apart(
    console_site: ConsoleSite, client: httpx.Client
) -> None:
    fix = Position(520066700, 43555600, 40, 180, SATELLITES)
    cell, tag = Cell(204, 4, 9, 9, -110), Tag(b"12345678", -66)
    incident = console_site.squeeze("a", 405, position=fix, cell=cell, speed_cm_s=150, zone=3)
    console_site.squeeze("a", 405, rev=2, position=fix, cell=cell, tag=tag)
    found = client.get(f"/api/incidents/{incident}").json()
    where = found["position"]
    assert (where["source"], where["hint"], where["accuracy_m"]) == ("satellites", False, 40)
    assert 180_000 <= found["now_ms"] - where["at_ms"] < 300_000
    assert [one["source"] for one in found["first"]] == ["satellites", "cell", "tag"]
    [_, heard, near] = found["first"]
    assert (heard["lat"], heard["known"], heard["name"]) == (None, False, "204-04 tac 9 ci 9")
    assert near["how"] == "by tag {name}, which is not in the register"
    lines = [(one["what"], one["text"]) for one in found["lines"]]
    assert ("placed", "within 40 m of 52.00667, 4.35556, by satellite") in [
        (what, text.partition(", moving")[0]) for what, text in lines
    ]
    assert [what for what, _ in lines].count("hinted") == 2
    page = client.get(f"/incidents/{incident}/file/html").text
    assert "<b>Hint</b> by cell 204-04 tac 9 ci 9, which is not in the table, -110 dBm" in page
    assert "52.00667, 4.35556</a>, within 40 m, by satellite" in page
    file = client.get(f"/incidents/{incident}/file/json").json()
    assert [one["source"] for one in file["positions"]] == ["satellites", "cell", "tag"]
    # Nobody stands at the middle of nowhere, and what is said of it costs no alarm.
    nowhere = console_site.squeeze("a", 406, position=Position(0, 0, 1, 0, SATELLITES))
    assert client.get(f"/api/incidents/{nowhere}").json()["position"] is None
