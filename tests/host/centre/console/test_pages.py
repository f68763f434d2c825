"""The pages in a real browser: an alarm comes by itself, sounds and is taken undisturbed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from badge.core.codec import wire
from nabij.centre.database import claims
from nabij.centre.database.claims import Claim
from nabij.centre.handover import arcs, rows
from nabij.centre.languages import COOKIE
from tests.host.centre.console.browser import PATIENCE_MS, page_of
from tests.host.centre.console.dead_line import Line
from tests.host.centre.console.desk_site import MARKUP, PASSWORD, ConsoleSite
from tests.host.centre.handover.live_arc import accounts, live_arc

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def page(chromium: Browser, console_site: ConsoleSite) -> Iterator[Page]:
    with page_of(chromium, console_site, "smit") as page:
        page.goto("/queue")
        yield page


def row(page: Page, incident: int):
    return page.locator(f'.row[data-id="{incident}"]')


def test_one_logs_in_by_the_form(chromium: Browser, console_site: ConsoleSite) -> None:
    context = chromium.new_context(base_url=console_site.url, ignore_https_errors=True)
    page = context.new_page()
    page.goto("/queue", timeout=PATIENCE_MS)
    page.get_by_label("Login").fill("jansen")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/queue$"))
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login$"))
    context.close()


def test_an_alarm_comes_by_itself_sounds_until_somebody_has_it_and_keeps_the_place(
    page: Page, console_site: ConsoleSite
) -> None:
    sound = page.locator("#sound")
    expect(sound).to_have_text("Sound is off")
    assert sound.evaluate("one => getComputedStyle(one).borderTopWidth") == "2px"
    sound.click()
    expect(sound).to_have_text("Sound is on")
    first = console_site.squeeze("a", 201)
    expect(row(page, first).locator(".who")).to_have_text(MARKUP)
    expect(page.locator("#strip")).to_contain_text("nobody")
    # The analyser hears more than silence.
    expect(sound).to_have_attribute("data-level", re.compile(r"^0\.(0[1-9]|[1-9])"))
    row(page, first).get_by_role("link", name="Open").focus()
    second = console_site.squeeze("b", 201)
    expect(row(page, second)).to_be_visible()
    expect(row(page, first).get_by_role("link", name="Open")).to_be_focused()
    for one in (first, second):
        row(page, one).get_by_role("button", name="Take").click()
        expect(row(page, one)).to_have_attribute("data-mine", "yes")


def test_an_alarm_is_seen_and_heard_on_a_page_of_something_else(
    page: Page, console_site: ConsoleSite
) -> None:
    with console_site.client("smit") as client:
        for one in client.get("/api/queue").json()["items"]:
            if one["needs"]:
                client.post(f"/api/incidents/{one['id']}/claim", json={}).raise_for_status()
    sound, strip = page.locator("#sound"), page.locator("#strip")
    sound.click()
    expect(sound).to_have_text("Sound is on")
    page.get_by_role("link", name="Badges").click()
    # No second click is asked for.
    expect(sound).to_have_text("Sound is on")
    expect(page.locator("#badges tbody tr")).not_to_have_count(0)
    expect(strip).to_be_hidden()
    expect(sound).to_have_attribute("data-level", re.compile(r"^0\.000"))
    incident = console_site.squeeze("c", 208)
    expect(strip).to_have_text("1 alarm has nobody")
    expect(page.locator("#count")).to_have_text("1")
    expect(sound).to_have_attribute("data-level", re.compile(r"^0\.(0[1-9]|[1-9])"))
    with console_site.client("smit") as client:
        client.post(f"/api/incidents/{incident}/claim", json={}).raise_for_status()
    expect(strip).to_be_hidden()


def test_the_end_of_the_session_is_said_where_one_is_and_takes_no_text(
    page: Page, console_site: ConsoleSite
) -> None:
    incident = console_site.squeeze("a", 209)
    page.goto(f"/incidents/{incident}")
    expect(page.locator("#plan")).to_contain_text("Call the guard")
    note = page.get_by_label("Note")
    note.fill("She said that")
    page.context.clear_cookies()
    with console_site.client("jansen") as client:
        client.post(f"/api/incidents/{incident}/note", json={"text": "On my way."})
    expect(page.locator("#lost")).to_contain_text("LOGGED OUT")
    expect(page.locator("#lost").get_by_role("link")).to_have_attribute("href", "/login")
    expect(note).to_have_value("She said that")


def test_who_took_it_first_is_said_to_the_other(
    page: Page, chromium: Browser, console_site: ConsoleSite
) -> None:
    incident = console_site.squeeze("a", 202)
    expect(row(page, incident).get_by_role("button", name="Take")).to_be_enabled()
    with console_site.client("jansen") as client:
        client.post(f"/api/incidents/{incident}/claim", json={})
    expect(row(page, incident).locator(".owner")).to_contain_text("jansen")
    expect(row(page, incident).get_by_role("button", name="Taken")).to_be_disabled()


def test_what_somebody_took_and_forgot_is_loud_again(
    page: Page, console_site: ConsoleSite
) -> None:
    incident = console_site.squeeze("a", 213)
    with console_site.client("jansen") as client:
        client.post(f"/api/incidents/{incident}/claim", json={}).raise_for_status()
    expect(row(page, incident)).to_have_attribute("data-needs", "no")
    over = Claim(incident, "jansen", 1, 1, 2)
    console_site.write(lambda one: claims.put(one, over))
    expect(row(page, incident)).to_have_attribute("data-needs", "yes")
    expect(row(page, incident).locator(".owner")).to_have_text("nobody has it")
    expect(page.locator("#strip")).to_contain_text("nobody")


def test_nobody_is_offered_what_they_may_not_do(
    page: Page, chromium: Browser, console_site: ConsoleSite
) -> None:
    """An administrator sees all and takes no alarms: no button, no form, and no key."""
    incident = console_site.squeeze("a", 214)
    expect(row(page, incident).get_by_role("button", name="Take")).to_be_visible()
    with page_of(chromium, console_site, "root") as other:
        other.goto("/queue")
        expect(row(other, incident)).to_be_visible()
        assert other.locator("#queue button").count() == 0
        other.keyboard.press("t")
        other.goto(f"/incidents/{incident}")
        expect(other.locator("#plan")).to_contain_text("Call the guard")
        assert other.locator("#actions button").count() == 0
        assert other.locator("#note").count() == 0
        for key in ("t", "c"):
            other.keyboard.press(key)
        expect(other.locator("#drawer")).to_be_empty()
        expect(other.locator("#problem")).to_be_hidden()
    with console_site.client("root") as client:
        assert client.post(f"/api/incidents/{incident}/claim", json={}).status_code == 403


def test_a_half_typed_note_is_never_touched(page: Page, console_site: ConsoleSite) -> None:
    incident = console_site.squeeze("a", 203)
    page.goto(f"/incidents/{incident}")
    expect(page.locator("#plan")).to_contain_text("Call the guard")
    note = page.get_by_label("Note")
    note.fill("She said that")
    with console_site.client("jansen") as client:
        client.post(f"/api/incidents/{incident}/note", json={"text": "On my way."})
    expect(page.locator("#lines")).to_contain_text("On my way.")
    expect(note).to_have_value("She said that")
    expect(note).to_be_focused()


def test_closing_asks_why_and_a_forced_wearer_is_not_rung_by_mistake(
    page: Page, console_site: ConsoleSite
) -> None:
    incident = console_site.squeeze("a", 204)
    forced = wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS
    console_site.squeeze("a", 204, rev=2, flags=forced)
    page.goto(f"/incidents/{incident}")
    page.get_by_role("button", name="Call the wearer").click()
    expect(page.locator("#drawer")).to_contain_text("FORCED")
    expect(page.get_by_text("+31 6 1234")).to_have_count(0)
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("option[value=false_alarm]")).to_be_disabled()
    page.get_by_label("Why").select_option("helped")
    page.get_by_label("What happened").fill("Police are with her.")
    page.get_by_role("button", name="Close it").click()
    expect(page.locator("#actions")).to_contain_text("Closed.")


def test_the_page_itself_says_that_the_connection_is_lost(
    page: Page, console_site: ConsoleSite
) -> None:
    """A line that is dead and not closed says nothing by itself."""
    incident = console_site.squeeze("a", 205)
    with Line(console_site.port) as line:
        page.goto(f"https://127.0.0.1:{line.port}/queue")
        expect(row(page, incident)).to_be_visible()
        line.is_dead = True
        expect(page.locator("#lost")).to_contain_text("CONNECTION LOST")
        expect(row(page, incident).get_by_role("button", name="No connection")).to_be_disabled()
        line.is_dead = False
        expect(page.locator("#lost")).to_be_hidden()
        expect(row(page, incident).get_by_role("button", name="Take")).to_be_enabled()


def test_keys_alone_are_enough_to_take_an_alarm(page: Page, console_site: ConsoleSite) -> None:
    incident = console_site.squeeze("c", 206)
    expect(row(page, incident)).to_be_visible()
    for _ in range(40):
        page.keyboard.press("j")
        if "at" in (row(page, incident).get_attribute("class") or "").split():
            break
    page.keyboard.press("t")
    expect(row(page, incident)).to_have_attribute("data-mine", "yes")


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (2560, "light")])
def test_nothing_is_wider_than_the_screen(
    chromium: Browser, console_site: ConsoleSite, width: int, scheme: str
) -> None:
    incident = console_site.squeeze("a", 207)
    with page_of(chromium, console_site, "smit", width=width, scheme=scheme) as page:
        for path in ("/queue", f"/incidents/{incident}", "/badges", "/people", "/plans"):
            page.goto(path)
            page.wait_for_load_state()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, path


def test_a_badge_goes_from_hand_to_hand(chromium: Browser, console_site: ConsoleSite) -> None:
    with page_of(chromium, console_site, "smit") as page:
        page.goto("/badges")
        page.get_by_label("Give badge b to").select_option(label=MARKUP)
        line = page.locator("tr", has=page.get_by_text("b", exact=True))
        expect(line).to_contain_text(MARKUP)
        line.get_by_label("Give badge b to").select_option(label="Bert Bos")
        expect(line).to_contain_text("Bert Bos")


def test_an_administrator_makes_an_account_and_sees_its_link(
    chromium: Browser, console_site: ConsoleSite
) -> None:
    with page_of(chromium, console_site, "root") as page:
        page.goto("/accounts")
        page.locator("#account").get_by_label("Login").fill("fromthepage")
        page.get_by_role("button", name="Make it").click()
        expect(page.locator("#link")).to_contain_text("/invite/")
        expect(page.locator("#accounts")).to_contain_text("fromthepage, operator")


def test_a_drill_of_a_supervisor_is_marked_to_its_end_and_makes_no_alarm(
    page: Page, chromium: Browser, console_site: ConsoleSite
) -> None:
    with console_site.client("smit") as client:
        for one in client.get("/api/queue").json()["items"]:
            if one["needs"]:
                client.post(f"/api/incidents/{one['id']}/claim", json={}).raise_for_status()
    with console_site.client("root") as client:
        client.post(
            "/api/badges/hand-out", json={"badge": "b", "person_id": console_site.ids["bert"]}
        )
    sound, strip = page.locator("#sound"), page.locator("#strip")
    sound.click()
    expect(strip).to_be_hidden()
    with page_of(chromium, console_site, "chief") as supervisor:
        supervisor.goto("/badges")
        line = supervisor.locator("tr", has=supervisor.get_by_text("b", exact=True))
        line.get_by_role("button", name="Drill").click()
        expect(supervisor.locator("#drills")).to_contain_text("DRILL: 1 to take")
    expect(page.locator("#drills")).to_contain_text("DRILL: 1 to take")
    mine = page.locator(".row[data-drill=yes]")
    expect(mine.locator(".tag.drill")).to_have_text("DRILL")
    expect(strip).to_be_hidden()
    expect(sound).to_have_attribute("data-level", re.compile(r"^0\.000"))
    mine.get_by_role("button", name="Take").click()
    mine.get_by_role("link", name="Open").click()
    expect(page.locator("#head")).to_contain_text("DRILL: nobody is in need")
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_label("Why").select_option("drill")
    page.get_by_label("What happened").fill("Taken in time.")
    page.get_by_role("button", name="Close it").click()
    expect(page.locator("#head")).to_contain_text("DRILL: nobody is in need")
    page.goto("/plans")
    expect(page.locator("#tried")).to_contain_text("smit took it after 0:")


def test_a_plan_is_changed_looked_over_and_drilled_on_its_page(
    chromium: Browser, console_site: ConsoleSite
) -> None:
    """A person who is given a channel is whom the plan calls; its address is shown to nobody."""
    with page_of(chromium, console_site, "root") as page:
        page.goto("/people")
        page.get_by_label("Name", exact=True).fill("Guard desk")
        page.get_by_text("When plans call this person").click()
        page.get_by_label("Name in plans, as smit").fill("desk")
        page.get_by_label("Time zone").fill("Europe/Amsterdam")
        page.get_by_label("Channels").fill("phone json://127.0.0.1:9/secret")
        page.get_by_role("button", name="Keep").click()
        expect(page.locator("#people")).to_contain_text("called as desk by phone")
        page.goto("/plans")
        text = page.locator("textarea[name=toml]")
        expect(text).to_have_value(re.compile("Guard desk"))
        assert "secret" not in text.input_value()
        plan = (
            '\n[plans.yard]\nzone = "UTC"\nbadges = ["a"]\nlast = {after_s = 0, whom = "desk"}\n'
        )
        text.fill(text.input_value().replace("[plans]\n", "") + plan)
        page.get_by_role("button", name="Keep these plans").click()
        expect(page.locator("#findings")).to_contain_text("Plan yard has no link")
        page.get_by_role("button", name="Drill this plan").click()
        expect(page.locator("#tried")).to_contain_text("DRILL of plan yard")
        expect(page.locator("#tried")).to_contain_text("Guard desk, phone")
        text.fill("[plans]\n[people]\n")
        page.get_by_role("button", name="Keep these plans").click()
        expect(page.locator("#looked")).to_contain_text("There is no plan")


def test_the_time_line_says_by_itself_whether_an_alarm_centre_has_it(
    page: Page, console_site: ConsoleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nabij.centre.handover.rows.RETRY_MS", (50,))
    with live_arc(accounts("1234")) as arc:
        arc.down()
        text = f"""[arcs.north]
            addresses = ["127.0.0.1:{arc.port}"]
            account = "1234"
            badges = {{ c = 1 }}"""
        kept = arcs.read(text, {})
        console_site.write(lambda one: rows.replace_arcs(one, kept, 1))
        page.goto(f"/incidents/{console_site.squeeze('c', 212)}")
        lines = page.locator("#lines")
        expect(lines).to_contain_text("Sent to alarm centre north: sos")
        silent = re.compile(r"NOT ACKNOWLEDGED by alarm centre north, tries: ([2-9]|\d\d)")
        expect(lines).to_contain_text(silent)
        arc.up(accounts("1234"))
        expect(lines).to_contain_text("Acknowledged by alarm centre north")
        expect(lines).to_contain_text(f"127.0.0.1:{arc.port}")
        expect(lines).not_to_contain_text("NOT ACKNOWLEDGED")
        console_site.write(lambda one: rows.replace_arcs(one, [], 1))
    page.context.add_cookies([{"name": COOKIE, "value": "nl", "url": console_site.url}])
    page.reload()
    expect(lines).to_contain_text("Bevestigd door alarmcentrale north")
