"""The register at the console: of one's own people, and a worker's of themselves."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.host.centre.console.browser import PATIENCE_MS, page_of
from tests.host.centre.console.desk_site import MARKUP, ConsoleSite
from tests.host.centre.console.registered import registered

BERT = "Bert Bos"
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def site(console_site: ConsoleSite) -> ConsoleSite:
    console_site.write(registered)
    return console_site


def test_a_supervisor_reads_it_of_their_own_people_and_an_administrator_of_all(
    site: ConsoleSite,
) -> None:
    found = {}
    for login in ("chief", "root"):
        with site.client(login) as client:
            found[login] = client.get("/api/register").json()
    own = found["chief"]
    assert {one["worker"] for one in own["permits"]} == {BERT}
    assert [one["worker"] for one in own["shifts"]] == [BERT]
    assert [one["name"] for one in own["workers"]] == [BERT]
    assert [one["weight"] for one in own["findings"]] == ["soon"]
    all_ = found["root"]
    assert {one["worker"] for one in all_["permits"]} == {MARKUP, BERT}
    # What is missing first, and of permits those that have ended.
    assert [one["weight"] for one in all_["findings"]] == ["missing", "soon"]
    states = [one["state"] for one in all_["permits"]]
    assert states == ["ended", "ends soon", "valid", "valid", "valid", "valid"]
    assert [one["article"] for one in all_["tasks"]] == ["Arbobesluit 3.5 lid 2", ""]
    [tag] = all_["tags"]
    assert (tag["room"], tag["identity"], tag["on_plan"]) == ("cold store 2", "a1b2", False)
    assert all_["left_out"] == 0
    # Nobody needs a date of birth to plan.
    assert "1990" not in str(all_)


def test_a_worker_reads_their_own_and_nobody_elses(site: ConsoleSite) -> None:
    with site.client("worker") as client:
        assert client.get("/api/register").status_code == 403
        assert client.get("/register").status_code == 403
        own = client.get("/api/register/own").json()
    assert {one["worker"] for one in own["permits"]} == {MARKUP}
    assert len(own["shifts"]) == 1
    with site.client("smit") as client:
        assert client.get("/api/register").status_code == 403
        # An account that is of nobody in the list of people.
        assert client.get("/api/register/own").json() == {"permits": [], "shifts": []}


def test_a_browser_shows_what_is_missing_and_only_the_lines_that_are_asked_for(
    chromium: Browser, site: ConsoleSite
) -> None:
    with page_of(chromium, site, "root") as page:
        page.goto("/register")
        expect(page.locator("#findings li")).to_have_count(2)
        expect(page.locator("#findings li").first).to_contain_text("missing")
        expect(page.locator("#permits")).to_contain_text("ended")
        expect(page.locator("#tags li")).to_contain_text("cold store 2Depot, owna1b2not on the")
        expect(page.locator("#tasks")).to_contain_text("never alone: Arbobesluit 3.5 lid 2")
        page.get_by_label("Show only lines with").fill("bert")
        expect(page.locator("#permits li:visible")).to_have_count(3)
        expect(page.locator("#workers li:visible")).to_have_text(re.compile(BERT))
        # A name is text, whatever is in it.
        page.get_by_label("Show only lines with").fill("<b>")
        expect(page.locator("#workers li:visible b")).to_have_text(MARKUP)


def test_a_worker_sees_it_beside_who_looked_at_them(chromium: Browser, site: ConsoleSite) -> None:
    with page_of(chromium, site, "worker") as page:
        page.goto("/account")
        expect(page.locator("#permits li")).to_have_count(3)
        expect(page.locator("#shifts li")).to_have_count(1)
        expect(page.locator("#audit li").first).to_be_visible()
