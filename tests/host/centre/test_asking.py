"""What is asked of a receiver is done once: by it, by whoever asks, or when it is free."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nabij.centre import asking
from nabij.centre.database.lock import FolderLock, LockedError
from nabij.centre.people import audit
from nabij.centre.store import Store
from nabij.cli.app import app
from nabij.errors import NabijError, UsageError
from nabij.paths import StatePaths
from tests.host.centre.deadline_world import World
from tests.host.centre.escalation.plans import TEXT
from tests.waiting import wait_until

ARCS = '[arcs.north]\naddresses = ["127.0.0.1:1"]\naccount = "1234"\n'
SHEET = "task;never_alone;effect;probability;note\nround;;3;2;\n"


class Box:
    """A state folder, and what was done for whom by whom."""

    def __init__(self, root: Path) -> None:
        World(root).close()
        self.paths = asking.paths_of(root)
        self.done: list[str] = []
        self.folder = self.paths.requests / "box"
        self.folder.mkdir(parents=True)

    def take_in(self, _store: Store) -> None:
        for file in sorted(self.folder.iterdir()):
            self.done.append(f"taken in: {file.read_text()}")
            file.unlink()

    def request(self, name: str = "mine") -> asking.Request:
        def do(store: Store) -> None:
            assert store.badge_ids() == ["anna"]
            self.done.append(f"done: {name}")

        return asking.Request(self.folder / name, name.encode(), do, self.take_in)

    def beside(self, receiver: Callable[[], object]) -> bool:
        """Ask while a receiver has the folder, which then does that."""
        lock = FolderLock(self.paths.lock)
        answer: list[bool] = []
        asked = threading.Thread(
            target=lambda: answer.append(asking.ask(self.paths, self.request()))
        )
        asked.start()
        wait_until((self.folder / "mine").exists)
        receiver()
        lock.release()
        asked.join()
        return answer[0]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_without_a_receiver_it_is_done_here_after_what_waits(box: Box) -> None:
    (box.folder / "earlier").write_text("earlier")
    assert asking.ask(box.paths, box.request()) is False
    assert box.done == ["taken in: earlier", "done: mine"]


def test_a_running_receiver_does_it_and_nobody_else(box: Box) -> None:
    assert box.beside((box.folder / "mine").unlink) is True
    assert box.done == []


def test_of_a_receiver_that_ends_before_it_looked_it_is_taken_over_once(box: Box) -> None:
    assert box.beside(lambda: None) is False
    assert box.done == ["taken in: mine"]


def test_a_receiver_that_does_not_look_keeps_the_request_and_that_is_said(box: Box) -> None:
    lock = FolderLock(box.paths.lock)
    assert asking.is_served(box.paths)
    with pytest.raises(NabijError, match=r"not taken this in within 0\.1 s: it keeps it"):
        asking.ask(box.paths, box.request(), 0.1)
    assert (box.folder / "mine").exists()
    lock.release()
    assert not asking.is_served(box.paths)


def test_a_folder_without_a_receiver_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no receiver in"):
        asking.paths_of(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_nothing_is_left_for_a_receiver_that_never_looks_here(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is a server's, and a receiver elsewhere has it for itself."""
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    box.paths.database_url.write_text(url)
    monkeypatch.setattr(asking, "Store", refuse)
    with pytest.raises(NabijError, match="runs on another machine"):
        asking.ask(box.paths, box.request())
    assert not (box.folder / "mine").exists()


def refuse(paths: StatePaths, **_: object) -> Store:
    raise LockedError(f"Somebody else has {paths.root}.")


@pytest.mark.parametrize(
    ("words", "file", "what"),
    [
        (("plan", "import"), TEXT, "changed plans"),
        (("handover", "import"), ARCS, "changed alarm centres"),
        (("register", "import", "tasks"), SHEET, "changed the register's tasks"),
    ],
)
def test_what_is_changed_by_command_is_in_the_audit(
    tmp_path: Path, words: tuple[str, ...], file: str, what: str
) -> None:
    """As what is changed in the console."""
    World(tmp_path).close()
    given = tmp_path / "given"
    given.write_text(file)
    typed = [*words, str(given), "--state", str(tmp_path), "--by", "J. Smit"]
    done = CliRunner().invoke(app, typed)
    assert done.exit_code == 0, done.stderr
    [line] = asking.read(asking.paths_of(tmp_path), audit.newest)
    assert (line.by, line.what) == ("J. Smit", what)
