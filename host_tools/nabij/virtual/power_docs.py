"""The figures of docs/power.md: `python -m nabij.virtual.power_docs --write PAGE` (minutes)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from nabij.documents import doc_page
from nabij.hardware import power
from nabij.virtual import energy
from nabij.virtual.energy import Day, Share

SHORT_HOURS: Final = 0.25
_LEAST_SHARE: Final = 0.01
# How each row is called, and its settings.
ROWS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("default, once 300 s are learned", {"keepalive_s": 300}),
    ("keep-alive of 60 s (`keepalive_most_s` 0)", {"keepalive_most_s": 0}),
    ("keep-alive of 30 s", {"keepalive_s": 30, "keepalive_most_s": 0}),
    ("profile `pna11`, once 85 s are learned", {"profile": "pna11", "keepalive_s": 85}),
    ("default, `modem_sleep` off", {"keepalive_s": 300, "modem_sleep": False}),
    (
        "default, `light_sleep` off (the modem then does not sleep either)",
        {"keepalive_s": 300, "light_sleep": False},
    ),
    (
        "default, listening for colleagues each 30 s (`relay_scan_s`)",
        {"keepalive_s": 300, "relay_scan_s": 30},
    ),
    ("the same each 10 s", {"keepalive_s": 300, "relay_scan_s": 10}),
    (
        "default, called each 20.48 s (`edrx_s` 20) where the network grants it",
        {"keepalive_s": 300, "edrx_s": 20},
    ),
)

# What the parts and states of the account are, where the names of hardware/power.toml are short.
NAMES: Final = {
    ("modem", "tail"): "modem, connected after a packet",
    ("modem", "active"): "modem, sending and receiving",
    ("modem", "text"): "modem, text message",
    ("modem", "search"): "modem, looking for a cell",
    ("modem", "idle"): "modem, awake between packets",
    ("modem", "sleep"): "modem, asleep",
    ("modem", "deep"): "modem, asleep and not called (eDRX)",
    ("mcu", "run"): "chip, running",
    ("mcu", "sleep"): "chip, asleep",
    ("mcu", "wait"): "chip, waiting awake",
    ("board", "on"): "board (converters, power chip, pull resistors)",
    ("status_light", "on"): "the red light beside the modem",
    ("imu", "on"): "accelerometer",
    ("ble", "scan"): "BLE, listening",
    ("ble", "call"): "BLE, calling",
    ("ble", "connected"): "BLE, connected",
}


def made() -> str:
    """Mean current and hours by settings, and the account of a whole shift, as Markdown."""
    lines = [
        f"`nabij energy --hours {SHORT_HOURS}`, with `--config FILE` for other settings:",
        "",
        "| settings | mean current | battery lasts | by what is in doubt |",
        "|---|---|---|---|",
    ]
    lines += [row(name, energy.shift(SHORT_HOURS, settings)) for name, settings in ROWS]
    day = energy.shift(alarms=1)
    return "\n".join([*lines, "", *_shift(day), ""])


def row(name: str, day: Day) -> str:
    """One line of the table of settings."""
    lasts, worst, best = _hours(day)
    return f"| {name} | {day.mean_ma:.1f} mA | {lasts} h | {worst} to {best} h |"


def with_figures(page: str) -> str:
    """Return a Markdown page with what stands between its marks replaced by the figures."""
    return doc_page.between_marks(page, "figures", made())


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures, or put them into the page named by --write."""
    return doc_page.print_or_write(
        argv, "What the badge takes from its battery, as Markdown.", made(), with_figures
    )


def _hours(day: Day) -> list[str]:
    found = (day.battery_hours, day.battery_hours_worst, day.battery_hours_best)
    return [energy.hours_text(hours) for hours in found]


def _shift(day: Day) -> Iterator[str]:
    lasts, worst, best = _hours(day)
    yield (
        f"A whole shift, `nabij energy --hours {day.hours:g} --alarms 1`: **{day.mah:.0f} mAh, "
        f"{day.mean_ma:.1f} mA on average, {lasts} h; between "
        f"{worst} and {best} h by what is in doubt.**"
    )
    yield ""
    yield f"| part and state | mAh in {day.hours:g} h | at best, at worst | share | figure |"
    yield "|---|---|---|---|---|"
    shown = [share for share in day.shares if share.mah >= _LEAST_SHARE * day.mah]
    figures = power.load()
    for share in shown:
        assumed = figures.parts[share.part][share.state].assumed
        name = NAMES.get((share.part, share.state), f"{share.part}, {share.state}")
        yield _line(name, [share], day, "assumption" if assumed else "source")
    yield _line("all else", [share for share in day.shares if share not in shown], day, "")


def _line(name: str, shares: Sequence[Share], day: Day, figure: str) -> str:
    mah, best, worst = (
        sum(getattr(share, key) for share in shares) for key in ("mah", "mah_best", "mah_worst")
    )
    return (
        f"| {name} | {mah:.1f} | {best:.1f}, {worst:.1f} | {100 * mah / day.mah:.0f} % | "
        f"{figure} |"
    )


if __name__ == "__main__":
    raise SystemExit(main())
