"""`nabij demo --stay` in a process of its own, for tests and pictures."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import httpx
from playwright.sync_api import Page

from tests.host.centre.served import NABIJ
from tests.ports import free_port
from tests.waiting import wait_until

PATIENCE_MS = 60_000


class Demonstration:
    """The command, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.page, self.desk = (free_port() for _ in range(2))
        self.url = f"http://127.0.0.1:{self.page}"
        ports = ("--page-port", str(self.page), "--console-port", str(self.desk))
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*NABIJ, "demo", "--stay", *ports],
                env=os.environ | {"TMPDIR": str(folder)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        try:
            return httpx.get(self.url).status_code == 200
        except httpx.HTTPError:
            return False

    def do(self, body: object, **headers: str) -> int:
        given = {"origin": self.url} | headers
        return httpx.post(f"{self.url}/do", json=body, headers=given).status_code

    def log_in(self, page: Page) -> Page:
        """The console, opened from the badge's page and logged in to."""
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="the console").click()
        desk = opened.value
        desk.get_by_label("Login").fill(page.locator("#login").inner_text())
        desk.get_by_label("Password").fill(page.locator("#password").inner_text())
        desk.get_by_role("button", name="Log in").click()
        return desk
