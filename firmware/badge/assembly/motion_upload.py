"""Puts together what sends the motion of alarms; imported only where `motion_upload` is on."""

from badge.storage.motion_marks import MotionMarks
from badge.tasks.motion_upload import MotionUpload


def build(base, alarms, power):
    """The MotionUpload."""
    keeper, outbox = alarms.keeper, alarms.outbox
    return MotionUpload(
        base.common,
        MotionMarks(base.directory + "motion"),
        alarms.who,
        keeper.open_alarms,
        lambda now_ms: outbox.wait_ms(keeper.open_alarms(), now_ms) is not None,
        lambda: not power.save_gnss,
    )
