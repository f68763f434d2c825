"""One table says who may do what."""

import pytest

from nabij.centre.people.roles import May, Role, may, rights, sees_all


def test_a_stranger_may_only_log_in():
    assert [one for one in May if may(None, one)] == [May.LOG_IN]


@pytest.mark.parametrize("role", Role)
def test_everybody_may_see_who_looked_at_them(role: Role):
    assert may(role, May.SEE_OWN_AUDIT)


def test_a_worker_sees_nobody_else():
    assert rights(Role.WORKER) == {May.BE_HERE, May.SEE_OWN_AUDIT}


def test_only_an_administrator_has_to_do_with_accounts():
    for what in (May.SEE_ACCOUNTS, May.CHANGE_ACCOUNTS, May.SEE_AUDIT):
        assert [role for role in Role if may(role, what)] == [Role.ADMINISTRATOR]


def test_the_register_is_for_those_who_plan():
    readers = [role for role in Role if may(role, May.SEE_REGISTER)]
    assert readers == [Role.SUPERVISOR, Role.ADMINISTRATOR]


def test_whoever_takes_alarms_may_see_them_and_administrators_take_none():
    takers = [role for role in Role if may(role, May.HANDLE_INCIDENTS)]
    assert takers == [Role.OPERATOR, Role.SUPERVISOR]
    assert all(may(role, May.SEE_INCIDENTS) for role in takers)


def test_a_supervisor_is_bound_to_teams_and_an_operator_is_not():
    assert sees_all(Role.OPERATOR)
    assert not sees_all(Role.SUPERVISOR)
