"""What a gateway sends up is no flood, however many call."""

from nabij.gateway.pace import FRAMES, Pace


def test_frames_go_up_at_a_pace_that_is_no_flood() -> None:
    now_s = [1_000.0]
    pace = Pace(lambda: now_s[0])
    assert sum(pace.may_send() for _ in range(1_000)) == FRAMES
    now_s[0] += 60
    assert sum(pace.may_send() for _ in range(1_000)) == FRAMES
    now_s[0] += 1
    assert pace.may_send()
