"""Accounts: opened by an invitation, in one role, and never without an administrator."""

from functools import partial

import pytest
import sqlalchemy as sa

from nabij.centre.database import people_schema as tables
from nabij.centre.people import accounts, persons, sessions
from nabij.centre.people.accounts import Account
from nabij.centre.people.roles import Role
from nabij.centre.store import Store
from nabij.errors import UsageError

NOW_MS = 1_790_000_000_000


def opened(store: Store, login: str, role: Role) -> Account:
    """An account whose invitation was used."""

    def make(connection: sa.Connection) -> Account:
        account = accounts.add(connection, login, role, NOW_MS)
        token = accounts.invite(connection, account.id, NOW_MS)
        found = accounts.accept(connection, token, "hash", NOW_MS)
        assert found is not None
        return found

    return store.write(make)


def test_an_account_is_found_by_its_login_in_any_letters(store: Store) -> None:
    made = store.write(lambda one: accounts.add(one, " J.Smit ", Role.OPERATOR, NOW_MS))
    assert made.login == "j.smit"
    assert not made.is_open
    assert store.read(lambda one: accounts.find(one, "J.SMIT")) == made
    assert store.read(lambda one: accounts.find(one, "nobody")) is None
    assert store.read(accounts.all_of) == [made]


@pytest.mark.parametrize("login", ["", "j smit", "-x", "x" * 65, "j.smit'--"])
def test_a_login_that_cannot_be_is_refused(store: Store, login: str) -> None:
    with pytest.raises(UsageError, match="login"):
        store.write(lambda one: accounts.add(one, login, Role.OPERATOR, NOW_MS))


def test_a_login_is_given_once(store: Store) -> None:
    opened(store, "smit", Role.OPERATOR)
    with pytest.raises(UsageError, match="already"):
        store.write(lambda one: accounts.add(one, "Smit", Role.WORKER, NOW_MS))


def test_an_invitation_opens_an_account_once_and_ends_with_a_day(store: Store) -> None:
    made = store.write(lambda one: accounts.add(one, "smit", Role.OPERATOR, NOW_MS))
    first = store.write(lambda one: accounts.invite(one, made.id, NOW_MS))
    token = store.write(lambda one: accounts.invite(one, made.id, NOW_MS))
    late_ms = NOW_MS + accounts.INVITED_MS
    assert store.read(lambda one: accounts.invited(one, first, NOW_MS)) is None
    assert store.read(lambda one: accounts.invited(one, token, late_ms)) is None
    taken = store.write(lambda one: accounts.accept(one, token, "hash", late_ms - 1))
    assert taken is not None
    assert taken.is_open
    assert store.write(lambda one: accounts.accept(one, token, "other", NOW_MS)) is None
    account = store.read(lambda one: accounts.by_id(one, made.id))
    assert account is not None
    assert account.password_hash == "hash"


def test_an_invitation_of_a_disabled_account_opens_nothing(store: Store) -> None:
    made = store.write(lambda one: accounts.add(one, "smit", Role.OPERATOR, NOW_MS))
    token = store.write(lambda one: accounts.invite(one, made.id, NOW_MS))
    store.write(lambda one: accounts.change(one, made.id, disabled=True))
    assert store.write(lambda one: accounts.accept(one, token, "hash", NOW_MS)) is None


def test_no_token_is_kept_as_it_is(store: Store) -> None:
    account = opened(store, "smit", Role.OPERATOR)
    invitation = store.write(lambda one: accounts.invite(one, account.id, NOW_MS))
    session = store.write(lambda one: sessions.begin(one, account.id, NOW_MS))
    for table, token in ((tables.invitation, invitation), (tables.session, session)):
        select = sa.select(table)
        [row] = store.read(partial(sa.Connection.execute, statement=select)).all()
        assert token.encode() not in bytes(row.token_hash)


def test_another_role_ends_all_sessions(store: Store) -> None:
    account = opened(store, "smit", Role.OPERATOR)
    tokens = [store.write(lambda one: sessions.begin(one, account.id, NOW_MS)) for _ in "12"]
    changed = store.write(lambda one: accounts.change(one, account.id, role=Role.WORKER))
    assert changed.role is Role.WORKER
    for token in tokens:
        assert store.read(partial(sessions.find, token=token, now_ms=NOW_MS)) is None


def test_the_last_administrator_stays_one(store: Store) -> None:
    root = opened(store, "root", Role.ADMINISTRATOR)
    store.write(lambda one: accounts.add(one, "later", Role.ADMINISTRATOR, NOW_MS))
    for change in (
        partial(accounts.change, account_id=root.id, role=Role.OPERATOR),
        partial(accounts.change, account_id=root.id, disabled=True),
    ):
        with pytest.raises(UsageError, match="last administrator"):
            store.write(change)
    assert store.read(accounts.has_administrator)
    opened(store, "second", Role.ADMINISTRATOR)
    store.write(lambda one: accounts.change(one, root.id, disabled=True))
    assert store.read(accounts.has_administrator)


def test_a_code_counts_once_and_none_before_it(store: Store) -> None:
    account = opened(store, "smit", Role.OPERATOR)
    store.write(lambda one: accounts.set_second_factor(one, account.id, "JBSWY3DPEHPK3PXP"))
    taken = [
        store.write(partial(accounts.use_code, account_id=account.id, step=step))
        for step in (7, 7, 6, 8)
    ]
    assert taken == [True, False, False, True]


def test_a_supervisor_has_teams(store: Store) -> None:
    account = opened(store, "chief", Role.SUPERVISOR)
    north = store.write(lambda one: persons.add_team(one, "North"))
    south = store.write(lambda one: persons.add_team(one, "South"))
    store.write(lambda one: accounts.set_teams(one, account.id, [north.id, south.id]))
    store.write(lambda one: accounts.set_teams(one, account.id, [south.id]))
    assert store.read(lambda one: accounts.teams_of(one, account.id)) == {south.id}
