"""What an operator does with an incident: one owner, a reason, and what the wearer may know."""

import httpx
import pytest

from badge.core.codec import wire
from nabij.centre.database import schema
from tests.host.centre.console.desk_site import MARKUP, ConsoleSite
from tests.waiting import wait_until


@pytest.fixture
def smit(console_site: ConsoleSite):
    with console_site.client("smit") as client:
        yield client


@pytest.fixture
def jansen(console_site: ConsoleSite):
    with console_site.client("jansen") as client:
        yield client


def act(client: httpx.Client, incident: int, what: str, **body: object) -> httpx.Response:
    return client.post(f"/api/incidents/{incident}/{what}", json=body)


def seen(client: httpx.Client, incident: int) -> dict[str, object]:
    items = client.get("/api/queue").json()["items"]
    found: dict[str, object] = next(one for one in items if one["id"] == incident)
    return found


def test_who_where_and_what_stand_in_the_queue(
    console_site: ConsoleSite, smit: httpx.Client
) -> None:
    found = seen(smit, console_site.squeeze("a", 101))
    assert (found["wearer"], found["site"], found["words"]) == (MARKUP, "Depot", "SOS")
    assert (found["priority"], found["needs"], found["owner"]) == (1, True, "")


def test_two_who_take_at_once_learn_who_has_it_and_the_wearer_feels_taken(
    console_site: ConsoleSite, smit: httpx.Client, jansen: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 102)
    assert act(smit, incident, "claim").status_code == 200
    late = act(jansen, incident, "claim")
    assert late.status_code == 409
    assert "smit has it until" in late.json()["error"]
    assert smit.get(f"/api/incidents/{incident}").json()["told"] == "taken"
    assert console_site.said_to("a", 102, attempt=2) == wire.STATUS_TAKEN


def test_informed_is_another_thing_than_mine(
    console_site: ConsoleSite, smit: httpx.Client, jansen: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 103)
    act(jansen, incident, "inform")
    act(jansen, incident, "inform")
    found = seen(smit, incident)
    assert (found["informed"], found["owner"], found["needs"]) == (["jansen"], "", True)


def test_it_is_handed_over_and_given_back(
    console_site: ConsoleSite, smit: httpx.Client, jansen: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 104)
    assert act(smit, incident, "hand-over", to="jansen").status_code == 409
    act(smit, incident, "claim", minutes=30)
    # The chief is of another team, and would have what nobody else is called for.
    for nobody in ("worker", "root", "chief", "nobody"):
        assert act(smit, incident, "hand-over", to=nobody).status_code == 404
    assert act(smit, incident, "hand-over", to="jansen").status_code == 200
    assert seen(smit, incident)["owner"] == "jansen"
    assert act(smit, incident, "give-back").status_code == 409
    assert act(jansen, incident, "give-back").status_code == 200
    assert seen(smit, incident)["needs"] is True


def test_a_false_alarm_is_one_only_after_the_wearer_was_spoken_to(
    console_site: ConsoleSite, smit: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 105)
    close = {"reason": "false_alarm", "note": "Sat on it."}
    assert act(smit, incident, "close", **close).status_code == 409
    act(smit, incident, "note", text="No answer yet.")
    assert act(smit, incident, "close", **close).status_code == 409
    act(smit, incident, "note", text="She laughs.", contact=True)
    assert act(smit, incident, "close", **close).status_code == 200
    found = smit.get(f"/api/incidents/{incident}").json()
    assert found["closed"]
    assert [(one["what"], one["text"]) for one in found["lines"]][-1] == (
        "closed",
        "False alarm: Sat on it.",
    )


def test_who_is_forced_never_made_a_false_alarm(
    console_site: ConsoleSite, smit: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 106)
    forced = wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS
    console_site.squeeze("a", 106, rev=2, flags=forced)
    act(smit, incident, "note", text="Says all is well.", contact=True)
    refused = act(smit, incident, "close", reason="false_alarm", note="x")
    assert (refused.status_code, "forced" in refused.json()["error"]) == (409, True)
    act(smit, incident, "claim")
    found = smit.get(f"/api/incidents/{incident}").json()
    assert (found["item"]["duress"], found["told"]) == (True, "received")


@pytest.mark.parametrize(
    "body",
    [{}, {"reason": "helped"}, {"reason": "x", "note": "y"}, {"reason": "other", "note": ""}],
)
def test_nothing_is_closed_without_a_reason(
    console_site: ConsoleSite, smit: httpx.Client, body: dict[str, str]
) -> None:
    incident = console_site.squeeze("a", 107)
    assert act(smit, incident, "close", **body).status_code == 400


def test_what_got_worse_comes_back_to_the_top_and_says_so(
    console_site: ConsoleSite, smit: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 108)
    act(smit, incident, "claim")
    assert seen(smit, incident)["needs"] is False
    console_site.squeeze("a", 108, rev=2, flags=wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS)
    # The badge may hear first that somebody took it.
    wait_until(lambda: seen(smit, incident)["again"] == "duress")
    assert seen(smit, incident)["needs"]
    assert smit.get("/api/queue").json()["items"][0]["id"] == incident


def test_a_supervisor_sees_their_own_people_only(console_site: ConsoleSite) -> None:
    north, south = console_site.squeeze("a", 109), console_site.squeeze("b", 1)
    nobodys = console_site.squeeze("c", 1)
    with console_site.client("chief") as chief:
        ids = {one["id"] for one in chief.get("/api/queue").json()["items"]}
        assert south in ids
        assert not {north, nobodys} & ids
        assert chief.get(f"/api/incidents/{south}").status_code == 200
        for other in (north, nobodys):
            assert chief.get(f"/api/incidents/{other}").status_code == 404
            for what in ("claim", "inform", "help", "give-back"):
                assert act(chief, other, what).status_code == 404
            assert act(chief, other, "note", text="x").status_code == 404
            closing = {"reason": "other", "note": "x"}
            assert act(chief, other, "close", **closing).status_code == 404


def test_a_wearer_learns_who_looked_once_nobody_can_be_watching_them(
    console_site: ConsoleSite, smit: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 110)
    for _ in range(3):
        smit.get(f"/api/incidents/{incident}")
    for what, body in (
        ("claim", {}),
        ("inform", {}),
        ("note", {"text": "She is tall."}),
        ("note", {"text": "All well.", "contact": True}),
        ("help", {}),
    ):
        assert act(smit, incident, what, **body).status_code == 200

    def looked() -> list[tuple[str, str]]:
        with console_site.client("worker") as worker:
            lines = worker.get("/api/audit/own").json()["lines"]
            assert worker.get("/api/health").status_code == 403
        return [(one["by"], one["what"]) for one in lines if one["incident_id"] == incident]

    assert looked() == []
    assert act(smit, incident, "close", reason="helped", note="seen").status_code == 200
    whats = [what for by, what in reversed(looked()) if by == "smit"]
    assert whats == [
        "looked at an incident",
        "took it",
        "knows of it",
        "wrote a note",
        "noted that you were spoken to",
        "said that help is coming",
        "closed it",
    ]
    with console_site.client("worker") as worker:
        assert "tall" not in worker.get("/api/audit/own").text


def test_what_is_open_is_in_the_queue_however_old_and_nothing_else_is(
    console_site: ConsoleSite, smit: httpx.Client
) -> None:
    """No window of time hides an alarm, and what has a page of its own has a line as well."""
    old, shut = console_site.squeeze("a", 111), console_site.squeeze("a", 112)
    act(smit, shut, "close", reason="helped", note="seen")
    incident = schema.incident
    long_ago = {"raised_ms": 1_000_000_000_000, "received_ms": 1_000_000_000_000}
    console_site.write(
        lambda one: one.execute(incident.update().where(incident.c.id == old).values(long_ago))
    )
    act(smit, old, "note", text="Still open.")
    queue = [one["id"] for one in smit.get("/api/queue").json()["items"]]
    assert (old in queue, shut in queue) == (True, False)
    for one in console_site.store.incidents("a"):
        closed = smit.get(f"/api/incidents/{one.id}").json()["closed"]
        assert closed is (one.id not in queue)
