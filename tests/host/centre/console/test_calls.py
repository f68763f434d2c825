"""A person of the console is the one whom plans call: one row, kept whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from nabij.centre.escalation import plan_file, plan_rows
from nabij.centre.escalation.plan import EMPTY
from tests.host.centre.console.desk_site import ConsoleSite

URL = "json://127.0.0.1:9/secret"
PLAN = """
[people.bert]
name = "Bert Bos"
zone = "Europe/Amsterdam"
channels = { sms = "json://127.0.0.1:9/secret" }
[plans.yard]
zone = "UTC"
badges = ["*"]
link = "https://alarm.example.org"
last = { after_s = 0, whom = "bert", channels = ["sms"] }
"""


@pytest.fixture
def client(console_site: ConsoleSite) -> Iterator[httpx.Client]:
    with console_site.client("root") as client:
        yield client
    console_site.write(lambda one: plan_rows.replace(one, EMPTY))


def person(client: httpx.Client, name: str) -> dict[str, Any]:
    [found] = [one for one in client.get("/api/people").json()["people"] if one["name"] == name]
    return dict(found)


def changed(client: httpx.Client, one: dict[str, Any], **calls: object) -> httpx.Response:
    kept = {key: one[key] for key in ("name", "team_id", "wears", "contacts")}
    return client.put(f"/api/people/{one['id']}", json=kept | {"calls": one["calls"] | calls})


def test_a_plan_that_names_somebody_of_the_console_calls_that_person(
    console_site: ConsoleSite, client: httpx.Client
) -> None:
    before = person(client, "Bert Bos")
    assert client.put("/api/plans", json={"toml": PLAN}).status_code == 200
    after = person(client, "Bert Bos")
    assert after["id"] == before["id"] == console_site.ids["bert"]
    assert after["calls"]["key"] == "bert"
    assert after["calls"]["channels"] == [{"name": "sms", "url": "kept"}]
    # No answer of the console says an address.
    for path in ("/api/people", "/api/plans", "/api/plans/text"):
        assert "secret" not in client.get(path).text
    book = console_site.store.read(plan_rows.read)
    assert book.people["bert"].channels[0].url == URL


def test_what_is_changed_at_the_console_is_what_the_plan_uses(
    console_site: ConsoleSite, client: httpx.Client
) -> None:
    client.put("/api/plans", json={"toml": PLAN})
    ways = [{"name": "sms", "url": "kept"}, {"name": "mail", "url": "mailto://localhost"}]
    away = [{"first": "2026-12-24", "last": "2026-12-31", "stand_in": ""}]
    one = person(client, "Bert Bos")
    assert changed(client, one, channels=ways, away=away, quiet="22:00-07:00").status_code == 200
    found = console_site.store.read(plan_rows.read).people["bert"]
    assert [way.url for way in found.channels] == [URL, "mailto://localhost"]
    assert (found.quiet.text, found.away[0].first.isoformat()) == ("22:00-07:00", "2026-12-24")
    # As a file it is the same.
    text = client.get("/api/plans/text").json()["toml"]
    assert plan_file.read(text, console_site.store.read(plan_rows.read)).people["bert"] == found


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ({"key": "other"}, "change the plan first"),
        ({"key": ""}, "change the plan first"),
        ({"channels": []}, "who has none"),
        ({"channels": [{"name": "fax", "url": "kept"}]}, "known to be kept"),
        ({"channels": [{"name": "sms", "url": "kept"}] * 2}, "have one name"),
        ({"zone": "Nowhere"}, "Nowhere"),
        ({"quiet": "when I sleep"}, "when I sleep"),
        ({"away": [{"first": "2026-12-31", "last": "2026-12-24"}]}, "ends before it begins"),
        (
            {"away": [{"first": "2026-12-24", "last": "2026-12-31", "stand_in": "x"}]},
            "not among the people",
        ),
    ],
)
def test_what_would_leave_a_gap_is_refused_whole(
    console_site: ConsoleSite, client: httpx.Client, calls: dict[str, Any], words: str
) -> None:
    client.put("/api/plans", json={"toml": PLAN})
    before = console_site.store.read(plan_rows.read)
    answer = changed(client, person(client, "Bert Bos"), **calls)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text
    assert console_site.store.read(plan_rows.read) == before


def test_whom_a_plan_calls_cannot_leave_and_others_lose_their_addresses(
    console_site: ConsoleSite, client: httpx.Client
) -> None:
    client.put("/api/plans", json={"toml": PLAN})
    bert = console_site.ids["bert"]
    refused = client.post(f"/api/people/{bert}/leave")
    assert "Plan yard calls this person" in refused.json()["error"]
    made = client.post(
        "/api/people",
        json={
            "name": "Cor",
            "calls": {"key": "cor", "zone": "UTC", "channels": [{"name": "sms", "url": URL}]},
        },
    ).json()
    assert made["calls"]["key"] == "cor"
    taken = changed(client, person(client, "Cor") | {"id": console_site.ids["anna"]}, key="cor")
    assert "choose another name" in taken.json()["error"]
    assert client.post(f"/api/people/{made['id']}/leave").status_code == 200
    assert "cor" not in console_site.store.read(plan_rows.read).people


def test_a_name_that_several_have_is_not_guessed(client: httpx.Client) -> None:
    for _ in range(2):
        client.post("/api/people", json={"name": "Twin", "wears": False})
    twin = PLAN.replace("Bert Bos", "Twin")
    refused = client.put("/api/plans", json={"toml": twin})
    assert "Several people are called Twin" in refused.json()["error"]
    one, other = [p for p in client.get("/api/people").json()["people"] if p["name"] == "Twin"]
    assert changed(client, one, key="bert", zone="UTC").status_code == 200
    assert client.put("/api/plans", json={"toml": twin}).status_code == 200
    for each in (one, other):
        found = [p for p in client.get("/api/people").json()["people"] if p["id"] == each["id"]]
        assert found[0]["calls"]["key"] == ("bert" if each is one else "")
