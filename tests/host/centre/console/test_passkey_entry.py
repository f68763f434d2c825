"""A passkey in place of password and code: Chromium's own authenticator makes and uses it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, CDPSession, Page, expect

from nabij.centre.console.guard import COOKIE
from nabij.centre.people import passkeys
from tests.host.centre.console import browser
from tests.host.centre.console.browser import PATIENCE_MS
from tests.host.centre.console.desk_site import PASSWORD, ConsoleSite

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
expect.set_options(timeout=PATIENCE_MS)


# One that trusts our authority: a browser makes no passkey where it sees a wrong certificate.
@pytest.fixture(scope="module")
def trusting(console_site: ConsoleSite) -> Iterator[Browser]:
    pem = (console_site.receiver.paths.pki / "server.pem").read_bytes()
    key = x509.load_pem_x509_certificate(pem).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(der).digest()).decode()
    with browser.started(f"--ignore-certificate-errors-spki-list={pin}") as started:
        yield started


@pytest.fixture
def named_url(console_site: ConsoleSite) -> str:
    return console_site.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def page(trusting: Browser, named_url: str) -> Iterator[Page]:
    context = trusting.new_context(base_url=named_url)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    yield page
    context.close()


def authenticator(page: Page) -> tuple[CDPSession, str]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session, made["authenticatorId"]


def log_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Login").fill("jansen")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def test_a_passkey_opens_the_account_and_a_password_alone_no_more(
    page: Page, console_site: ConsoleSite
) -> None:
    session, key = authenticator(page)
    log_in(page)
    expect(page).to_have_url(re.compile("/queue$"))
    page.goto("/account")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator("#passkeys li")).to_have_count(1)
    page.get_by_role("button", name="Log out").click()
    log_in(page)
    expect(page.get_by_role("alert").first).to_contain_text("a passkey is needed")
    sent: list[Any] = []
    page.on("request", lambda one: sent.append(one) if one.url.endswith("/passkey") else None)
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page).to_have_url(re.compile("/queue$"))
    # What was sent is good once: whoever reads it later gets no session by it.
    named = page.url.removesuffix("/queue")
    with console_site.client(origin=named, host=named.removeprefix("https://")) as client:
        again = client.post("/login/passkey", content=sent[0].post_data)
    assert (again.status_code, "too long" in again.json()["error"]) == (403, True), again.text
    # Whoever is not shown to be the owner is not let in.
    page.get_by_role("button", name="Log out").click()
    values = {"authenticatorId": key, "isUserVerified": False}
    session.send("WebAuthn.setUserVerified", values)
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.locator("#problem")).to_have_text("No passkey was used.")
    console_site.write(lambda one: passkeys.remove_all(one, console_site.ids["jansen"]))


def test_where_the_address_is_a_number_none_is_offered(
    trusting: Browser, console_site: ConsoleSite
) -> None:
    context = trusting.new_context(base_url=console_site.url)
    page = context.new_page()
    page.goto("/login", timeout=PATIENCE_MS)
    expect(page.get_by_label("Login")).to_be_visible()
    expect(page.get_by_role("button", name="Log in with a passkey")).to_have_count(0)
    context.close()
    with console_site.client("smit") as client:
        refused = client.post("/api/passkeys/begin", json={})
        assert (refused.status_code, "by its name" in refused.json()["error"]) == (400, True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"credential": null}',
        b'{"credential": {"id": "x", "response": {"clientDataJSON": "e30"}}}',
        b'{"credential": {"id": "x", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJ4In0"}}}',
    ],
)
def test_what_no_browser_says_opens_nothing(console_site: ConsoleSite, body: bytes) -> None:
    with console_site.client() as client:
        answer = client.post("/login/passkey", content=body)
    assert answer.status_code in {400, 403, 429}
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_a_challenge_is_for_one_thing_and_two_minutes() -> None:
    secret = b"s" * 32
    text = passkeys.challenge(secret, "use", 1000)
    assert passkeys.is_challenge(secret, "use", text, 1000 + passkeys.LASTS_S - 1)
    assert not passkeys.is_challenge(secret, "use", text, 1000 + passkeys.LASTS_S)
    assert not passkeys.is_challenge(secret, "make", text, 1000)
    assert not passkeys.is_challenge(b"t" * 32, "use", text, 1000)
    for forged in ("", ".", "use.fffffff.x.", text[:-1], text.replace("use.", "use.f", 1)):
        assert not passkeys.is_challenge(secret, "use", forged, 1000)
