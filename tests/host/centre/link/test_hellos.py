"""Which hellos are answered."""

from badge.core.codec import wire
from nabij.centre.link.hellos import MOST, WINDOW_MS, Hellos, Verdict

KEY, OTHER = bytes(32), bytes(range(32))


def hello(count: int, boot: int = 1, badge: str = "anna") -> wire.Hello:
    return wire.Hello(badge, boot, count, "0.1.0", 60, None, (), *wire.NOWHERE)


def test_a_hello_that_is_not_later_than_the_last_is_a_replay() -> None:
    hellos = Hellos()
    for count, boot, verdict in (
        (3, 1, Verdict.ANSWER),
        (3, 1, Verdict.REPLAY),
        (2, 1, Verdict.REPLAY),
        (4, 1, Verdict.ANSWER),
        (1, 2, Verdict.ANSWER),
        (9, 1, Verdict.REPLAY),
    ):
        assert hellos.judge(hello(count, boot), KEY, 0) is verdict
    assert hellos.judge(hello(1), OTHER, 0) is Verdict.ANSWER
    assert hellos.judge(hello(1, badge="bert"), KEY, 0) is Verdict.ANSWER


def test_a_badge_that_says_hello_without_end_is_answered_now_and_then() -> None:
    hellos = Hellos()
    answered = [
        at_ms
        for at_ms in range(30_000)
        if hellos.judge(hello(at_ms + 1), KEY, at_ms) is Verdict.ANSWER
    ]
    assert len(answered) == 3 * MOST
    assert hellos.judge(hello(1, badge="bert"), KEY, 29_999) is Verdict.ANSWER
    assert hellos.judge(hello(1 << 20), KEY, 29_999 + WINDOW_MS) is Verdict.ANSWER
