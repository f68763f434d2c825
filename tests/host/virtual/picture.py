"""Pictures of the demonstration for README and docs: `python -m tests.host.virtual.picture`."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import FloatRect, expect

from tests.host.centre.console import browser
from tests.host.virtual.demonstration import PATIENCE_MS, Demonstration
from tests.places import DOCS

MOST_BYTES = 100_000


def _part(height: int) -> FloatRect:
    return {"x": 0, "y": 0, "width": 1000, "height": height}


def main() -> int:
    """Write both into docs/pictures; 1 when one is too large."""
    folder = DOCS / "pictures"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, browser.started() as chromium:
        shown = Demonstration(Path(temporary))
        context = chromium.new_context(
            ignore_https_errors=True, viewport={"width": 1000, "height": 640}
        )
        page = context.new_page()
        page.goto(shown.url)
        expect(page.locator("#log")).to_contain_text("shift.test", timeout=PATIENCE_MS)
        page.get_by_role("button", name="Squeeze").click()
        expect(page.locator("#felt")).to_contain_text("the centre has it", timeout=PATIENCE_MS)
        desk = shown.log_in(page)
        desk.get_by_role("button", name="Take").first.wait_for(timeout=PATIENCE_MS)
        desk.screenshot(path=folder / "queue.png", clip=_part(310))
        page.screenshot(path=folder / "badge.png", clip=_part(520))
        shown.process.send_signal(signal.SIGINT)
        shown.process.wait(60)
    sizes = {one.name: one.stat().st_size for one in folder.glob("*.png")}
    sys.stdout.write(f"{sizes}\n")
    return int(max(sizes.values()) > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
