"""Runs under MicroPython: power cuts while settings are staged, tried, confirmed and dropped.

Arguments: "whole" or "torn" (the operation that is cut is not done, or half done), then optionally
one step number to try alone.
"""

import sys

from badge.core.settings.config import Config
from badge.storage.config_file import ConfigFile
from tests.cut.mp_power import ROOT, cut_each, powered

FIRST, GOOD, IDLE, BAD = (
    {"profile": profile, "keepalive_s": keepalive_s, "prealarm_ms": 15000}
    for profile, keepalive_s in (("discreet", 100), ("pna11", 50), ("discreet", 70), ("pna11", 30))
)


class Witness:
    """What the badge's calls promised before the power went; None: nothing under way."""

    def __init__(self):
        self.kept = FIRST
        self.confirming = None
        self.staged = []


def start():
    """One start of the badge: returns (its ConfigFile, the settings that run)."""
    config_file = ConfigFile(ROOT)
    config = config_file.load()
    assert config_file.faults == [], config_file.faults
    return config_file, config.to_dict()


def full(settings):
    return Config.from_dict(settings).to_dict()


def prepare():
    config_file = ConfigFile(ROOT)
    config_file.stage(FIRST, False)
    config_file.load()
    config_file.confirm()


def stage(witness, settings):
    def run():
        config_file, running = start()
        assert running == full(witness.kept)
        witness.staged.append(settings)
        config_file.stage(settings, True)

    return run


def confirm(witness, settings):
    def run():
        config_file, running = start()
        assert running == full(settings)
        assert config_file.link_expected
        witness.confirming = settings
        config_file.confirm()
        witness.kept, witness.confirming = settings, None

    return run


def revert(settings):
    def run():
        config_file, running = start()
        assert running == full(settings)
        config_file.revert("unconfirmed")

    return run


def dropped(witness, why):
    def run():
        config_file, running = start()
        assert running == full(witness.kept)
        assert config_file.reverted == why, config_file.reverted

    return run


def crash(settings):
    def run():
        _, running = start()
        assert running == full(settings)

    return run


def starts(witness):
    """A good set is confirmed, one is not, one crashes the badge."""
    return (
        stage(witness, GOOD),
        confirm(witness, GOOD),
        dropped(witness, None),
        stage(witness, IDLE),
        revert(IDLE),
        dropped(witness, "unconfirmed"),
        stage(witness, BAD),
        crash(BAD),
        dropped(witness, "restart"),
    )


def check(flash, witness):
    """Whole sets only, and without anyone's doing the badge is back at the confirmed one."""
    confirmed = [full(witness.kept)]
    if witness.confirming is not None:
        confirmed.append(full(witness.confirming))
    seen = [powered(flash, start)[1] for _ in range(3)]
    for running in seen:
        assert running in confirmed or running in [full(staged) for staged in witness.staged]
    # At most the first start still tries what was staged before the cut.
    assert seen[1] in confirmed, (seen[1], confirmed)
    assert seen[2] == seen[1]


def main(how, only=None):
    cut_each(how, only, prepare, starts, check, Witness)


main(*sys.argv[1:])
