"""Puts together what watches the wearer's body: accelerometer, man-down, lanyard."""

from badge.assembly import chips
from badge.assembly.parts import BodyParts
from badge.core import placement
from badge.core.body.body_watch import BodyWatch, Silencing
from badge.core.body.man_down import ManDown
from badge.core.body.wearing import NAMES
from badge.core.detector import detect
from badge.core.detector.ring import MotionRing
from badge.core.portable import const
from badge.storage.worn_file import WornFile
from badge.tasks.motion_task import MotionTask
from badge.tasks.wearer.lanyard_task import LanyardTask

_RING_SAMPLES = const(4096)
_VERDICTS = detect.EV_FALL | detect.EV_REJECTED | detect.EV_CONFIRMED | detect.EV_RECOVERED


def build(base, feeling, keeper, power, *, is_new_use):
    """The BodyParts.

    `is_new_use`: this start begins a shift, in place of going on with the one before a reset.
    """
    board, common = base.board, base.common
    tells_falls = placement.FALL in placement.ABLE[board.PLACEMENT]
    man_down = ManDown(common.config, detect.step_block if tells_falls else _without_falls)
    worn_file = WornFile(base.directory + "worn")
    wearing = man_down.conditions.wearing
    if wearing.recall(was_worn=_was_worn(worn_file, common.log), is_new_use=is_new_use):
        common.log.event("wearing", state=NAMES[wearing.state], why="worn_when_power_went")
    silencing = Silencing(
        base.ports.is_off_shift, lambda: power.sos_only, lambda: power.on_charger
    )
    watch = BodyWatch(man_down, keeper, feeling.feel, feeling.pulses, silencing, common.log)
    ring = MotionRing(_RING_SAMPLES)
    imu = chips.imu(board)
    motion = MotionTask(
        imu,
        board.imu_int1(),
        ring,
        man_down,
        watch,
        common.log,
        # With room for what comes while it is not read.
        watermark_samples=min(common.config.imu_watermark_samples, imu.chip.FIFO_WORDS // 2),
        is_pressed=common.gate.is_pressed,
    )
    contact, lanyard = board.rip_pin(), None
    if contact is not None:
        lanyard = LanyardTask(contact, board.RIP_CLOSED_LEVEL, watch.lanyard)
    return BodyParts(ring, man_down, watch, motion, lanyard, worn_file)


def _without_falls(state, samples, n, params):
    """The detector's kernel where nobody has shown that it tells a fall: it keeps the rest."""
    return detect.step_block(state, samples, n, params) & ~_VERDICTS


def _was_worn(worn_file, log):
    try:
        return worn_file.load()
    except OSError as error:
        log.failure("worn.not_read", error)
        return None
