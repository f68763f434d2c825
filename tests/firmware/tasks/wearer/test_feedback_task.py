"""The queue of signals on MicroPython: by urgency, broken off by a squeeze, never too long."""

from badge.core.settings import config
from badge.core.settings.fields import PROFILES
from badge.core.wearer import feedback
from tests.mp import run_mp

FEEDBACK = """
from tests.sim.mp_modem_rig import Echo, Rig
rig = Rig({}, servers=Echo)
import asyncio
from time import ticks_ms
from badge.core.settings import config
from badge.core.wearer import feedback
from badge.tasks.wearer.feedback_task import FeedbackTask
class Output:
    "Notes when it comes on and that it goes off."
    def __init__(self):
        self.playing = 0
        self.lasted = []
    def is_on(self):
        return self.playing > 0
    def off(self):
        self.playing = 0
    async def play(self, steps):
        began = ticks_ms()
        self.playing += 1
        try:
            for step in steps:
                await asyncio.sleep_ms(step[0] + step[1])
        finally:
            self.playing -= 1
            self.lasted.append(ticks_ms() - began)
class Log:
    def event(self, what, **fields):
        print(what, fields["pattern"])
motor, buzzer, led = Output(), Output(), Output()
task = FeedbackTask(motor, buzzer, led, feedback.plan(config.defaults("pna11")), Log())
async def main():
    asyncio.create_task(task.run(lambda: None))
    %s
asyncio.run(main())
"""


def lines(script: str) -> list[str]:
    return run_mp(FEEDBACK % script.replace("\n", "\n    ")).splitlines()


def test_what_waits_is_played_by_urgency_and_once() -> None:
    assert lines(
        "for name in ('PROTECTED', 'LOW_BATTERY', 'TAKEN', 'TAKEN', 'PRE_ALARM', 'RAISED'):"
        "\n    task.feel(name)"
        "\nawait asyncio.sleep_ms(20_000)"
        "\nprint(motor.is_on(), buzzer.is_on(), led.is_on(), task.is_on())"
    ) == [
        "haptic RAISED",
        "haptic PRE_ALARM",
        "haptic TAKEN",
        "haptic LOW_BATTERY",
        "haptic PROTECTED",
        "False False False False",
    ]


def test_what_is_not_true_any_more_is_not_said_when_its_turn_comes() -> None:
    assert lines(
        "task.feel('NOT_PROTECTED')"
        "\nawait asyncio.sleep_ms(300)"
        "\ntask.feel('NOT_DELIVERED')"
        "\ntask.feel('RECEIVED', 'NOT_DELIVERED')"
        "\ntask.feel('RAISED', 'NOT_DELIVERED')"
        "\nawait asyncio.sleep_ms(10_000)"
    ) == ["haptic NOT_PROTECTED", "haptic RAISED", "haptic RECEIVED"]


def test_a_squeeze_breaks_off_motor_buzzer_and_light() -> None:
    found = lines(
        "task.feel('NOT_DELIVERED')"
        "\nawait asyncio.sleep_ms(300)"
        "\ntask.feel('RAISED')"
        "\nawait asyncio.sleep_ms(10)"
        "\nprint(motor.is_on(), buzzer.is_on(), led.is_on())"
        "\nawait asyncio.sleep_ms(5000)"
        "\nprint(motor.lasted[0] < 350, buzzer.lasted[0] < 350, led.lasted[0] < 350)"
    )
    assert found == [
        "haptic NOT_DELIVERED",
        "False False False",
        "haptic RAISED",
        "True True True",
    ]


def test_of_too_many_the_least_urgent_is_dropped_and_never_an_alarm() -> None:
    tells = "'ARMED', 'LIMITED', 'NOT_WORN', 'AMBER_ENDED', 'SHIFT_ENDED', 'TEST_PASSED'"
    found = lines(
        f"for name in ({tells}, 'HELP_COMING', 'CHECK_IN_DUE'):"
        "\n    task.feel(name)"
        "\nawait asyncio.sleep_ms(30_000)"
    )
    assert found[:2] == ["haptic.dropped TEST_PASSED", "haptic.dropped SHIFT_ENDED"]
    assert found[2:4] == ["haptic HELP_COMING", "haptic CHECK_IN_DUE"]


def test_a_signal_that_never_ends_is_a_task_that_dies_and_says_of_what() -> None:
    """It would keep the watchdog fed for ever, and nothing would be felt any more."""
    hangs = FEEDBACK.replace("asyncio.create_task(task.run(lambda: None))", "pass").replace(
        "    %s",
        """
    async def hang(steps):
        await asyncio.Event().wait()
    motor.play = hang
    task.feel("LIMITED")
    try:
        await task.run(lambda: None)
    except RuntimeError as error:
        print(error, ticks_ms() < 13_000)
    await asyncio.sleep_ms(1000)
    print(buzzer.is_on(), led.is_on())""",
    )
    assert run_mp(hangs).splitlines() == [
        "haptic LIMITED",
        "LIMITED does not end True",
        "False False",
    ]


def test_every_signal_is_over_long_before_it_would_be_taken_for_one_that_hangs() -> None:
    for profile in PROFILES:
        for name, feeling in feedback.plan(config.defaults(profile)).items():
            for steps in (feeling.pulses, feeling.tones, feeling.blinks):
                assert sum(step[0] + step[1] for step in steps or ()) < 8_000, name


def test_a_motor_that_turns_while_nothing_plays_is_told_to_stop_again() -> None:
    assert lines(
        "await asyncio.sleep_ms(500)\nmotor.playing = 1\nawait asyncio.sleep_ms(2_500)"
        "\nprint(motor.is_on())"
    ) == ["False"]
