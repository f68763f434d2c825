"""The place of an incident in a real browser: circles, hints, and what comes by itself."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from badge.core.codec.place import SATELLITES, Cell, Position, Tag
from nabij.centre.database.people_schema import site
from nabij.centre.database.place_tables import room_tag
from tests.host.centre.console.browser import PATIENCE_MS, page_of
from tests.host.centre.console.desk_site import ConsoleSite

# A PNG of one pixel.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def page(chromium: Browser, console_site: ConsoleSite) -> Iterator[Page]:
    with page_of(chromium, console_site, "smit") as page:
        yield page


def test_a_position_is_a_circle_with_its_age_and_never_a_bare_point(
    page: Page, console_site: ConsoleSite
) -> None:
    """What nobody sent is said to be so; what somebody heard is drawn over the floor plan."""
    incident = console_site.squeeze("a", 211)
    with console_site.client("root") as root:
        site = root.get("/api/people").json()["sites"][0]["id"]
        edges = {"north": 52.0070, "south": 52.0060, "west": 4.3550, "east": 4.3570}
        path = f"/api/sites/{site}/picture"
        root.put(path, json={"picture": PNG, **edges}).raise_for_status()
    page.goto(f"/incidents/{incident}")
    place = page.locator("#place")
    expect(place).to_contain_text("Position: not sent.")
    expect(place).to_contain_text("Motion around the alarm: not sent.")
    plan = page.locator("#map img[alt='Floor plan of Depot']")
    expect(plan).to_be_visible()
    assert page.locator("#map .circle").count() == 0
    page.get_by_role("button", name="Note a position").click()
    page.get_by_label("Latitude").fill("52.00667")
    page.get_by_label("Longitude").fill("4.35556")
    page.get_by_label("Within how many metres").fill("25")
    page.get_by_label("How many minutes ago").fill("2")
    page.get_by_role("button", name="Note the position").click()
    expect(place).to_contain_text(re.compile(r"52.00667, 4.35556, within 25 m, 2:0\d ago"))
    expect(page.locator("#map .circle")).to_have_count(1)
    assert page.locator("#map .leaflet-marker-icon").count() == 0
    trace = {"begin_ms": 1, "step_ms": 20, "magnitudes_mg": [1000, 6000, 900], "why": "A fall."}
    with console_site.client("smit") as client:
        client.put(f"/api/incidents/{incident}/motion", json=trace).raise_for_status()
        client.post(
            f"/api/incidents/{incident}/position",
            json={"lat": 52.0065, "lon": 4.356, "accuracy_m": 900, "age_s": 60},
        ).raise_for_status()
        client.post(f"/api/incidents/{incident}/note", json={"text": "Look."}).raise_for_status()
    expect(page.locator("#motion canvas")).to_be_visible()
    expect(page.locator("#motion")).to_contain_text("A fall.")
    expect(place).to_contain_text("within 900 m")
    expect(page.locator("#map .circle")).to_have_count(1)
    with console_site.client("root") as root:
        root.put(path, json={"picture": ""}).raise_for_status()


@pytest.mark.requirement("R18")
def test_where_a_badge_is_comes_by_itself_and_a_hint_looks_otherwise(
    page: Page, console_site: ConsoleSite
) -> None:
    """What follows an alarm is drawn and said without a reload, and its age goes on."""
    fix = Position(520066700, 43555600, 25, 60, SATELLITES)
    incident = console_site.squeeze("a", 212)
    page.goto(f"/incidents/{incident}")
    place, circles = page.locator("#place"), page.locator("#map .circle")
    expect(place).to_contain_text("Position: not sent.")
    console_site.said_to("a", 212, rev=2, position=fix)
    expect(place).to_contain_text("52.00667, 4.35556, within 25 m, 1:0")
    expect(place).to_contain_text("by satellite")
    expect(circles).to_have_count(1)
    expect(page.locator("#map .circle.hint")).to_have_count(0)
    ages = place.locator("p time").first
    before = ages.inner_text()
    expect(ages).not_to_have_text(before)
    moved = fix._replace(lat_e7=520068000, age_s=1)
    near = {"cell": Cell(204, 4, 9, 9, -110), "tag": Tag(b"12345678", -66)}
    console_site.said_to("a", 212, rev=3, position=moved, **near)
    expect(place).to_contain_text("52.00680, 4.35556")
    hints = place.locator("p:has(.hint)")
    expect(hints).to_have_count(2)
    expect(hints.first).to_contain_text("HINT")
    expect(place).to_contain_text("by cell 204-04 tac 9 ci 9, which is not in the table")
    # Where it was is a dot of the track, and in words behind the line that opens them.
    expect(page.locator("#map .track")).to_have_count(1)
    expect(page.locator("#map .dot")).to_have_count(1)
    place.locator("summary").click()
    expect(place.locator("details li")).to_contain_text("52.00667, 4.35556")
    expect(circles).to_have_count(1)


def test_the_name_of_a_room_is_text_on_the_map_too(page: Page, console_site: ConsoleSite) -> None:
    """Whoever writes the register writes no markup into the page of an operator."""
    name = "<b class=boo>Cold store</b>"
    room = {"tag": b"87654321", "sort": "own", "identity": "aa", "room": name}
    spot = {"lat_e7": 520066700, "lon_e7": 43555600}

    def hang(one: sa.Connection) -> None:
        site_id = one.execute(sa.select(site.c.id).where(site.c.name == "Depot")).scalar_one()
        one.execute(room_tag.insert().values(site_id=site_id, **room, **spot))

    console_site.write(hang)
    incident = console_site.squeeze("a", 215, tag=Tag(b"87654321", -66))
    page.goto(f"/incidents/{incident}")
    expect(page.locator("#map .leaflet-tooltip")).to_contain_text(name)
    expect(page.locator(".boo")).to_have_count(0)
