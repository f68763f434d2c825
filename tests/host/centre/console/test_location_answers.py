"""A worker sees that a position of theirs is held, and under which consent; nobody sees where."""

import datetime as dt

import sqlalchemy as sa

from nabij.centre.database.location_tables import sealed_position
from nabij.centre.location import consent
from nabij.centre.location.consent import Wanted
from nabij.centre.privacy import terms
from tests.host.centre.console.desk_site import NOW_MS, ConsoleSite


def test_one_sees_that_it_is_held_and_why(console_site: ConsoleSite) -> None:
    site = console_site
    with site.client("worker") as client:
        assert client.get("/api/location/own").json() == {
            "at_ms": None, "council": "", "reference": "", "until": "",
        }  # fmt: skip
        until = site.store.write(lambda one: _held(one, site))
        assert client.get("/api/location/own").json() == {
            "at_ms": NOW_MS, "council": "OR", "reference": "OR-1", "until": until,
        }  # fmt: skip


def _held(one: sa.Connection, site: ConsoleSite) -> str:
    today = dt.datetime.now(dt.UTC).date()
    now_ms = round(dt.datetime.now(dt.UTC).timestamp() * 1000)
    until = today + dt.timedelta(30)
    consent.note(one, Wanted("OR", "OR-1", today, until, teams=("North",)), now_ms, "desk")
    terms.keep(one, "location", 1, "why", by="desk", now_ms=now_ms)
    mine = {"badge": "a", "shift_ms": 1, "person_id": site.ids["anna"]}
    one.execute(sealed_position.insert().values(**mine, at_ms=NOW_MS, sealed=b"sealed"))
    return until.isoformat()
