"""Where the records of a state folder are: told once, found by every command."""

import stat
from pathlib import Path

import pytest

from nabij.centre.database.place import Place, choose, place_of
from nabij.centre.store import Store
from nabij.errors import UsageError
from nabij.paths import StatePaths

URL = "postgresql://nabij:s3cret@db.example.org:5433/alarms?sslmode=verify-full"


def test_without_a_word_it_is_a_file_of_the_state_folder(tmp_path: Path) -> None:
    place = place_of(StatePaths(tmp_path))
    assert (place.is_file, place.name) == (True, str(tmp_path / "nabij.db"))
    assert not place.exists()
    Store(StatePaths(tmp_path)).close()
    assert place.exists()


def test_a_url_is_remembered_privately_and_shown_without_its_password(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    choose(paths, URL)
    place = place_of(paths)
    assert place.name == "postgresql://nabij:***@db.example.org:5433/alarms"
    assert place.exists()
    assert not isinstance(place.where, Path)
    assert (place.where.password, place.where.query) == ("s3cret", {"sslmode": "verify-full"})
    assert stat.S_IMODE(paths.database_url.stat().st_mode) == 0o600


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_schemes_that_people_write_are_the_same(tmp_path: Path, scheme: str) -> None:
    paths = StatePaths(tmp_path)
    choose(paths, f"{scheme}://db.example.org/alarms")
    assert place_of(paths).name == "postgresql://db.example.org/alarms"


@pytest.mark.parametrize(
    "text",
    ["", "alarms", "mysql://u:s3cret@h/d", "sqlite:///x.db", "postgresql://h:s3cret:x/d", "://"],
)
def test_what_is_no_url_of_postgresql_is_one_sentence_without_its_password(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(UsageError, match="give postgresql://user@host/name") as caught:
        choose(StatePaths(tmp_path), text)
    assert "s3cret" not in caught.value.sentence
    assert not StatePaths(tmp_path).database_url.exists()


def test_records_that_are_in_a_file_are_not_left_behind(tmp_path: Path) -> None:
    Store(StatePaths(tmp_path)).close()
    with pytest.raises(UsageError, match="would leave them behind"):
        Store(StatePaths(tmp_path), URL)
    assert isinstance(place_of(StatePaths(tmp_path)).where, Path)
    # The folder is free again.
    Store(StatePaths(tmp_path)).close()


def test_a_place_is_a_file_or_a_server(tmp_path: Path) -> None:
    assert Place(tmp_path / "x.db") == Place(tmp_path / "x.db")
