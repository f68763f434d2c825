"""PostgreSQL under a store: one owner, whatever becomes of his connection."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from nabij.centre import beside
from nabij.centre.database import engines
from nabij.centre.database.lock import LockedError
from nabij.centre.database.place import Place, choose, parsed, place_of
from nabij.centre.store import BadgeRecord, Store, StoreError
from nabij.errors import NabijError
from nabij.paths import StatePaths
from tests.host.centre.postgres import Postgres

KEY = bytes(range(32))


@pytest.fixture
def url(server: Postgres) -> str:
    return server.new_schema()


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    store = Store(StatePaths(tmp_path / "one"), url)
    yield store
    store.close()


def end_connections(url: str, store: Store) -> None:
    """As a server does that is restarted."""
    pid = store.read(lambda held: held.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    admin = sa.create_engine(parsed(url), poolclass=sa.NullPool)
    with admin.connect() as connection:
        ended = sa.text("SELECT pg_terminate_backend(:pid, 10000)")
        assert connection.execute(ended, {"pid": pid}).scalar_one()


def test_a_second_receiver_is_refused_in_one_sentence(
    url: str, store: Store, tmp_path: Path
) -> None:
    """Also of another machine, with a state folder of its own."""
    with pytest.raises(LockedError, match="Another nabij receiver uses the database") as caught:
        Store(StatePaths(tmp_path / "two"), url)
    assert "search_path" not in caught.value.sentence
    store.close()
    Store(StatePaths(tmp_path / "two"), url).close()


def test_the_store_outlives_its_connection_and_stays_the_owner(
    url: str, store: Store, tmp_path: Path
) -> None:
    store.enrol(BadgeRecord("anna", KEY, "CN=anna", "", 0))
    end_connections(url, store)
    with pytest.raises(StoreError) as caught:
        store.badges()
    assert caught.value.of_all
    assert caught.value.sentence.endswith("once it works.")
    assert store.badge_ids() == ["anna"]
    with pytest.raises(LockedError):
        Store(StatePaths(tmp_path / "two"), url)


def test_a_dead_connection_of_its_own_does_not_keep_the_owner_out(url: str) -> None:
    """The server does not know yet that it is dead."""
    engine = engines.owned(Place(parsed(url)))
    dead = engine.connect()
    # Another pool, while the server goes on with the old connection.
    engine.dispose(close=False)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    dead.invalidate()
    engine.dispose()


def test_what_took_over_meanwhile_is_told_when_the_connection_is_made_anew(
    url: str, store: Store
) -> None:
    end_connections(url, store)
    other = engines.owned(Place(parsed(url)))
    with other.connect():
        with pytest.raises(StoreError):
            store.badges()
        with pytest.raises(StoreError, match="Another nabij receiver"):
            store.badges()
    other.dispose()
    assert store.badges() == []


def test_no_wait_is_without_an_end_and_no_commit_is_left_to_chance(url: str) -> None:
    engine = engines.owned(Place(parsed(f"{url}%20-csynchronous_commit%3Doff")))
    with engine.connect() as connection:
        names = ("synchronous_commit", "statement_timeout", "lock_timeout", "tcp_keepalives_idle")
        found = [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]
        # Of a socket of this machine no keep-alive is asked.
        assert found == ["on", "10s", "5s", "0"]
    engine.dispose()


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    choose(paths, f"postgresql://nabij:s3cret@/alarms?host={tmp_path}")
    for attempt in (lambda: Store(paths), lambda: beside.key_of(paths, "anna")):
        with pytest.raises(StoreError, match="see that it runs") as caught:
            attempt()
        assert "\n" not in caught.value.sentence
        assert "s3cret" not in caught.value.sentence


def test_a_key_is_read_beside_the_receiver(url: str, store: Store, tmp_path: Path) -> None:
    store.enrol(BadgeRecord("anna", KEY, "CN=anna", "", 0))
    paths = StatePaths(tmp_path / "one")
    assert (beside.key_of(paths, "anna"), beside.key_of(paths, "bert")) == (KEY, None)


def test_a_schema_of_somebody_else_is_left_alone(url: str, tmp_path: Path) -> None:
    with sa.create_engine(parsed(url), poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bills (id INTEGER)")
    with pytest.raises(NabijError, match="is not a database of nabij"):
        Store(StatePaths(tmp_path), url)
    assert not place_of(StatePaths(tmp_path)).is_file
