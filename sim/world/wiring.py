"""Builds the badge's parts and connects them to the pins that the board definition names."""

from collections import namedtuple

from sim.models.adc_cell import AdcCellModel
from sim.models.axp2101 import Axp2101Model, Rails
from sim.models.body_io import Button, Light, PwmLoad, RipContact
from sim.models.ledger import Ledger
from sim.world.motion import Motion

_BUTTONS = (("left", "sos"), ("right", "sos_right"))
_LINES = (
    ("int1", "imu", "int1"),
    ("sos", "sos", "pin"),
    ("sos_right", "sos_right", "pin"),
    ("rip", "rip", "pin"),
    ("ri", "modem", "ri"),
    ("dtr", "modem", "dtr"),
    ("pwrkey", "modem", "pwrkey"),
    ("pmu_irq", "pmu", "irq"),
)
# What the firmware does to a pin is observed, whether or not the board definition fits the part.
_PWM_LOADS = (("haptic", "motor"), ("buzzer", "buzzer"))
# Where a resistor of a part is, if not at its "pin".
_PULLED_AT = {"gnss": "power"}


# The parts of one badge, for the control verbs; modem, gnss: None without one. chips: those on an
# I2C bus by name, (bus, address). lines: the wires that a short circuit can hold, by name.
Parts = namedtuple(
    "Parts",
    (
        "board",
        "motion",
        "flash",
        "buttons",
        "rip",
        "imu",
        "modem",
        "gnss",
        "pmu",
        "chips",
        "lines",
    ),
)


def connect(scenario, world, board, flash, host):
    """The parts of scenario["wiring"], connected; the form is that of hardware/boards/*.toml."""
    wiring = scenario["wiring"]
    motion = Motion(world, host)
    if scenario["power"] is not None:
        world.charge_to(Ledger(world, scenario["power"]))
        world.ledger.set("board", "on")
        world.ledger.set("mcu", "wait")
    chips = {}
    imu = _connect_imu(wiring["imu"], scenario["imu"], world, motion, (board, chips))
    for part, idle in _pulled(wiring):
        if wiring[part].get("external_pull_ohm"):
            board.line(wiring[part][_PULLED_AT.get(part, "pin")]).pull_outside(idle)
    buttons, contact = _connect_wearer(wiring, world, board)
    enable = _connect_motor(wiring["haptic"], world, (board, chips))
    modem, rails = None, Rails(_nobody, _nobody, enable)
    if scenario["modem"] is not None:
        if not _has(wiring, "modem"):
            raise ValueError("This board has no modem: leave 'modem' out.")
        modem, shifter = _connect_modem(wiring["modem"], scenario["modem"], world, board)
        rails = Rails(modem.supply, shifter.supply, enable)
    gnss = None
    if scenario["gnss"] is not None:
        if not _has(wiring, "gnss"):
            raise ValueError("This board has no satellite receiver: leave 'gnss' out.")
        gnss = _connect_gnss(wiring["gnss"], scenario["gnss"], world, board)
    if scenario["wlan"] is not None:
        # Imported here: scenarios without it run without its model.
        from sim.models.wlan import WlanModel  # noqa: PLC0415

        servers = None if modem is None else modem.servers
        board.has_wlan(WlanModel(world, scenario["wlan"], servers))
    if scenario["ble"] is not None:
        from sim.models.ble import BleModel  # noqa: PLC0415

        # A gateway brings to the receiver that the badge has.
        reached = modem or board.wlan
        receiver = reached and reached.servers
        board.has_ble(BleModel(world, scenario["ble"], receiver))
    pmu = _connect_gauge(wiring, scenario, world, rails, (board, chips))
    if wiring["sos"]["kind"] == "pmu_key":
        buttons["left"] = Button(world, pmu, 0, "sos")
    lines = {
        name: board.line(wiring[part][wire])
        for name, part, wire in _LINES
        if _has(wiring, part) and wiring[part][wire]
    }
    return Parts(
        board=board,
        motion=motion,
        flash=flash,
        buttons=buttons,
        rip=contact,
        imu=imu,
        modem=modem,
        gnss=gnss,
        pmu=pmu,
        chips=chips,
        lines=lines,
    )


def _connect_wearer(wiring, world, board):
    """The buttons by side and the lanyard's contact; motor, buzzer and light are only observed."""
    buttons = {}
    for side, name in _BUTTONS:
        # The key of a power chip is connected with that.
        if _has(wiring, name) and wiring[name].get("kind", "pin") == "pin":
            wires = wiring[name]
            buttons[side] = Button(world, board.line(wires["pin"]), wires["active_level"], name)
    rip, contact = wiring["rip"], None
    if _has(wiring, "rip"):
        contact = RipContact(world, board.line(rip["pin"]), rip["closed_level"])
    for part, name in _PWM_LOADS:
        if wiring[part]["pin"]:
            board.pwm_listeners[wiring[part]["pin"]] = _charged(world, name, PwmLoad(world, name))
    led = wiring["status_led"]
    if led["pin"]:
        Light(world, board.line(led["pin"]), led["active_level"])
    return buttons, contact


def _connect_motor(wires, world, where):
    """What hears of the rail that enables the motor's driver, where it is a chip."""
    if wires["kind"] != "drv2605":
        return _nobody
    # Imported here: boards with a motor at a pin run without its model.
    from sim.models.drv2605 import Drv2605Model  # noqa: PLC0415

    board, chips = where
    driver = Drv2605Model(_Load(_charged(world, "motor", PwmLoad(world, "motor"))))
    bus = board.add_bus(wires["scl"], wires["sda"])
    chips["haptic"] = (bus, wires["address"])
    bus.devices[wires["address"]] = driver
    return driver.enable


class _Load:
    """What listens to a duty, as an object that has it set."""

    def __init__(self, duty_u16):
        self.duty_u16 = duty_u16


def _has(wiring, part):
    """Whether the board is built with this part."""
    return wiring[part].get("fitted", True)


def _pulled(wiring):
    """The parts that may have a resistor on the board, and the level that it pulls to."""
    for part in ("sos", "sos_right"):
        yield part, 1 - wiring[part]["active_level"]
    yield "rip", 1 - wiring["rip"]["closed_level"]
    for part in ("haptic", "buzzer"):
        yield part, 0
    yield "gnss", 1 - wiring["gnss"]["power_active_level"]


def _charged(world, name, load):
    """The listener of a PWM load that is also in the ledger, in proportion to its duty."""

    def duty_u16(duty):
        load.duty_u16(duty)
        if world.ledger is not None:
            world.ledger.set(name, "on" if duty else "off")

    return duty_u16


def _nobody(_on):
    """Hear of a rail that feeds nothing here."""


def _connect_gauge(wiring, scenario, world, rails, where):
    wires = wiring["pmu"]
    if wires["chip"] == "axp2101":
        return _connect_pmu(wiring, scenario, world, rails, where)
    options = dict(scenario["pmu"])
    if scenario["usb"]:
        options["vbus"] = True
    board, _chips = where
    # Without a divider the cell is there all the same.
    cell = AdcCellModel(world, options, wiring["battery"], wires["divider"] or 1)
    if wires["chip"] == "adc":
        board.analog[wires["pin"]] = cell
    return cell


def _connect_pmu(wiring, scenario, world, rails, where):
    board, chips = where
    wires = wiring["pmu"]
    options = dict(scenario["pmu"])
    if scenario["usb"]:
        # A computer's cable is a charger too.
        options["vbus"] = True

    irq = board.line(wires["irq"])
    pmu = Axp2101Model(world, irq, options, wiring["battery"], rails)
    if scenario["modem"] and not (scenario["modem"]["powered"] or options["absent"]):
        rails.modem(False)
    bus = board.add_bus(wires["scl"], wires["sda"])
    chips["pmu"] = (bus, wires["address"])
    if not options["absent"]:
        bus.devices[wires["address"]] = pmu
    return pmu


def _connect_imu(wires, options, world, motion, where):
    board, chips = where
    bus = board.add_bus(wires["scl"], wires["sda"])
    imu = _model_of(wires["chip"])(world, motion, board.line(wires["int1"]), options)
    chips["imu"] = (bus, wires["address"])
    if not options["absent"]:
        bus.devices[wires["address"]] = imu
    return imu


def _model_of(chip):
    # Imported here: each run has the model of its own chip.
    if chip == "lsm6dsox":
        from sim.models.lsm6dsox import Lsm6dsoxModel  # noqa: PLC0415

        return Lsm6dsoxModel
    if chip == "bma423":
        from sim.models.bma423 import Bma423Model  # noqa: PLC0415

        return Bma423Model
    raise ValueError("There is no model of the accelerometer '%s'." % chip)


def _connect_modem(wires, options, world, board):
    # Imported here: scenarios without a modem run without its model.
    from sim.models.modem.level_shifter import LevelShifter  # noqa: PLC0415
    from sim.models.modem.sim7080 import Sim7080Model  # noqa: PLC0415

    modem = Sim7080Model(
        world,
        options,
        pwrkey=board.line(wires["pwrkey"]),
        dtr=board.line(wires["dtr"]),
        ri=board.line(wires["ri"]),
        pwrkey_active_level=wires["pwrkey_active_level"],
    )

    shifter = LevelShifter(world, modem)

    def attach(uart):
        shifter.connect(uart)
        return shifter

    board.uarts[(wires["tx"], wires["rx"])] = attach
    return modem, shifter


def _connect_gnss(wires, options, world, board):
    # Imported here: boards without one run without its model.
    from sim.models.gnss_serial import GnssSerialModel  # noqa: PLC0415

    model = GnssSerialModel(world, options)
    board.uarts[(wires["tx"], wires["rx"])] = model.connect
    on_level = wires["power_active_level"]
    board.line(wires["power"]).listen(lambda level: model.power(level == on_level))
    return model
