"""People, badges and accounts by the API: one's own people only, and nothing half done."""

import httpx
import pytest

from tests.host.centre.console.desk_site import ConsoleSite


@pytest.fixture
def root(console_site: ConsoleSite):
    with console_site.client("root") as client:
        yield client


@pytest.fixture
def chief(console_site: ConsoleSite):
    with console_site.client("chief") as client:
        yield client


def named(client: httpx.Client) -> set[str]:
    return {one["name"] for one in client.get("/api/people").json()["people"]}


def test_a_supervisor_keeps_their_own_people(
    console_site: ConsoleSite, chief: httpx.Client
) -> None:
    south, north = console_site.ids["south"], console_site.ids["north"]
    assert "Bert Bos" in named(chief)
    assert len(chief.get("/api/people").json()["teams"]) == 1
    contacts = [{"name": "Ada", "reach": "+31 6 2"}]
    added = chief.post("/api/people", json={"name": "Cor", "team_id": south, "contacts": contacts})
    assert added.status_code == 200
    assert added.json()["contacts"] == contacts
    for team in (north, None):
        assert chief.post("/api/people", json={"name": "X", "team_id": team}).status_code == 400
    own = added.json()["id"]
    moved = {"name": "Cor", "team_id": north}
    assert chief.put(f"/api/people/{own}", json=moved).status_code == 400
    anna = console_site.ids["anna"]
    theirs = {"name": "Mine now", "team_id": south}
    assert chief.put(f"/api/people/{anna}", json=theirs).status_code == 404
    assert chief.post(f"/api/people/{anna}/leave").status_code == 404
    assert chief.post(f"/api/people/{own}/leave").status_code == 200
    assert "Cor" not in named(chief)


def test_badges_go_from_hand_to_hand(console_site: ConsoleSite, chief: httpx.Client) -> None:
    bert, anna = console_site.ids["bert"], console_site.ids["anna"]
    hand = {"badge": "c", "person_id": bert}
    assert chief.post("/api/badges/hand-out", json=hand).status_code == 200
    again = chief.post("/api/badges/hand-out", json=hand)
    assert (again.status_code, "with Bert Bos by now" in again.json()["error"]) == (400, True)
    stolen = {"badge": "a", "person_id": bert, "had_by": anna}
    assert chief.post("/api/badges/hand-out", json=stolen).status_code == 404
    # As of a badge that is with nobody: who has it is not theirs to know.
    theirs = chief.post("/api/badges/give-back", json={"badge": "a"})
    assert (theirs.status_code, "with nobody here" in theirs.json()["error"]) == (400, True)
    held = {one["badge"]: one["wearer"] for one in chief.get("/api/badges").json()["items"]}
    assert held == {"b": "Bert Bos", "c": "Bert Bos"}
    assert chief.post("/api/badges/give-back", json={"badge": "c"}).status_code == 200
    back = chief.post("/api/badges/give-back", json={"badge": "c"})
    assert (back.status_code, "with nobody" in back.json()["error"]) == (400, True)


def test_a_supervisor_learns_nothing_of_other_teams(
    console_site: ConsoleSite, chief: httpx.Client
) -> None:
    bert = console_site.ids["bert"]
    tried = [
        chief.post("/api/badges/hand-out", json={"badge": "a", "person_id": bert}),
        chief.post("/api/badges/replace", json={"lost": "b", "instead": "a"}),
        chief.post("/api/badges/replace", json={"lost": "a", "instead": "c"}),
        chief.post("/api/badges/give-back", json={"badge": "a"}),
    ]
    assert [one.status_code for one in tried] == [400] * 4
    said = " ".join(one.text for one in tried)
    assert "de Vries" not in said
    found = chief.get("/api/people")
    assert found.json()["sites"] == []
    assert "Kade 1" not in found.text


def test_nothing_is_kept_of_a_request_that_was_refused(root: httpx.Client) -> None:
    before = root.get("/api/accounts").json()
    for body in (
        {"login": "half", "role": "supervisor", "teams": [999]},
        {"login": "half", "role": "worker", "person_id": 999},
        {"login": "smit", "role": "worker"},
        {"login": "half", "role": "king"},
    ):
        assert root.post("/api/accounts", json=body).status_code == 400, body
    assert root.get("/api/accounts").json() == before


def test_teams_and_sites_are_added_once(root: httpx.Client) -> None:
    site = root.post("/api/sites", json={"name": "Yard", "address": "Dam 1"}).json()
    team = {"name": "East", "site_id": site["id"], "action_plan": "Go."}
    assert root.post("/api/teams", json=team).status_code == 200
    assert root.post("/api/teams", json=team).status_code == 400
    found = root.get("/api/people").json()["teams"]
    assert ("East", "Yard") in {(one["name"], one["site"]) for one in found}


def test_a_site_is_given_a_time_zone_that_there_is(root: httpx.Client) -> None:
    made = root.post("/api/sites", json={"name": "Quay", "zone": "Europe/Amsterdam"}).json()
    where = f"/api/sites/{made['id']}"
    changed = root.put(where, json={"name": "Quay", "zone": "Europe/London"})
    assert (changed.status_code, changed.json()["zone"]) == (200, "Europe/London")
    refused = root.put(where, json={"name": "Quay", "zone": "Europe/Delft"})
    assert (refused.status_code, "no time zone" in refused.json()["error"]) == (400, True)
    found = {one["name"]: one["zone"] for one in root.get("/api/people").json()["sites"]}
    assert found["Quay"] == "Europe/London"


def test_the_works_councils_consent_is_noted_and_the_banner_goes(
    console_site: ConsoleSite, root: httpx.Client, chief: httpx.Client
) -> None:
    assert chief.get("/api/badges").json()["consent"] == ""
    given = {"on_date": "2026-03-04", "reference": "Minutes 12"}
    for wrong in ({"on_date": "4 March"}, {"reference": " "}, {"on_date": "2999-01-01"}):
        assert root.post("/api/consent", json={**given, **wrong}).status_code == 400
    assert chief.post("/api/consent", json=given).status_code == 403
    assert root.post("/api/consent", json=given).status_code == 200
    assert chief.get("/api/badges").json()["consent"] == "2026-03-04"
    assert "Minutes 12" in root.get("/api/audit").text


def test_secrets_of_accounts_are_in_no_answer(root: httpx.Client) -> None:
    text = root.get("/api/accounts").text + root.get("/api/audit").text
    assert "argon2" not in text
    assert "totp" not in text
