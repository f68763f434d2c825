"""`nabij demo --stay` in a browser: one click raises an alarm, and another takes it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.host.centre.console import browser
from tests.host.centre.served import NABIJ
from tests.host.virtual.demonstration import PATIENCE_MS, Demonstration
from tests.waiting import LONG_S


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.started() as started:
        yield started


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Demonstration]:
    shown = Demonstration(tmp_path)
    yield shown
    if shown.process.poll() is None:
        shown.process.send_signal(signal.SIGINT)
        try:
            shown.process.wait(LONG_S)
        finally:
            shown.process.kill()


@pytest.mark.slow
def test_one_click_raises_an_alarm_and_another_takes_it(
    shown: Demonstration, chromium: Browser, tmp_path: Path
) -> None:
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(shown.url)
    expect(page.locator("#log")).to_contain_text("shift.test", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Squeeze").click()
    expect(page.locator("#felt")).to_contain_text("the centre has it", timeout=PATIENCE_MS)
    desk = shown.log_in(page)
    desk.get_by_role("button", name="Take").first.click()
    expect(page.locator("#felt")).to_contain_text("a person has taken it", timeout=PATIENCE_MS)
    context.close()
    assert faults == []
    # What is no page of its own can do nothing to it, whatever name it found it by.
    assert shown.do({"word": ""}, origin="http://evil.example") == 403
    assert shown.do({"word": ""}, host=f"evil.example:{shown.page}") == 403
    assert shown.do({"word": "gone"}) == 400
    assert shown.do(["word"]) == 400
    for body in ({"motion": "walk about"}, {"word": "cover"}, {"battery": 4}, {"word": "tear"}):
        assert shown.do(body) == 200
    shown.process.send_signal(signal.SIGINT)
    assert shown.process.wait(LONG_S) == 0
    said = shown.output.read_text()
    assert "SOS  A. de Vries (badge demo-01)" in said
    assert said.rstrip().endswith("Stopped.")
    assert "Traceback" not in said
    # Nothing of it is left.
    assert list(tmp_path.glob("nabij-demo-*")) == []


def test_its_ports_are_for_a_demonstration_that_stays() -> None:
    done = subprocess.run(
        [*NABIJ, "demo", "--page-port", "8470"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--stay" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="tried on Linux")
def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*NABIJ, "demo", "--stay", "--page-port", port],
            capture_output=True,
            text=True,
            timeout=LONG_S,
            check=False,
        )
    assert (done.returncode, "--page-port" in done.stderr, done.stdout) == (1, True, "")
