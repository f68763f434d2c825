"""`nabij demo --stay`: broker, receiver, console and a badge to hold, until Ctrl-C."""

import contextlib
import json
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
from argon2 import PasswordHasher
from rich.console import Console

from nabij.centre.people import accounts
from nabij.centre.people.roles import Role
from nabij.centre.register.enrol import enrol
from nabij.centre.store import Store
from nabij.data import traces
from nabij.errors import NabijError
from nabij.paths import StatePaths
from nabij.virtual import demo
from nabij.virtual.badge import Scenario, Trace, VirtualBadge
from nabij.virtual.body_model import Body
from nabij.virtual.handheld import Handheld

WEARER: Final = "A. de Vries"
LOGIN: Final = "operator"
_HOST: Final = "127.0.0.1"
_ENDS_S: Final = 20.0
_MOST_RECORDINGS: Final = 6


def run(console: Console, page_port: int, console_port: int) -> None:
    """Run until SIGINT or SIGTERM; NabijError when a part does not start."""
    for option, one in (("--page-port", page_port), ("--console-port", console_port)):
        _check(option, one)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        tempfile.TemporaryDirectory(prefix="nabij-demo-") as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        state, port = folder / "state", demo.free_port()
        provision = enrol(state, demo.BADGE, host="localhost", port=port, wearer=WEARER)
        (provision / "config.json").write_text(json.dumps(demo.SETTINGS))
        password = _operator(state)
        page, desk = f"http://127.0.0.1:{page_port}/", f"https://127.0.0.1:{console_port}/"
        stack.enter_context(_receiver(console, state, port, console_port))
        scenario = Scenario(
            mode="live",
            provision=provision,
            modem=demo.MODEM,
            trace=Trace(traces.write_sim_trace(folder / "standing", Body().standing(2.0))),
        )
        badge = stack.enter_context(VirtualBadge(scenario, folder / "badge"))
        facts = {
            "badge": demo.BADGE,
            "wearer": WEARER,
            "console": desk,
            "login": LOGIN,
            "password": password,
        }
        console.print(f"[bold]A badge to hold[/]   {page}")
        console.print(
            f"[bold]The console[/]       {desk}  log in as {LOGIN} with {password}; the browser "
            "warns once, for it does not know this demonstration's authority."
        )
        console.print("Ctrl-C ends it, and all of it is gone then.")
        _serve(Handheld(badge, motions(folder), facts), page_port)


def _check(option: str, port: int) -> None:
    try:
        socket.create_server((_HOST, port)).close()
    except OSError as error:
        raise NabijError(
            f"Nothing can listen on {option} {port} ({error.strerror}): give another."
        ) from error


def motions(folder: Path) -> dict[str, Callable[[], Path]]:
    """What the badge can go through, by name; each makes its trace when it is first asked for."""
    body = Body()
    made: dict[str, Callable[[], traces.Samples]] = {
        "walk about": lambda: body.walking(60.0),
        "fall while walking": lambda: body.walk_fall_lie(walk_s=3.0),
        "faint": body.faint,
        "fall from a ladder": body.ladder_fall,
        "lie with a seizure": lambda: body.seizure(30.0),
        "drive": lambda: body.driving(60.0),
        **_recorded(),
    }
    return {name: partial(_trace, folder, name, samples) for name, samples in made.items()}


def _recorded() -> dict[str, Callable[[], traces.Samples]]:
    """Real falls from a lanyard, one an activity, where there are recordings."""
    data = demo.data_folder()
    if data is None or not (data / demo.BUNDLE / "index.csv").is_file():
        return {}
    bundle = data / demo.BUNDLE
    falls: dict[str, dict[str, str]] = {}
    for row in traces.index(bundle):
        if row["placement"] == "neck" and row["is_fall"] == "1":
            falls.setdefault(f"recorded: {row['activity']}", row)
        if len(falls) == _MOST_RECORDINGS:
            break
    return {name: partial(_load, bundle, row) for name, row in falls.items()}


def _load(bundle: Path, row: dict[str, str]) -> traces.Samples:
    return demo.from_before_the_peak(traces.load_row(bundle, row).at_badge_rate().samples)


def _trace(folder: Path, name: str, samples: Callable[[], traces.Samples]) -> Path:
    file = folder / f"motion {''.join(one for one in name if one.isalnum() or one == ' ')}"
    return file if file.exists() else traces.write_sim_trace(file, samples())


def _operator(state: Path) -> str:
    """An account that takes alarms, and one that keeps the first start from asking for it."""
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    hashed, now_ms = PasswordHasher().hash(password), time.time_ns() // 1_000_000
    store = Store(StatePaths(state))
    try:
        for login, role in ((LOGIN, Role.OPERATOR), ("administrator", Role.ADMINISTRATOR)):
            account = store.write(partial(accounts.add, login=login, role=role, now_ms=now_ms))
            token = store.write(partial(accounts.invite, account_id=account.id, now_ms=now_ms))
            store.write(partial(accounts.accept, token=token, password_hash=hashed, now_ms=now_ms))
    finally:
        store.close()
    return password


@contextlib.contextmanager
def _receiver(console: Console, state: Path, port: int, console_port: int) -> Iterator[None]:
    """`nabij serve` as a process of its own; what it says is shown."""
    command = [sys.executable, "-m", "nabij.cli", "serve", "--state", str(state)]
    command += ["--port", str(port), "--console", f"127.0.0.1:{console_port}"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    output = process.stdout
    first = output.readline().strip()
    if not first.startswith("Ready"):
        process.communicate()
        raise NabijError(f"The receiver did not start: {first or 'it said nothing'}")

    def show() -> None:
        for line in output:
            console.print(f"  {line.rstrip()}", markup=False, highlight=False)

    showing = threading.Thread(target=show, daemon=True)
    showing.start()
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        showing.join()
        output.close()


def _serve(handheld: Handheld, port: int) -> None:
    config = uvicorn.Config(
        handheld.application(),
        host=_HOST,
        port=port,
        http="h11",
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run()
