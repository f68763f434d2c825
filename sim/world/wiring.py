"""Builds the badge's parts and connects them to the pins that the board definition names."""

from sim.models.body_io import Button, Motor
from sim.models.lsm6dsox import Lsm6dsoxModel
from sim.world.motion import Motion

_CHIPS = ("lsm6dsox",)


class Parts:
    """The parts of one badge, by name, for the control verbs."""

    def __init__(self, board, motion, flash):
        self.board = board
        self.motion = motion
        self.flash = flash
        self.button = None
        self.motor = None
        self.imu = None
        self.modem = None


def connect(scenario, world, board, flash, host):
    """The parts of scenario["wiring"], connected; the form is that of hardware/boards/*.toml."""
    wiring = scenario["wiring"]
    parts = Parts(board, Motion(world, host), flash)
    _connect_imu(wiring["imu"], scenario.get("imu") or {}, world, board, parts)
    sos = wiring["sos"]
    parts.button = Button(world, board.line(sos["pin"]), sos["active_level"])
    parts.motor = Motor(world)
    board.pwm_listeners[wiring["haptic"]["pin"]] = parts.motor.duty_u16
    if scenario.get("modem") is not None:
        _connect_modem(wiring["modem"], scenario["modem"], world, board, parts)
    return parts


def _connect_imu(wires, options, world, board, parts):
    if wires["chip"] not in _CHIPS:
        raise ValueError("There is no model of the accelerometer '%s'." % wires["chip"])
    bus = board.add_bus(wires["scl"], wires["sda"])
    parts.imu = Lsm6dsoxModel(
        world,
        parts.motion,
        board.line(wires["int1"]),
        options.get("odr_ppm", 0),
        options.get("self_test_mg", (400, 400, 400)),
    )
    if not options.get("absent"):
        bus.devices[wires["address"]] = parts.imu


def _connect_modem(wires, options, world, board, parts):
    # Imported here: scenarios without a modem run without its model.
    from sim.models.sim7080 import Sim7080Model  # noqa: PLC0415

    parts.modem = Sim7080Model(
        world,
        options,
        pwrkey=board.line(wires["pwrkey"]),
        dtr=board.line(wires["dtr"]),
        ri=board.line(wires["ri"]),
        pwrkey_active_level=wires["pwrkey_active_level"],
    )

    def attach(uart):
        uart.model = parts.modem
        parts.modem.connect(uart)

    board.uarts[(wires["tx"], wires["rx"])] = attach
