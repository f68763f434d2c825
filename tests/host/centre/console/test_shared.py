"""A link opens exactly one incident, for whoever has it; and the file of one is signed."""

from __future__ import annotations

import json
import re

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from nabij.centre.console.guard import COOKIE
from nabij.centre.database.link_tables import incident_link
from nabij.centre.incidents import links, signed_file
from nabij.centre.people import audit, audit_chain
from nabij.centre.people.audit import Entry
from tests.host.centre.console.browser import PATIENCE_MS, page_of
from tests.host.centre.console.desk_site import MARKUP, ConsoleSite

expect.set_options(timeout=PATIENCE_MS)
ANNA = re.escape("&lt;b&gt;A. de Vries&lt;/b&gt;")


def link_of(site: ConsoleSite, incident: int, whom: str = "North centre") -> str:
    """The path of a new link, as an operator makes one."""
    with site.client("smit") as client:
        made = client.post(f"/api/incidents/{incident}/links", json={"whom": whom})
        return str(made.raise_for_status().json()["path"])


def lines(site: ConsoleSite) -> list[Entry]:
    """The audit, newest first."""
    return site.store.read(audit.newest)


def set_links(site: ConsoleSite, **values: int) -> None:
    site.write(lambda one: one.execute(sa.update(incident_link).values(values)))


@pytest.fixture
def outside(console_site: ConsoleSite) -> httpx.Client:
    """Somebody who has never logged in."""
    return httpx.Client(base_url=console_site.url, verify=console_site.trust, timeout=60)


def test_it_opens_that_incident_without_a_log_in_and_gives_no_session(
    console_site: ConsoleSite, outside: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 501)
    path = link_of(console_site, incident)
    with outside as client:
        answer = client.get(path)
        assert answer.status_code == 200
        assert re.search(ANNA, answer.text)
        for words in (
            "Call the guard",
            "Kade 1, Delft",
            "ext. 12",
            "+31 6 1234",
            "Alarm received",
        ):
            assert words in answer.text
        assert f"Incident {incident}:" in answer.text
        # What this release sends no position of, it says so.
        assert "Position: not sent." in answer.text
        assert "set-cookie" not in answer.headers
        assert client.cookies == httpx.Cookies()
        for other in ("/queue", f"/incidents/{incident}", f"/incidents/{incident}/file/html"):
            assert client.get(other).headers["location"] == "/login"
        assert client.get(f"/api/incidents/{incident}").status_code == 401
        # Nor is its token one for anything else.
        client.cookies.set(COOKIE, path.removeprefix("/i/"))
        assert client.get("/queue").headers["location"] == "/login"


def test_no_edit_of_the_address_opens_another_incident(
    console_site: ConsoleSite, outside: httpx.Client
) -> None:
    first, second = console_site.squeeze("a", 502), console_site.squeeze("b", 502)
    token = link_of(console_site, first).removeprefix("/i/")
    with outside as client:
        for path in (
            *(f"/i/{token[:-1]}", f"/i/{token}A", f"/i/{token.swapcase()}", f"/i/{second}"),
            *(f"/i/{token}/{second}", f"/i/{token}/..", f"/i/{token}%2F{second}", "/i/", "/i/x"),
            f"/i/{console_site.token('smit')}",
        ):
            answer = client.get(path)
            assert answer.status_code == 404, path
            assert "Bert Bos" not in answer.text
        for query in (f"?incident={second}", f"?token={token}&incident={second}", "?format=json"):
            answer = client.get(f"/i/{token}{query}")
            assert answer.status_code == 200
            assert "Bert Bos" not in answer.text
            assert f"Incident {first}:" in answer.text
        for method in ("POST", "PUT", "DELETE"):
            assert client.request(method, f"/i/{token}").status_code == 405


def test_nothing_of_it_is_cached_framed_or_told_to_others(
    console_site: ConsoleSite, outside: httpx.Client
) -> None:
    path = link_of(console_site, console_site.squeeze("a", 503))
    with outside as client:
        for one in (path, "/i/nobodys"):
            headers = client.get(one).headers
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-")
            assert "frame-ancestors 'none'" in policy
        text = client.get(path).text
    # There is nothing in it that a browser fetches, nor a link to another site.
    assert not re.findall(r"(?:src|action)=|url\(|https?://", text)


def test_it_says_when_it_ended_and_when_it_was_revoked(
    console_site: ConsoleSite, outside: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 504)
    ended, revoked = (link_of(console_site, incident, whom) for whom in ("South", "West"))
    with console_site.client("smit") as client:
        found = client.get(f"/api/incidents/{incident}").json()["links"]
        assert [(one["whom"], one["good"]) for one in found] == [("South", True), ("West", True)]
        last = found[-1]["id"]
        client.delete(
            f"/api/incidents/{incident}/links/{last}",
        ).raise_for_status()
        # That of another incident is not theirs to end by this address.
        assert client.delete(f"/api/incidents/99999/links/{last}").status_code == 404
        assert client.delete(f"/api/incidents/{incident}/links/99999").status_code == 400
    set_links(console_site, until_ms=1_790_000_000_000)
    with outside as client:
        late = client.get(ended)
        assert late.status_code == 410
        assert re.search(r"This link ended at 2026-09-21 \d\d:\d\d:\d\d [+-]\d{4}", late.text)
        assert "de Vries" not in late.text
        taken = client.get(revoked, headers={"accept-language": "nl"})
        assert taken.status_code == 410
        assert "Deze link is ingetrokken op" in taken.text
    assert any(
        (one.what, one.incident_id, one.detail) == (links.CAME_LATE, incident, "127.0.0.1")
        for one in lines(console_site)
    )


def test_its_use_stands_in_the_audit_with_the_address(
    console_site: ConsoleSite, outside: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 505)
    path = link_of(console_site, incident, "East")
    with outside as client:
        client.get(path)
        client.get(path)
        # A web server of this machine says for whom it asks; anything else is not believed.
        client.get(path, headers={"x-forwarded-for": "10.0.0.1, 203.0.113.9"})
        client.get(path, headers={"x-forwarded-for": "<b>"})
    used = [
        one.detail
        for one in reversed(lines(console_site))
        if one.what == links.OPENED and one.incident_id == incident
    ]
    assert used == ["127.0.0.1", "203.0.113.9 by way of 127.0.0.1"]
    made = next(one for one in lines(console_site) if one.what == "made a link to an incident")
    assert (made.by, made.incident_id) == ("smit", incident)


def test_only_who_handles_incidents_makes_and_ends_links(console_site: ConsoleSite) -> None:
    incident = console_site.squeeze("a", 506)
    for login, status in (("root", 403), ("worker", 403), ("chief", 404)):
        with console_site.client(login) as client:
            answer = client.post(f"/api/incidents/{incident}/links", json={"whom": "x"})
            assert answer.status_code == status, login


def test_the_file_is_signed_by_the_key_that_anybody_can_fetch(
    console_site: ConsoleSite, outside: httpx.Client
) -> None:
    incident = console_site.squeeze("a", 507)
    with console_site.client("smit") as client:
        place = {"lat": 52.0116, "lon": 4.3571, "accuracy_m": 20}
        client.post(f"/api/incidents/{incident}/position", json=place).raise_for_status()
        motion = {
            "begin_ms": 1_790_000_000_000,
            "step_ms": 10,
            "why": "A fall, then no motion.",
            "magnitudes_mg": [1000, 6200, 300, 1000],
            "phases": [],
        }
        client.put(f"/api/incidents/{incident}/motion", json=motion).raise_for_status()
        files = {
            kind: client.get(f"/incidents/{incident}/file/{kind}") for kind in ("html", "json")
        }
        assert client.get(f"/incidents/{incident}/file/pdf").status_code == 404
        assert client.get("/incidents/99999/file/html").status_code == 404
    with outside as client:
        public = signed_file.public_of(client.get("/incidents.pem").content)
    for kind, answer in files.items():
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].endswith(f'incident-{incident}.{kind}"')
        assert signed_file.verify(answer.content, public) == kind
    found = json.loads(files["json"].content)
    assert found["incident"]["id"] == incident
    assert [one["lat_e7"] for one in found["positions"]] == [520_116_000]
    assert found["motion"]["magnitudes_mg"] == motion["magnitudes_mg"]
    assert [one["what"] for one in found["time_line"]][:1] == ["opened"]
    # Each line of the audit, the taking of this very file too, hangs on the one before it.
    assert found["audit"][-1]["what"] == "took the file of an incident"
    for line in found["audit"]:
        again = audit_chain.link(bytes.fromhex(line["before"]), line, bytes.fromhex(line["salt"]))
        assert again.chain.hex() == line["chain"]
    html = files["html"].text
    assert "A fall, then no motion." in html
    assert "<polyline" in html
    assert found["audit"][0]["chain"] in html
    # What is in a name is a name.
    assert MARKUP not in html
    assert not re.findall(r"(?:src|action)=|url\(|https?://|<script", html)


def test_an_operator_makes_a_link_that_works_on_a_telephone(
    chromium: Browser, console_site: ConsoleSite
) -> None:
    incident = console_site.squeeze("a", 508)
    with page_of(chromium, console_site, "smit") as page:
        page.goto(f"/incidents/{incident}")
        page.get_by_role("button", name="Link for others").click()
        page.get_by_label("For whom").fill("Alarm centre North")
        page.get_by_role("button", name="Make the link").click()
        address = page.get_by_label("Shown once").input_value()
        page.get_by_role("button", name="Link for others").click()
        expect(page.locator("#drawer")).to_contain_text("Alarm centre North")
        telephone = chromium.new_context(
            ignore_https_errors=True, viewport={"width": 360, "height": 740}
        )
        asked: list[tuple[str, str | None]] = []
        faults: list[str] = []
        seen = telephone.new_page()
        seen.on("request", lambda one: asked.append((one.url, one.headers.get("referer"))))
        seen.on("console", lambda said: faults.append(said.text))
        seen.goto(address, timeout=PATIENCE_MS)
        expect(seen.get_by_role("heading", level=1)).to_contain_text(MARKUP)
        wide = seen.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        # Its style is there, and nothing was fetched but itself.
        assert seen.evaluate("getComputedStyle(document.body).maxWidth") == "768px"
        assert {url for url, _ in asked} - {address} <= {f"{console_site.url}/favicon.ico"}
        assert {referer for _, referer in asked} == {None}
        assert [one for one in faults if "Security Policy" in one] == []
        assert seen.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Revoke").click()
        expect(page.get_by_role("button", name="Revoke")).to_have_count(0)
        seen.reload()
        expect(seen.locator("main")).to_contain_text("This link was revoked at")
        telephone.close()
