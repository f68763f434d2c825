"""What follows from probes that come back, and from those that do not."""

from nabij.centre.watch.probe import (
    BACK_S,
    EVERY_S,
    FIRST_PAUSE_S,
    FROZEN_S,
    MOST_PAUSE_S,
    SETTLED_S,
    ProbeWatch,
    Stage,
    Verdict,
)


class Day:
    """Looks once a second, as the receiver does; `goes` says what becomes of each probe."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.watch = ProbeWatch(lambda: self.now_s)
        self.goes = "back"
        self.verdict = Verdict(None)
        self.mends: list[int] = []

    def seconds(self, count: float) -> None:
        for _ in range(round(count)):
            self.now_s += 1
            if self.watch.is_due():
                self._send()
            self.verdict = self.watch.look()
            if self.verdict.mend:
                self.mends.append(round(self.now_s))

    def _send(self) -> None:
        token = self.watch.next()
        self.watch.sent(done=self.goes != "nowhere")
        if self.goes in {"back", "refused", "kept"}:
            self.watch.taken(token, kept=self.goes != "refused")
        if self.goes == "back":
            self.watch.back(token)


def test_probes_that_come_back_are_young_and_nothing_is_said() -> None:
    day = Day()
    assert not day.watch.is_young()
    day.seconds(600)
    assert day.watch.is_young()
    assert day.watch.age_s() <= EVERY_S
    assert day.verdict.sentence is None
    assert day.mends == []


def test_each_place_where_a_probe_can_stay_has_its_words() -> None:
    for goes, words in (
        ("nowhere", "does not answer"),
        ("sent", "does not hand it over"),
        ("refused", "the database refuses"),
        ("kept", "receipt does not come back"),
    ):
        day = Day()
        day.seconds(100)
        day.goes = goes
        day.seconds(BACK_S + EVERY_S)
        assert day.verdict.sentence is not None
        assert words in day.verdict.sentence
        assert day.verdict.sentence.startswith("NO ALARM CAN ARRIVE")
        assert not day.watch.is_young()
        day.goes = "back"
        day.seconds(EVERY_S)
        assert day.verdict.sentence is None


def test_it_is_said_within_half_a_minute_and_mended_ever_more_rarely() -> None:
    day = Day()
    day.seconds(100)
    day.goes = "sent"
    began_s = day.now_s
    day.seconds(4 * 3600)
    assert day.mends[0] - began_s <= BACK_S + 1
    pauses = [later - earlier for earlier, later in zip(day.mends, day.mends[1:], strict=False)]
    assert pauses[0] >= FIRST_PAUSE_S
    assert pauses == sorted(pauses)
    assert max(pauses) <= MOST_PAUSE_S + 1


def test_how_far_probes_come_is_told_when_the_newest_had_the_time_for_it() -> None:
    day = Day()
    stages = [day.watch.stage]
    token = day.watch.next()
    day.watch.sent(done=True)
    day.watch.taken(token, kept=True)
    for later_s in (SETTLED_S / 2, SETTLED_S):
        day.now_s += later_s
        stages.append(day.watch.stage)
    day.watch.back(token)
    stages.append(day.watch.stage)
    assert stages == [Stage.NOT_SENT, Stage.NOT_SENT, Stage.KEPT, Stage.BACK]


def test_who_was_frozen_itself_blames_nobody_for_it() -> None:
    day = Day()
    day.seconds(100)
    day.now_s += 3600 + FROZEN_S
    assert day.watch.look().sentence is None
    day.goes = "sent"
    day.seconds(BACK_S - 1)
    assert day.verdict.sentence is None
    day.seconds(3)
    assert day.verdict.sentence is not None


def test_an_older_probe_that_comes_back_late_shows_nothing() -> None:
    day = Day()
    day.seconds(20)
    late = day.watch.next()
    day.goes = "sent"
    day.seconds(BACK_S + EVERY_S)
    day.watch.taken(late, kept=True)
    day.watch.back(late)
    assert not day.watch.is_young()
