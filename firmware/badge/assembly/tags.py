"""Puts together what listens for room tags."""

from badge.tasks.tag_task import TagTask


def build(base, controller, alarms, power):
    """The TagTask."""
    ports = base.ports
    return TagTask(
        base.common,
        controller,
        alarms.keeper,
        stretches=ports.stretches_walked,
        is_on_shift=lambda: not ports.is_off_shift(),
        saves_power=lambda: power.save_gnss,
    )
