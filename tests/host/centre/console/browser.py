"""A real Chromium for the console: one a run, a context a test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from nabij.centre.console.guard import COOKIE
from tests.host.centre.console.desk_site import ConsoleSite

NO_CHROMIUM = "There is no Chromium: install Debian's package chromium."
# Slow machines are shared ones.
PATIENCE_MS = 60_000


def chromium() -> str:
    """The browser; where it is missing the test skips, on CI it fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{NO_CHROMIUM} CI has to have it.")
        pytest.skip(NO_CHROMIUM)
    return found


@contextmanager
def started(*more: str) -> Iterator[Browser]:
    """Chromium, without a window; `more` are options of it."""
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *more]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=options)
        yield browser
        browser.close()


@contextmanager
def page_of(
    browser: Browser, site: ConsoleSite, login: str, *, width: int = 1280, scheme: str = "light"
) -> Iterator[Page]:
    """A page of somebody who is logged in; a fault in its scripts fails the test."""
    faults: list[str] = []
    context = browser.new_context(
        base_url=site.url,
        ignore_https_errors=True,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.set_default_timeout(PATIENCE_MS)
    cookie = {"name": COOKIE, "value": site.token(login), "url": site.url, "secure": True}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield page
    context.close()
    assert faults == []
