"""`make screenshots`: pictures of the console as a phone, a laptop and a wall show it, in build/.

The name of each says page, width, colours and language. The picture in the README is one of them.
"""

import base64
import io
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.database import people_schema
from nabij.centre.languages import COOKIE
from tests.host.centre.console import browser
from tests.host.centre.console.desk_site import ConsoleSite
from tests.host.centre.console.registered import registered
from tests.host.centre.escalation.rig import plan
from tests.places import REPO

MOST_BYTES: Final = 100_000
PICTURES: Final = REPO / "build" / "screenshots"
README: Final = REPO / "docs" / "pictures" / "queue.png"
HEIGHTS: Final = {390: 844, 1280: 800, 1920: 1080}


@dataclass(frozen=True)
class Look:
    """How somebody has the console before them."""

    width: int
    scheme: str
    language: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.scheme}-{self.language}"


# Each width in both colours, and each colour in both languages.
LOOKS: Final = (
    Look(390, "dark", "nl"),
    Look(390, "light", "en"),
    Look(1280, "light", "nl"),
    Look(1280, "dark", "en"),
    Look(1920, "dark", "nl"),
    Look(1920, "light", "en"),
)
OF_README: Final = "queue-1280-dark-en"


def main() -> int:
    """Take all of them; 1 when one has more bytes than it may."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        site = ConsoleSite(Path(folder))
        try:
            pages = _scene(site)
            with browser.started() as started:
                for look in LOOKS:
                    _take(started, site, pages, look)
        finally:
            site.close()
    sizes = {file.name: file.stat().st_size for file in sorted(PICTURES.iterdir())}
    for name, size in sizes.items():
        print(f"{size:7,d}  {name}")
    shutil.copy(PICTURES / f"{OF_README}.png", README)
    too_big = [name for name, size in sizes.items() if size > MOST_BYTES]
    if too_big:
        print(f"These have more than {MOST_BYTES:,d} bytes: {', '.join(too_big)}.")
    return 1 if too_big else 0


def _scene(site: ConsoleSite) -> dict[str, tuple[str, str]]:
    """Something to see on each page; the login and the path of each."""
    site.write(_names)
    site.write(registered)
    with site.client("root") as root:
        edges = {"north": 52.0070, "south": 52.0060, "west": 4.3550, "east": 4.3570}
        body = {"picture": _floor_plan(), **edges}
        root.put("/api/sites/1/picture", json=body).raise_for_status()
        text = plan(
            {"desk": {"phone": "json://127.0.0.1:9/x"}},
            '{ after_s = 0, whom = "desk" }',
            'after_s = 120, whom = "desk"',
        )
        root.put("/api/plans", json={"toml": text}).raise_for_status()
    worst = site.squeeze("a")
    down = site.squeeze("b", kind=kinds.MAN_DOWN)
    site.squeeze("c", kind=kinds.BATTERY)
    forced = wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS
    site.squeeze("c", 2)
    site.squeeze("c", 2, rev=2, flags=forced)
    with site.client("jansen") as jansen:
        jansen.post(f"/api/incidents/{down}/claim", json={}).raise_for_status()
    with site.client("smit") as smit:
        where = {"lat": 52.0066, "lon": 4.3558, "accuracy_m": 12, "age_s": 40}
        smit.post(f"/api/incidents/{worst}/position", json=where).raise_for_status()
        fall = [1000] * 60 + [300] * 12 + [6200, 2400, 1500] + [1010] * 90
        motion = {"begin_ms": 1, "step_ms": 20, "magnitudes_mg": fall, "why": "A fall."}
        smit.put(f"/api/incidents/{worst}/motion", json=motion).raise_for_status()
        note = {"text": "No answer on her telephone; the guard is on his way."}
        smit.post(f"/api/incidents/{worst}/note", json=note).raise_for_status()
    return {
        "queue": ("smit", "/queue"),
        "incident": ("smit", f"/incidents/{worst}"),
        "badges": ("smit", "/badges"),
        "people": ("root", "/people"),
        "plans": ("root", "/plans"),
        "register": ("root", "/register"),
        "accounts": ("root", "/accounts"),
    }


def _names(one: sa.Connection) -> None:
    person = people_schema.person
    named = person.update().where(person.c.name.like("<b>%")).values(name="Anna de Vries")
    one.execute(named)


def _floor_plan() -> str:
    """A hall with rooms along it, as base64."""
    image = Image.new("L", (800, 400), 255)
    draw = ImageDraw.Draw(image)
    for x in range(0, 800, 200):
        draw.rectangle((x + 4, 4, x + 196, 150), outline=0, width=4)
        draw.rectangle((x + 4, 250, x + 196, 396), outline=0, width=4)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def _take(
    started: Browser, site: ConsoleSite, pages: dict[str, tuple[str, str]], look: Look
) -> None:
    for name, (login, path) in pages.items():
        with browser.page_of(started, site, login, width=look.width, scheme=look.scheme) as page:
            kept = {"name": COOKIE, "value": look.language, "url": site.url, "secure": True}
            page.context.add_cookies([kept])  # type: ignore[list-item]
            page.set_viewport_size({"width": look.width, "height": HEIGHTS[look.width]})
            page.goto(path)
            _settle(page)
            _save(page.screenshot(), PICTURES / f"{name}-{look.name}.png")


def _settle(page: Page) -> None:
    """The stream is there, and what the page fetches is drawn."""
    expect(page.locator("#health")).to_have_attribute("data-level", re.compile("."))
    # A map and a curve say nothing when they are there.
    page.wait_for_timeout(1000)


def _save(png: bytes, file: Path) -> None:
    """With the colours that it has, up to 256: half the bytes, and no difference to see."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
