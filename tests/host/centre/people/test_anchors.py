"""The signed head of a day shows what no chain can: a cut end, and a whole that was made anew."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from nabij.centre.database import kept_secrets
from nabij.centre.database.people_schema import audit as table
from nabij.centre.database.people_schema import audit_anchor
from nabij.centre.people import anchors, audit, persons
from nabij.centre.people.audit_chain import BrokenChainError
from nabij.centre.people.persons import Wanted
from nabij.centre.store import Store
from nabij.cli.app import app
from nabij.paths import StatePaths

DAY_MS = 86_400_000
# Noon of a day.
NOON_MS = 20_000 * DAY_MS + DAY_MS // 2


@pytest.fixture
def kept(store: Store) -> Store:
    """Two lines of yesterday and one of today."""
    anna = store.write(lambda one: persons.add(one, Wanted("Anna")))
    for at_ms in (NOON_MS - DAY_MS, NOON_MS - DAY_MS + 1, NOON_MS):
        add = partial(audit.add, at_ms=at_ms, by="smit", what="looked", person_id=anna.id)
        store.write(add)
    return store


def anchored(store: Store, now_ms: int = NOON_MS) -> anchors.Anchor:
    found = store.write(lambda one: anchors.add(one, now_ms))
    assert found is not None
    return found


def test_a_day_is_anchored_once_up_to_its_end(kept: Store) -> None:
    anchor = anchored(kept)
    assert (anchor.day, anchor.last_id) == ("2024-10-03", 2)
    assert kept.write(lambda one: anchors.add(one, NOON_MS + 1)) is None
    assert anchored(kept, NOON_MS + DAY_MS).last_id == 3
    assert kept.read(anchors.all_of)[0] == anchor
    assert anchors.of_fields(anchor.fields()) == anchor
    verdict = kept.read(anchors.verify)
    assert (verdict.lines, verdict.before) == (3, 0)


def test_nothing_is_anchored_before_there_is_anything(store: Store) -> None:
    assert store.write(lambda one: anchors.add(one, NOON_MS)) is None
    assert store.read(anchors.public_key) is None
    assert store.read(anchors.verify).lines == 0


@pytest.mark.parametrize("first", [1, 2])
def test_a_tail_that_is_cut_off_is_seen(kept: Store, first: int) -> None:
    anchored(kept)
    cut = table.delete().where(table.c.id >= first + 1)
    kept.write(lambda one: one.execute(cut))
    if first == 2:
        # Of today nothing was anchored yet.
        assert kept.read(anchors.verify).lines == 2
        return
    with pytest.raises(BrokenChainError, match="IS NOT THAT OF 2024-10-03"):
        kept.read(anchors.verify)


def test_an_audit_that_was_made_anew_is_seen_by_who_kept_an_anchor(kept: Store) -> None:
    given, key = anchored(kept), kept.read(anchors.public_key)

    def make_anew(connection: sa.Connection) -> None:
        connection.execute(table.delete())
        connection.execute(sa.delete(audit_anchor))
        connection.execute(kept_secrets.secret.delete())
        audit.add(connection, NOON_MS - DAY_MS, "bos", "looked")
        audit.add(connection, NOON_MS - DAY_MS, "bos", "looked")

    kept.write(make_anew)
    anchored(kept)
    assert kept.read(anchors.verify).lines == 2
    with pytest.raises(BrokenChainError):
        kept.read(lambda one: anchors.verify(one, [given], key))


def test_an_anchor_that_nobody_signed_is_seen(kept: Store) -> None:
    anchor = anchored(kept)
    key = kept.read(anchors.public_key)
    forged = anchors.Anchor(anchor.day, 1, anchor.head, anchor.signature)
    with pytest.raises(BrokenChainError, match="ANOTHER SIGNATURE"):
        kept.read(lambda one: anchors.verify(one, [forged], key))


def test_the_command_says_that_it_holds_and_since_when_not(kept: Store, tmp_path: Path) -> None:
    anchored(kept)
    kept.close()

    def run(*words: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["audit", *words, "--state", str(tmp_path)])
        return done.exit_code, done.stdout, done.stderr

    code, out, _ = run("export")
    assert code == 0
    (tmp_path / "anchors.json").write_text(out)
    assert [one["last_id"] for one in json.loads(out)["anchors"]] == [2]
    code, out, _ = run("verify", "--anchors", str(tmp_path / "anchors.json"))
    assert (code, out) == (0, "The audit holds: 3 lines.\n")
    assert "No anchors of an earlier day" in run("verify")[1]
    again = Store(StatePaths(tmp_path))
    again.write(lambda one: one.execute(table.update().where(table.c.id == 2).values(by="bos")))
    again.close()
    code, _, said = run("verify")
    assert code == 1
    assert "THE AUDIT DOES NOT HOLD at line 2: who or what it names was changed" in said
    (tmp_path / "anchors.json").write_text("[]")
    code, _, said = run("verify", "--anchors", str(tmp_path / "anchors.json"))
    assert (code, "has no anchors of an audit" in said) == (2, True)
