"""Plans and drills at the console: who may try what, and what the report says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from nabij.centre.console.open_queue import build
from nabij.centre.console.wearers import sees
from nabij.centre.escalation import answers, outbox, plan_rows
from nabij.centre.escalation.plan import EMPTY
from tests.host.centre.console.desk_site import ConsoleSite
from tests.host.centre.escalation.rig import Webhook, plan
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def hook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


@pytest.fixture
def root(console_site: ConsoleSite, hook: Webhook) -> Iterator[httpx.Client]:
    text = plan({"desk": {"phone": hook.url("desk")}}, "", "after_s = 0, whom = 'desk'")
    # South is on call of its own; the rest has none.
    text = text.replace('badges = ["*"]', 'badges = ["b"]')
    with console_site.client("root") as client:
        client.put("/api/plans", json={"toml": text}).raise_for_status()
        yield client
    console_site.write(lambda one: plan_rows.replace(one, EMPTY))


def plans(client: httpx.Client) -> dict[str, Any]:
    return dict(client.get("/api/plans").json())


def drill(client: httpx.Client, drill_id: int) -> dict[str, Any]:
    [found] = [one for one in plans(client)["drills"] if one["id"] == drill_id]
    return dict(found)


def test_plans_are_looked_over_within_seconds_of_a_change(root: httpx.Client) -> None:
    wait_until(lambda: plans(root)["is_looked_over"])
    found = plans(root)["findings"]
    assert [one for one in found if one.startswith("Nobody is called for a, c")]
    [one] = plans(root)["plans"]
    assert [step["person"] for step in one["steps"]] == ["Desk"]


def test_a_supervisor_drills_the_plan_of_their_own_people_and_sees_who_was_called(
    console_site: ConsoleSite, root: httpx.Client, hook: Webhook
) -> None:
    with console_site.client("smit") as operator:
        assert operator.post("/api/plans/yard/drill").status_code == 403
    with console_site.client("chief") as chief:
        assert [one["name"] for one in plans(chief)["plans"]] == ["yard"]
        begun = chief.post("/api/plans/yard/drill").json()["id"]
        again = chief.post("/api/plans/yard/drill").json()["error"]
        assert "A drill of plan yard runs" in again
        wait_until(lambda: [one["state"] for one in drill(chief, begun)["told"]] == ["sent"])
        [row] = console_site.store.read(lambda one: outbox.rows_of(one, begun))
        later_ms = int(row.began_ms or 0) + 42_000
        console_site.write(lambda one: answers.answer(one, row.id, "take", later_ms))
        [answer] = drill(chief, begun)["answers"]
        assert (answer["name"], answer["what"], answer["after_ms"]) == ("Desk", "take", 42_000)
        wait_until(lambda: drill(chief, begun)["ended_ms"])
    assert "DRILL" in hook.got[-1]["title"]
    # The badge of South is another's now: the plan calls for nobody of theirs.
    text = root.get("/api/plans/text").json()["toml"].replace('["b"]', '["a"]')
    assert root.put("/api/plans", json={"toml": text}).status_code == 200
    with console_site.client("chief") as chief:
        assert plans(chief)["plans"] == plans(chief)["drills"] == []
        assert chief.post("/api/plans/yard/drill").status_code == 404


def test_a_drill_at_the_console_is_one_to_its_end(
    console_site: ConsoleSite, root: httpx.Client, hook: Webhook
) -> None:
    with console_site.client("chief") as chief:
        assert chief.post("/api/practice", json={"badge": "a"}).status_code == 404
        assert chief.post("/api/practice", json={"badge": "nobody"}).status_code == 404
        incident = chief.post("/api/practice", json={"badge": "b"}).json()["id"]
        assert "close it first" in chief.post("/api/practice", json={"badge": "b"}).json()["error"]
        chief.post(f"/api/incidents/{incident}/claim", json={}).raise_for_status()
        item = chief.get(f"/api/incidents/{incident}").json()["item"]
        assert (item["drill"], item["path"]) == (True, "receiver")
        closing = {"reason": "drill", "note": "Answered."}
        chief.post(f"/api/incidents/{incident}/close", json=closing).raise_for_status()
        [done] = [one for one in plans(chief)["practices"] if one["incident_id"] == incident]
    assert (done["taken_by"], done["closed"]) == ("chief", True)
    assert 0 <= done["taken_after_ms"] < 60_000
    [kept] = [one for one in console_site.store.incidents() if one.id == incident]
    assert kept.sentence().startswith("DRILL SOS")
    # Neither the badge nor anybody of the plan is told.
    assert incident not in [one.incident_id for one in console_site.store.owed()]
    assert [one for one in hook.got if "DRILL SOS" in one["title"]] == []


def test_a_drill_stands_below_all_that_is_real(
    console_site: ConsoleSite, root: httpx.Client
) -> None:
    drill = root.post("/api/practice", json={"badge": "c"}).json()["id"]
    real = console_site.squeeze("a", 301)
    queue = console_site.store.read(lambda one: build(one, sees(None), 0))
    order = [one.id for one in queue.items]
    assert order.index(real) < order.index(drill)
    assert [one.drill for one in queue.items] == sorted(one.drill for one in queue.items)
    with console_site.client("smit") as client:
        closing = {"reason": "drill", "note": "Over."}
        client.post(f"/api/incidents/{drill}/close", json=closing).raise_for_status()
