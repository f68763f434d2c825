"""Board definitions: what is accepted, what is refused, and that the firmware's wiring follows."""

import ast
import re
from pathlib import Path

import pytest

from nabij.hardware import board_source, boards
from nabij.hardware.board_modules import modules_of_others
from nabij.hardware.boards import BoardError

BOARD_ID = "t_sim7080g_s3"
TEXT = (boards.DEFINITIONS / f"{BOARD_ID}.toml").read_text(encoding="utf-8")


def changed(pattern: str, replacement: str) -> str:
    text, count = re.subn(pattern, replacement, TEXT, count=1, flags=re.MULTILINE)
    assert count == 1, f"{pattern} is not in the definition"
    return text


def test_the_wiring_in_the_firmware_is_what_the_definitions_give() -> None:
    assert boards.stale() == [], "run `make boards`"


@pytest.mark.parametrize("board_id", boards.all_ids())
def test_generated_wiring_holds_every_pin_of_the_definition(board_id: str) -> None:
    """Read back the numbers as MicroPython would see them."""
    board = boards.load(board_id)
    tree = ast.parse(board_source.firmware_source(board))
    numbers = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert {pin for _, pin in board.pins()} <= numbers


def test_reference_board_is_wired_as_its_maker_and_our_build_guide_say() -> None:
    wiring = boards.wiring(boards.load(BOARD_ID))
    modem, pmu = wiring["modem"], wiring["pmu"]
    assert [modem[line] for line in ("tx", "rx", "pwrkey", "dtr", "ri")] == [5, 4, 41, 42, 3]
    assert (pmu["sda"], pmu["scl"], pmu["irq"]) == (15, 7, 6)
    left, right, rip = wiring["sos"], wiring["sos_right"], wiring["rip"]
    assert [left["pin"], right["pin"], rip["pin"]] == [14, 10, 9]
    assert left["active_level"] == right["active_level"] == rip["closed_level"] == 1
    pulls = [part["external_pull_ohm"] for part in (left, right, rip)]
    assert pulls == [100_000, 100_000, 1_000_000]
    assert wiring["haptic"]["pin"] == 11
    assert (wiring["imu"]["sda"], wiring["imu"]["scl"]) == (13, 21)
    assert wiring["imu"]["int1"] == 12


def test_every_output_keeps_its_level_in_sleep() -> None:
    board = boards.load(BOARD_ID)
    outputs = (board.haptic.pin, board.buzzer.pin, board.status_led.pin)
    kept = sorted((*outputs, board.modem.pwrkey, board.modem.dtr))
    assert f"KEPT_PADS = {tuple(kept)}" in board_source.firmware_source(board)


def test_a_badge_may_be_built_without_buzzer_and_light() -> None:
    board = boards.parse(BOARD_ID, TEXT.replace("fitted = true", "fitted = false"))
    assert not [what for what, _ in board.pins() if what.startswith(("buzzer", "status_led"))]
    tree = ast.parse(board_source.firmware_source(board))
    bodies = {node.name: node.body for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for name in ("buzzer_pwm", "status_led_pin"):
        assert ast.unparse(bodies[name][0]) == "return None"


@pytest.mark.parametrize(
    ("pattern", "replacement", "sentence"),
    [
        (
            r"^external_pull_ohm = 100_000\n",
            "",
            r"\[sos\] needs 'external_pull_ohm', a whole number",
        ),
        (r"^external_pull_ohm = 100_000", "external_pull_ohm = 0", "of 100000 to 1000000"),
        (r"^int1 = 12", "int1 = 14", "sos.pin and imu.int1 are both GPIO14"),
        (r"^int1 = 12", "int1 = 35", "reserved for octal PSRAM"),
        (r"^int1 = 12", "int1 = 47", "cannot wake the chip"),
        (r"^int1 = 12", "int1 = 60", "use 0 to 48"),
        (r"^int1 = 12", 'int1 = "12"', "needs 'int1', a whole number"),
        (r"^int1 = 12", "int1 = true", "needs 'int1', a whole number"),
        (r"^int1 = 12", "", "needs 'int1', a whole number"),
        (r"^int1 = 12", "int1 = 12\nint2 = 18", "unknown entry 'int2'"),
        (r"^int1 = 12", "int1 = = 12", "not valid TOML"),
        (r"^active_level = 1", "active_level = 2", "to be 0 or 1"),
        (r"^\[haptic\]", "[hooter]", "needs a table \\[haptic\\]"),
        (r"^mcu = .*", "", "needs a text 'mcu'"),
        (r"^mcu = ", "cpu = 3\nmcu = ", "unknown entry 'cpu'"),
        (r"^scl = 21", "scl = 7", "pmu.scl and imu.scl are both GPIO7"),
        (r"^fitted = true", "fitted = 1", "needs 'fitted', true or false"),
        (r"^(pin = 10\n)active_level = 1", r"\g<1>active_level = 0", "different active levels"),
        (r"^irq = 6", "irq = 47", "cannot wake the chip"),
        (r"^charge_ma = 500", "charge_ma = 450", "cannot be told; use one of 25, 50"),
        (r"^charge_mv = 4200", "charge_mv = 4250", "use one of 4000, 4100, 4200"),
        (r"^capacity_mah = 2500", "capacity_mah = 470", "500 for a cell of 470 mAh"),
        (r'^rails = \["dc1", ', 'rails = ["dc1", "dc6", ', "the rail 'dc6'; use those of dc1"),
        (r'^rails = \["dc1", ', "rails = [", "leaves dc1 out of 'rails'"),
        (r"^rails = .*", 'rails = "dc1"', "needs 'rails', a list of texts"),
        (r"^wide_mm = .*", "wide_mm = 33", "needs 'wide_mm', millimetres, as 33.0"),
        (r"^\[enclosure\]", "[case]", "needs a table .enclosure."),
        (r'^form = "badge"', 'form = "card"', "'card' as form; use one of badge, watch, fob"),
        (r'^placement = "neck"', 'placement = "ear"', "placement; use one of neck, belt"),
        (
            r"^kinds = .*",
            'kinds = ["modem", "smoke"]',
            "'smoke' as .*kinds; use one of modem, wlan",
        ),
        (r"^kinds = .*", 'kinds = ["wlan"]', "names a modem where"),
        (r'^chip = "lsm6dsox"', 'chip = "adxl345"', "'adxl345' as .*chip; use one of"),
        (r'^kind = "pin"', 'kind = "touch"', r"\[sos\] needs 'kind', one of pin"),
        (r'^kind = "pwm"', 'kind = "lra"', r"\[haptic\] needs 'kind', one of pwm, drv2605"),
        (r'^kind = "pwm"', 'kind = "drv2605"', r"\[haptic\] has no use for"),
        (r"^axes = .*", 'axes = ["x", "y", "y"]', "write each of x, y and z once"),
        (r"^axes = .*", 'axes = ["x", "y", "-z"]', "no chip can be turned to: it is mirrored"),
        (r"^axes = .*", 'axes = ["y", "x", "z"]', "mirrored"),
        (r"^mount = .*\n", "", r"\[imu\] needs 'mount', a text"),
        (r'^chip = "axp2101"', 'chip = "adc"', r"\[pmu\] has no use for"),
        (r"^rails = .*", 'rails = ["dc1"]', "leaves bldo1 and dc3 out of 'rails'"),
        (r'^"0" = ', '"GPIO0" = ', "'GPIO0' where a GPIO number is needed"),
    ],
)
def test_a_bad_definition_is_refused_in_one_sentence(
    pattern: str, replacement: str, sentence: str
) -> None:
    with pytest.raises(BoardError, match=sentence) as caught:
        boards.parse(BOARD_ID, changed(pattern, replacement))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(BOARD_ID)


def test_an_unknown_board_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BoardError, match=f"the boards defined are: {', '.join(boards.all_ids())}"):
        boards.load("none_such")


def test_generating_writes_what_is_stale_and_leaves_the_rest(tmp_path: Path) -> None:
    assert boards.generate(tmp_path) == [f"{name}.py" for name in boards.all_ids()]
    assert boards.stale(tmp_path) == []
    assert boards.generate(tmp_path) == []
    (tmp_path / "left_over.py").write_text("")
    assert boards.stale(tmp_path) == ["left_over.py"]
    (tmp_path / "left_over.py").unlink()
    (tmp_path / f"{BOARD_ID}.py").write_text("# edited by hand\n")
    assert boards.stale(tmp_path) == [f"{BOARD_ID}.py"]


def test_check_says_what_to_run_when_the_wiring_is_stale(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert boards.main(["--check"]) == 0
    (tmp_path / f"{BOARD_ID}.toml").write_text(changed(r"^int1 = 12", "int1 = 18"))
    monkeypatch.setattr(boards, "DEFINITIONS", tmp_path)
    assert boards.main(["--check"]) == 1
    assert "make boards" in capsys.readouterr().err


def test_two_chips_may_share_a_bus_and_nothing_less() -> None:
    shared = changed(r"^sda = 15\nscl = 7", "sda = 13\nscl = 21")
    board = boards.parse(BOARD_ID, shared)
    assert (board.imu.sda, board.imu.scl) == (board.pmu.sda, board.pmu.scl)


def test_a_key_on_the_power_chip_needs_that_chip_and_is_alone() -> None:
    text = (boards.DEFINITIONS / "t_watch_s3.toml").read_text(encoding="utf-8")
    for other in (
        re.sub(r"\[pmu\].*?\n\n", '[pmu]\nchip = "none"\n\n', text, flags=re.DOTALL),
        text.replace(
            "[sos_right]\nfitted = false",
            "[sos_right]\npin = 6\nactive_level = 1\nexternal_pull_ohm = 100_000",
        ),
    ):
        with pytest.raises(BoardError, match="is the key of the power chip"):
            boards.parse("t_watch_s3", other)


def test_the_watch_is_wired_as_its_maker_says_and_charged_gently() -> None:
    watch = boards.load("t_watch_s3")
    assert (watch.imu.address, watch.imu.int1, watch.haptic.address) == (0x19, 14, 0x5A)
    buses = {(part.sda, part.scl) for part in (watch.imu, watch.haptic, watch.pmu)}
    assert buses == {(10, 11)}
    assert watch.pmu.irq == 21
    assert watch.pmu.rails == ["dc1", "bldo2"]
    # LilyGo asks for less than 130 mA.
    assert watch.battery.charge_ma < 130
    assert watch.uplink.kinds == ["wlan"]
    source = board_source.firmware_source(watch)
    assert "PWM" not in source
    assert "modem" not in source


def test_the_card_badge_is_the_reference_badge_without_lamp_and_sound_and_not_built() -> None:
    """So nothing of the firmware differs but what the charger is told."""
    card, pod = boards.load("card_badge"), boards.load(BOARD_ID)
    assert "not built" in card.name
    assert set(pod.pins()) - set(card.pins()) == {
        ("buzzer.pin", pod.buzzer.pin),
        ("status_led.pin", pod.status_led.pin),
    }
    assert set(card.pins()) <= set(pod.pins())
    assert (card.battery.capacity_mah, card.battery.charge_ma) == (1000, 200)
    assert card.headers == {}


def test_the_fob_has_one_button_and_the_parts_of_one() -> None:
    fob = boards.load("xiao_s3_fob")
    parts = {what.partition(".")[0] for what, _ in fob.pins()}
    assert parts == {"imu", "sos", "haptic", "pmu"}
    assert fob.buttons() == 1
    source = board_source.firmware_source(fob)
    assert "modem" not in source
    assert "ADC(Pin(1)" in source


ABSENT = r"^\[gnss\]\nfitted = false"


def test_a_receiver_that_is_soldered_on_is_wired_off_and_listened_to() -> None:
    assert not [what for what, _ in boards.load(BOARD_ID).pins() if what.startswith("gnss")]
    board = boards.parse(BOARD_ID, changed(ABSENT, "[gnss]\nfitted = true"))
    source = board_source.firmware_source(board)
    assert "tx=8,\n            rx=18,\n            rxbuf=2048," in source
    assert "return Pin(2, Pin.OUT, value=0)" in source
    assert "HAS_GNSS = True" in source
    assert "KEPT_PADS = (2, " in source
    assert modules_of_others(boards.load(BOARD_ID)) != modules_of_others(board)
    assert not [path for path in modules_of_others(board) if "gnss" in path or "nmea" in path]


def test_a_receiver_that_the_chip_cannot_hold_off_is_refused() -> None:
    text = changed(ABSENT, "[gnss]\nfitted = true")
    floating = text.replace(
        "power_active_level = 1\nexternal_pull_ohm = 100_000",
        "power_active_level = 1\nexternal_pull_ohm = 0",
    )
    assert floating != text
    with pytest.raises(BoardError, match=r"\[gnss\] needs 'external_pull_ohm'"):
        boards.parse(BOARD_ID, floating)
