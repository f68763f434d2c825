"""Every page passes axe's rules for WCAG A and AA, in both languages, in light and dark."""

import re
from importlib import resources

import pytest
from playwright.sync_api import Browser, Page, expect

from badge.core.codec.place import SATELLITES, Cell, Position, Tag
from nabij.centre.languages import COOKIE
from tests.host.centre.console.browser import PATIENCE_MS, page_of
from tests.host.centre.console.desk_site import ConsoleSite

expect.set_options(timeout=PATIENCE_MS)
AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    assert len(found["passes"]) > 10
    return [
        f"{one['id']} {one['help']}: {node['html'][:150]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("nl", "dark")])
def test_no_page_has_a_fault_that_axe_finds(
    chromium: Browser, console_site: ConsoleSite, language: str, scheme: str
) -> None:
    seq = 300 if language == "en" else 301
    here = Position(520066700, 43555600, 40, 60, SATELLITES)
    near = {"cell": Cell(204, 4, 9, 9, -110), "tag": Tag(b"12345678", -66)}
    console_site.squeeze("a", seq, position=here._replace(lat_e7=520065000))
    incident = console_site.squeeze("a", seq, rev=2, position=here, **near)
    wrong: dict[str, list[str]] = {}
    pages = {
        "smit": ("/queue", f"/incidents/{incident}", "/badges"),
        "root": ("/accounts", "/account", "/people", "/plans", "/register"),
    }
    for login, paths in pages.items():
        with page_of(chromium, console_site, login, scheme=scheme) as page:
            kept = {"name": COOKIE, "value": language, "url": console_site.url, "secure": True}
            page.context.add_cookies([kept])  # type: ignore[list-item]
            for path in paths:
                page.goto(path)
                expect(page.locator("html")).to_have_attribute("lang", language)
                expect(page.locator("#health")).not_to_have_text(
                    re.compile("not known|niet bekend")
                )
                wrong[path] = faults(page)
            if login == "smit":
                page.goto(f"/incidents/{incident}")
                page.get_by_role("button", name=re.compile("^(Close|Sluiten)$")).click()
                wrong["closing"] = faults(page)
                page.context.clear_cookies()
                page.context.add_cookies([kept])  # type: ignore[list-item]
                page.goto("/login")
                wrong["/login"] = faults(page)
    assert {path: found for path, found in wrong.items() if found} == {}
