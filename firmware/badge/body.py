"""Puts together what watches the wearer's body: accelerometer, man-down, lanyard."""

from badge import touch
from badge.core.body_watch import BodyWatch
from badge.core.mandown import ManDown
from badge.core.portable import const
from badge.drivers.lsm6dsox import Lsm6dsox
from badge.tasks.motion_task import MotionTask

_MOTION_MS = const(10_000)


def start(board, config, supervisor, ring, keeper, feeling, log, *, was_worn):
    """Start sampling into `ring`; returns (ManDown, BodyWatch, MotionTask).

    `was_worn`: this start goes on with a shift, whose wearer may be lying there already.
    """
    man_down = ManDown(config)
    if was_worn:
        man_down.conditions.wearing.assume_worn()
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
    touch.watch_lanyard(board, supervisor, watch.lanyard)
    supervisor.start("motion", motion.run, _MOTION_MS)
    return man_down, watch, motion
