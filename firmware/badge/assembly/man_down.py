"""Puts together what watches the wearer's body: accelerometer, man-down, lanyard."""

from badge.assembly import buttons
from badge.core.body.body_watch import BodyWatch
from badge.core.body.man_down import ManDown
from badge.core.body.wearing import NAMES
from badge.core.portable import const
from badge.drivers.lsm6dsox import Lsm6dsox
from badge.tasks.motion_task import MotionTask

_MOTION_MS = const(10_000)


def start(board, config, supervisor, ring, keeper, feeling, worn_file, log, *, is_new_use):
    """Start sampling into `ring`; returns (ManDown, BodyWatch, MotionTask).

    `is_new_use`: this start begins a shift, in place of going on with the one before a reset.
    """
    man_down = ManDown(config)
    _recall(man_down.conditions.wearing, worn_file, is_new_use, log)
    watch = BodyWatch(man_down, keeper, feeling.feel, feeling.pulses, log)
    motion = MotionTask(
        Lsm6dsox(board.imu_i2c(), board.IMU_ADDR),
        board.imu_int1(),
        ring,
        man_down,
        config.imu_watermark_samples,
        watch,
        log,
    )
    buttons.watch_lanyard(board, supervisor, watch.lanyard)
    supervisor.start("motion", motion.run, _MOTION_MS)
    return man_down, watch, motion


def _recall(wearing, worn_file, is_new_use, log):
    was_worn = False
    try:
        was_worn = worn_file.load()
    except OSError as error:
        log.failure("worn.not_read", error)
    if not is_new_use:
        wearing.assume_worn()
    elif was_worn:
        # Nobody switches it off at work: a blow may have done it, and its wearer may lie there.
        wearing.assume_worn()
        wearing.hurt()
        log.event("wearing", state=NAMES[wearing.state], why="worn_when_power_went")
