"""Alarm to screen and sound in a real browser, and alarms while passwords are guessed."""

import asyncio
import contextlib
import itertools
import shutil
import signal
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from playwright.sync_api import Page, sync_playwright

from nabij.centre.console.guard import COOKIE, form_token
from nabij.centre.people import accounts, sessions
from nabij.centre.people.roles import Role
from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.paths import StatePaths
from tests.host.centre.badge_client import LONG_S, BadgeClient
from tests.host.centre.served import Served
from tests.ports import free_port

BADGES = 10
# One a badge and second: 10 alarms a second.
APART_S = 0.1
CLIENTS = 49
LOG_INS = 1000
# As many at once as a careless program has.
AT_ONCE = 50
_SILENCE = 0.001
# What the page notes: when each row came, and when its analyser first heard something.
_WATCH = """
async silence => {
  const { level } = await import("/assets/sound.js");
  window.rows = {};
  window.heard = 0;
  const look = () => {
    const found = document.querySelectorAll("#queue .row");
    for (const one of found) rows[one.dataset.id] ??= Date.now();
  };
  new MutationObserver(look).observe(document.querySelector("#queue"), { childList: true });
  setInterval(() => { if (!heard && level() > silence) heard = Date.now(); }, 2);
}
"""


class Site:
    """A receiver with its console in a process of its own, badges, and somebody who may look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folders = [enrol(folder, f"b{number}") for number in range(BADGES)]
        store = Store(StatePaths(folder))
        now_ms = time.time_ns() // 1_000_000
        account = store.write(lambda one: accounts.add(one, "smit", Role.OPERATOR, now_ms))
        token = store.write(lambda one: accounts.invite(one, account.id, now_ms))
        # As costly as any: whoever guesses makes the receiver work for each.
        hashed = PasswordHasher().hash("correct horse battery")
        store.write(lambda one: accounts.accept(one, token, hashed, now_ms))
        self.token = store.write(lambda one: sessions.begin(one, account.id, now_ms))
        store.close()
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        self.served = Served(folder, "--quota", "1000000", "--console", str(port))
        self.served.line()
        self.trust = ssl.create_default_context(cafile=folder / "pki" / "ca.pem")
        self.badges = [BadgeClient(one, port=self.served.port) for one in folders]
        for badge in self.badges:
            badge.connect()

    def close(self) -> None:
        for badge in self.badges:
            badge.close()
        self.served.end(signal.SIGINT)

    def headers(self) -> dict[str, str]:
        given = {"origin": self.url, "sec-fetch-site": "same-origin"}
        return {**given, "x-form-token": form_token(self.token)}

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url,
            verify=self.trust,
            cookies={COOKIE: self.token},
            headers=self.headers(),
            timeout=LONG_S,
        )


def figures(folder: Path, rounds: int = 30) -> dict[str, float]:
    """Rounds of 10 alarms, 10 a second, from silence: to each row, and to the first sound.

    The receipt is the commit's own latency, and the way to the badge and back.
    """
    site = Site(folder)
    sent_s: dict[tuple[str, int], float] = {}
    receipts_s: list[float] = []
    sounds_s: list[float] = []
    try:
        with _streams(site), _browser(site) as page, site.client() as client:
            for turn in range(1, rounds + 1):
                page.evaluate("() => { window.heard = 0; }")
                began_s = time.time()
                receipts_s += _alarms(site, turn, sent_s)
                page.wait_for_function("() => window.heard", timeout=LONG_S * 1000)
                sounds_s.append(page.evaluate("() => window.heard") / 1000 - began_s)
                wanted = turn * BADGES
                shown = f"() => Object.keys(window.rows).length >= {wanted}"
                page.wait_for_function(shown, timeout=LONG_S * 1000)
                _close_all(client)
                page.wait_for_function("() => !document.querySelector('#queue .row')")
                # The last tone dies away.
                time.sleep(0.5)
            rows = page.evaluate("() => window.rows")
    finally:
        site.close()
    store = Store(StatePaths(folder))
    seen_s = [rows[str(one.id)] / 1000 - sent_s[one.badge, one.seq] for one in store.incidents()]
    store.close()
    return {
        "console.screen_p99_s": _p99(seen_s),
        "console.screen_p50_s": sorted(seen_s)[len(seen_s) // 2],
        "console.sound_worst_s": max(sounds_s),
        "console.receipt_p99_s": _p99(receipts_s),
    }


def log_in_figures(folder: Path, attempts: int = LOG_INS) -> dict[str, float]:
    """Alarms, 10 a second, while so many passwords are tried from many addresses at once."""
    site = Site(folder)
    done = threading.Event()
    statuses: list[int] = []

    def guess() -> None:
        statuses.extend(asyncio.run(_guesses(site, attempts)))
        done.set()

    guessing = threading.Thread(target=guess)
    receipts_s: list[float] = []
    began_s = time.monotonic()
    guessing.start()
    try:
        for turn in itertools.count(1):
            receipts_s += _alarms(site, turn, {})
            if done.is_set():
                break
        took_s = time.monotonic() - began_s
    finally:
        guessing.join()
        site.close()
    assert len(statuses) == attempts
    assert set(statuses) <= {401, 429, 503}, set(statuses)
    return {
        "console.log_ins_receipt_p99_s": _p99(receipts_s),
        "console.log_ins_receipts": float(len(receipts_s)),
        "console.log_ins_s": took_s,
        "console.log_ins_hashed": float(statuses.count(401)),
    }


def _alarms(site: Site, turn: int, sent_s: dict[tuple[str, int], float]) -> list[float]:
    """One alarm of each badge, apart; how long each took to its receipt."""

    def one(number: int) -> float:
        badge = site.badges[number]
        time.sleep(number * APART_S)
        began_s = time.time()
        sent_s[badge.badge, turn] = began_s
        badge.send(turn)
        assert badge.wait_status(turn, LONG_S) is not None
        return time.time() - began_s

    with ThreadPoolExecutor(BADGES) as pool:
        return list(pool.map(one, range(BADGES)))


def _close_all(client: httpx.Client) -> None:
    for item in client.get("/api/queue").json()["items"]:
        closing = {"reason": "helped", "note": "Seen."}
        client.post(f"/api/incidents/{item['id']}/close", json=closing).raise_for_status()


@contextlib.contextmanager
def _browser(site: Site) -> Iterator[Page]:
    """One Chromium on the queue, with its sound running."""
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        context = browser.new_context(base_url=site.url, ignore_https_errors=True)
        cookie = {"name": COOKIE, "value": site.token, "url": site.url, "secure": True}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto("/queue")
        page.locator("#sound").click()
        page.wait_for_function("() => document.querySelector('#sound').dataset.state === 'on'")
        page.evaluate(_WATCH, _SILENCE)
        yield page
        browser.close()


@contextlib.contextmanager
def _streams(site: Site) -> Iterator[None]:
    """So many pages that listen; each fetches the queue at an event, as a page does."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    ready = threading.Barrier(2)
    task = asyncio.run_coroutine_threadsafe(_listen(site, ready), loop)
    ready.wait(LONG_S)
    try:
        yield
    finally:
        task.cancel()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _listen(site: Site, ready: threading.Barrier) -> None:
    limits = httpx.Limits(max_connections=2 * CLIENTS)
    cookies = {COOKIE: site.token}
    begun, all_begun = 0, asyncio.Event()

    async def one(client: httpx.AsyncClient) -> None:
        nonlocal begun
        async with client.stream("GET", "/api/stream", timeout=None) as answer:
            answer.raise_for_status()
            begun += 1
            if begun == CLIENTS:
                all_begun.set()
            async for line in answer.aiter_lines():
                if line.startswith("event: changed"):
                    await client.get("/api/queue")

    async with httpx.AsyncClient(
        base_url=site.url, verify=site.trust, cookies=cookies, limits=limits, timeout=LONG_S
    ) as client:
        tasks = [asyncio.create_task(one(client)) for _ in range(CLIENTS)]
        await all_begun.wait()
        await asyncio.to_thread(ready.wait)
        await asyncio.gather(*tasks)


async def _guesses(site: Site, attempts: int) -> list[int]:
    """Each from another address of this machine, so that nothing slows it down."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> int:
        transport = httpx.AsyncHTTPTransport(
            verify=site.trust, local_address=f"127.0.{1 + number // 200}.{1 + number % 200}"
        )
        async with (
            turns,
            httpx.AsyncClient(
                base_url=site.url, transport=transport, headers=site.headers(), timeout=LONG_S
            ) as client,
        ):
            form = {"login": "smit", "password": f"a guess {number}"}
            return (await client.post("/login", data=form)).status_code

    return list(await asyncio.gather(*map(one, range(attempts))))


def _p99(values: list[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]
