"""`nabij fleet` beside a running receiver, and without one."""

import base64
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre import asking
from nabij.centre.fleet import desk, jobs
from nabij.centre.fleet.fleet import Fleet
from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from nabij.centre.store import Store
from nabij.cli.app import app
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.ports import free_port

SET = ("fleet", "config", "keepalive_s=60")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("receiver")
    for badge in ("anna", "bert"):
        enrol(state, badge)
    return state


@pytest.fixture
def served(state: Path) -> Iterator[None]:
    receiver = Receiver(state, port=free_port(), say=lambda _sentence: None)
    receiver.attach(Fleet(lambda _sentence: None))
    with receiver:
        yield


def nabij(state: Path, *words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [*words, "--state", str(state)])


def test_a_job_without_a_receiver_waits_for_one(state: Path) -> None:
    done = nabij(state, *SET, "--badge", "bert", "--json")
    assert done.exit_code == 0, done.output
    job = json.loads(done.stdout)
    assert (job["state"], [step["badge"] for step in job["badges"]]) == ("running", ["bert"])
    shown = nabij(state, "fleet", "status")
    assert f"Job {job['id']}, config keepalive_s=60: running; 1 waiting." in shown.stdout
    assert nabij(state, "fleet", "stop", str(job["id"])).exit_code == 0


@pytest.mark.usefixtures("served")
def test_a_running_receiver_takes_a_job_in_and_stops_it(state: Path) -> None:
    done = nabij(state, *SET, "--all-badges", "--by", "Jo", "--json")
    assert done.exit_code == 0, done.output
    job = json.loads(done.stdout)
    assert (job["asked_by"], len(job["badges"])) == ("Jo", 2)
    stopped = nabij(state, "fleet", "stop", str(job["id"]))
    assert f"Job {job['id']}, config keepalive_s=60: stopped; 2 waiting." in stopped.stdout
    assert nabij(state, "fleet", "stop", str(job["id"])).exit_code == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Say which badges: --badge for each of them, or --all-badges."),
        (("--badge", "anna", "--all-badges"), "Say which badges"),
        (("--badge", "carl"), "Badge carl is not enrolled"),
    ],
)
@pytest.mark.usefixtures("served")
def test_what_is_mistyped_is_said_before_anything_is_kept(
    state: Path, words: tuple[str, ...], says: str
) -> None:
    before = nabij(state, "fleet", "status", "--json").stdout
    done = nabij(state, *SET, *words)
    assert done.exit_code == 2
    assert says in done.output
    assert nabij(state, "fleet", "status", "--json").stdout == before


GOOD = {
    "request": "one",
    "kind": "config",
    "what": "k=1",
    "content": base64.b64encode(b"{}").decode(),
    "badges": ["anna"],
    "at_once": 2,
    "halt_percent": 25,
    "by": "Jo",
    "at_ms": 5,
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "of a newer release"},
        {"kind": None},
        {"at_once": "2"},
        {"at_once": 10**30},
        {"halt_percent": None},
        {"at_ms": "5"},
        {"by": None},
        {"request": ["one"]},
        {"stop": 10**30},
        {"more": 1},
        {"by": "a\ud800b"},
    ],
    ids=str,
)
@pytest.mark.usefixtures("each_engine")
def test_a_request_that_is_none_keeps_no_other_waiting(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    enrol(tmp_path, "anna")
    paths = StatePaths(tmp_path)
    paths.fleet_requests.mkdir(parents=True)
    for name, values in (("0", {**GOOD, **wrong}), ("1", {**GOOD, "request": "two"})):
        (paths.fleet_requests / f"{name}.json").write_text(json.dumps(values))
    said: list[str] = []
    store = Store(paths)
    try:
        asking.take_in(desk.REQUESTS, paths, store, said.append)
        [job] = store.read(lambda one: jobs.newest(one, 9))
    finally:
        store.close()
    assert job.at_once == 2
    assert [sentence.split(" in ")[0] for sentence in said] == ["0.json"]
    assert list(paths.fleet_requests.iterdir()) == []


@pytest.mark.usefixtures("each_engine")
def test_flipped_bits_of_a_request_keep_no_other_waiting(tmp_path: Path) -> None:
    """A database that keeps no NUL, or no such number, refuses that one alone."""
    enrol(tmp_path, "anna")
    paths = StatePaths(tmp_path)
    paths.fleet_requests.mkdir(parents=True)
    whole = json.dumps(GOOD).encode()
    chance = random.Random(10)
    odd = [
        json.dumps({**GOOD, "request": f"r{n}", "by": by}) for n, by in enumerate(("\0", "a\0"))
    ]
    odd += [json.dumps({**GOOD, "request": "r9", "at_ms": 10**20})]
    for number in range(300):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 2, 20))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (paths.fleet_requests / f"{number:03d}.json").write_bytes(data)
    for number, text in enumerate(odd):
        (paths.fleet_requests / f"odd-{number}.json").write_text(text)
    (paths.fleet_requests / "p-no-file.json").mkdir()
    (paths.fleet_requests / "z.json").write_text(json.dumps({**GOOD, "request": "last"}))
    store = Store(paths)
    try:
        with pytest.raises(NabijError, match="p-no-file"):
            asking.take_in(desk.REQUESTS, paths, store, lambda _sentence: None)
        found = store.read(jobs.newest_of("last"))
    finally:
        store.close()
    assert found is not None
    assert [one.name for one in paths.fleet_requests.iterdir()] == ["p-no-file.json"]
