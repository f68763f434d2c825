"""All tables as plain data, for whoever shows them: `tables()`."""

from sim.options import (
    ble,
    gnss,
    gnss_serial,
    imu,
    modem,
    option,
    pmu,
    remote,
    scenario,
    sms,
    verbs,
    wlan,
)

_OPTIONS = (
    ("modem", "of the modem, `modem` of a scenario", modem.OPTIONS),
    ("gnss", "of the modem's satellite receiver, `gnss` of the modem", gnss.OPTIONS),
    ("remote", "of the server behind the modem, `remote` of the modem", remote.OPTIONS),
    ("sms", "of text messages, `sms` of the modem", sms.OPTIONS),
    ("wlan", "of WLAN, `wlan` of a scenario", wlan.OPTIONS),
    ("ble", "of BLE, `ble` of a scenario", ble.OPTIONS),
    (
        "gnss_serial",
        "of a satellite receiver on a serial line, `gnss` of a scenario",
        gnss_serial.OPTIONS,
    ),
    ("imu", "of the accelerometer, `imu` of a scenario", imu.OPTIONS),
    ("pmu", "of the power chip and the battery, `pmu` of a scenario", pmu.OPTIONS),
    ("scenario", "of a scenario as `sim/boot.py` reads it", scenario.OPTIONS),
    ("flash", "of its `flash`", scenario.FLASH),
    ("trace", "of its `trace`", scenario.TRACE),
    ("usb", "of its `usb`", scenario.USB),
)


def tables():
    """Every table, by what it is for; nabij/virtual/options.py reads them."""
    return {
        # (name, whose, rows of options) of each model.
        "options": [(name, whose, _rows(table)) for name, whose, table in _OPTIONS],
        "verbs": _verbs(verbs.VERBS),
        "modem_verbs": _verbs(modem.VERBS),
        # Options that each verb of a scenario has.
        "when": _rows(verbs.WHEN + verbs.AWAITED + verbs.TYPED),
    }


def _verbs(table):
    """(name, rows of options, meaning) of each."""
    return [(one.name, _rows(one.arguments), one.meaning) for one in table]


def _rows(table):
    """(name, value in words, default or None for what must be said, meaning) of each option."""
    return [(one.name, option.said(one.form), _default(one), one.meaning) for one in table]


def _default(one):
    if one.default is option.NEEDED:
        return None
    if one.default is None or one.default in ((), {}):
        return "none"
    if isinstance(one.default, bool):
        return "true" if one.default else "false"
    if isinstance(one.default, tuple):
        return ", ".join([str(part) for part in one.default])
    return str(one.default)
