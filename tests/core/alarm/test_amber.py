"""Amber: how long it runs, and when its wearer is warned that it ends."""

from badge.core.alarm import amber
from tests.core.configs import config


def test_amber_warns_once_and_again_after_it_was_extended():
    runs = amber.Amber(config(amber_min=5, amber_warn_s=60))
    assert runs.length_s == 300
    for _ in range(2):
        runs.begins()
        warned_at = [left_s for left_s in range(300, -1, -1) if runs.warns(left_s * 1000)]
        assert warned_at == [60]
    assert not runs.warns(None)


def test_amber_that_a_reset_resumed_warns_as_the_old_one_would_have():
    runs = amber.Amber(config(amber_min=5, amber_warn_s=60))
    warned_at = [left_s for left_s in range(90, -1, -1) if runs.warns(left_s * 1000)]
    assert warned_at == [60]
