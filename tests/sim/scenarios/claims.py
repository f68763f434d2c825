"""What a story can claim in `then`, each word with its own check; all stories owe _ALWAYS too."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from badge.core.alarm import kinds
from badge.core.codec import wire
from badge.core.wearer.feedback import SIGNALS
from nabij.centre.incidents.merge import What
from nabij.event_lines import LoggedEvent
from sim.options import option
from sim.options.option import NEEDED, Option, OptionError, meant
from tests.sim import known
from tests.sim.scenarios.receiver import incidents_of, news_of
from tests.sim.scenarios.story import Story, Told

_MS: Final = 1000


@dataclass(frozen=True)
class Claim:
    """One word of `then`: what it says of a story that was lived, the values it can have.

    `words` are those that its own value, or each of them, must be among; `more` its arguments.
    """

    holds: Callable[[Told, Any, dict[str, Any]], None]
    more: tuple[Any, ...] = ()
    words: Collection[Any] | None = None


def validate(story: Story) -> None:
    """OptionError for a claim that no story can make, or that could only ever hold."""
    for claim in story.then:
        (word, said), *rest = claim.items()
        whose = f"The claim {word!r} of '{story.id}'"
        if word not in CLAIMS:
            raise OptionError(f"{whose} is none: {meant(word, CLAIMS)}")
        for one in said if isinstance(said, (list, dict)) else [said]:
            words = CLAIMS[word].words
            if words is not None and one not in words:
                raise OptionError(f"{whose} names {one!r}: {meant(one, map(str, words))}")
        if CLAIMS[word].more is _FIELDS:
            for name, _ in rest:
                if name not in known.fields():
                    raise OptionError(f"{whose} names {name!r}: {meant(name, known.fields())}")
        else:
            option.check(CLAIMS[word].more, dict(rest), whose)


def check(told: Told) -> None:
    """Fail with the claim that does not hold."""
    validate(told.story)
    for claim in (*told.story.then, *({name: True} for name in _ALWAYS)):
        (word, said), *rest = claim.items()
        try:
            CLAIMS[word].holds(told, said, dict(rest))
        except AssertionError as error:
            raise AssertionError(f"{told.story.id}: not true: {claim} {error}") from error


def _incidents(told: Told, names: list[str], _more: Any) -> None:
    """Exactly these alarms, one incident each, reached the receiver, in this order."""
    assert _kinds_at_the_receiver(told) == names


def _receiver_has(told: Told, names: list[str], _more: Any) -> None:
    """The real receiver, shown every frame at its time, has these incidents at the end."""
    assert incidents_of(told) == names, incidents_of(told)


def _receiver_tells(told: Told, what: list[str], _more: Any) -> None:
    """The listeners of the real receiver are told this, in this order."""
    assert news_of(told) == what


def _raised(told: Told, kind: str, limits: dict[str, float]) -> None:
    """An alarm of this kind is durable between `after_s` and `before_s` of the story."""
    at_s = _first(told, "alarm.durable", kind=kind, state="RAISED").ticks_ms / _MS
    assert limits.get("after_s", 0) <= at_s <= limits.get("before_s", float("inf"))


def _pre_alarm(told: Told, kind: str, limits: dict[str, float]) -> None:
    """A pre-alarm of this kind begins between `after_s` and `before_s`."""
    at_s = _first(told, "alarm.opened", kind=kind, state="PRE_ALARM").ticks_ms / _MS
    assert limits.get("after_s", 0) <= at_s <= limits.get("before_s", float("inf"))


def _ends(told: Told, states: dict[str, str], _more: Any) -> None:
    """The last state that the badge gave to an alarm of each kind."""
    for kind, state in states.items():
        last = [event for event in told.events if event.fields.get("kind") == kind][-1]
        assert last.fields["state"] == state, f"{kind} ends in {last.fields['state']}"


def _felt(told: Told, patterns: list[str], _more: Any) -> None:
    """These patterns are felt in this order; others may come in between."""
    felt = [event.fields["pattern"] for event in told.events if event.what == "haptic"]
    rest = iter(felt)
    assert all(pattern in rest for pattern in patterns), f"felt {felt}"


def _not_felt(told: Told, patterns: list[str], _more: Any) -> None:
    """None of these patterns is felt."""
    felt = {event.fields["pattern"] for event in told.events if event.what == "haptic"}
    assert not felt & set(patterns)


def _felt_within_s(told: Told, limit_s: float, more: dict[str, Any]) -> None:
    """A pattern is felt at most so long after `from_s`."""
    first = _first(told, "haptic", pattern=more["pattern"])
    assert 0 <= first.ticks_ms / _MS - more["from_s"] <= limit_s


def _told(told: Told, flags: list[str], _more: Any) -> None:
    """The receiver has learnt each of these flags of the wire about some alarm, in any order."""
    for flag in flags:
        assert _seen_flags(told) & getattr(wire, "FLAG_" + flag), f"was not told {flag}"


def _not_told(told: Told, flags: list[str], _more: Any) -> None:
    """The receiver has learnt none of these flags."""
    for flag in flags:
        assert not _seen_flags(told) & getattr(wire, "FLAG_" + flag)


def _no_alarm(told: Told, _said: bool, _more: Any) -> None:
    """Not even a pre-alarm: nothing but self-tests and deadlines, no incident at the receiver."""
    opened = [event.fields["state"] for event in told.events if event.what == "alarm.opened"]
    assert set(opened) <= {"REPORT", "WAITING"}
    _incidents(told, [], {})


def _logged(told: Told, what: str, fields: dict[str, str]) -> None:
    """The badge's log has this event, with these fields."""
    _first(told, what, **fields)


def _not_logged(told: Told, what: str, fields: dict[str, str]) -> None:
    """The badge's log has no such event."""
    assert not _all(told, what, **fields)


def _durable_within_ms(told: Told, limit_ms: int, more: dict[str, Any]) -> None:
    """From the end of the gesture at `from_s` to the record on flash."""
    durable = _first(told, "alarm.durable", state="RAISED")
    assert 0 <= durable.ticks_ms - more["from_s"] * _MS <= limit_ms


def _technical(told: Told, names: list[str], _more: Any) -> None:
    """The receiver got these technical messages, which are no incidents of a person."""
    found = [f for f in told.facts if f.get("remote") == "technical"]
    assert [kinds.of(fact["kind"]).name for fact in found] == names


def _heard(told: Told, _said: bool, _more: Any) -> None:
    """The buzzer sounded, and ended silent."""
    sounds = [fact["buzzer"] for fact in told.facts if "buzzer" in fact]
    assert any(sounds)
    assert not sounds[-1]


def _pre_alarm_at_most_s(told: Told, limit_s: float, _more: Any) -> None:
    """From the first thing felt of a pre-alarm to its alarm on flash."""
    began = _first(told, "alarm.opened", state="PRE_ALARM")
    raised = next(e for e in _all(told, "alarm.durable", state="RAISED") if e.alarm == began.alarm)
    assert 0 < (raised.ticks_ms - began.ticks_ms) / _MS <= limit_s


def _starts(told: Told, times: int, _more: Any) -> None:
    """How often the badge started."""
    assert len(_all(told, "boot")) == times


def _dark_and_silent(told: Told, _said: bool, _more: Any) -> None:
    """In the discreet profile no light or sound pin ever moves."""
    if told.story.given["profile"] == "discreet":
        assert not [fact for fact in told.facts if "buzzer" in fact or "led" in fact]


def _stays_armed(told: Told, _said: bool, _more: Any) -> None:
    """No task died, none starved."""
    assert not _all(told, "supervisor.crash")
    assert not _all(told, "supervisor.starving")


def _config_accepted(told: Told, _said: bool, _more: Any) -> None:
    """The badge runs with the settings of the story, and not with defaults in their place."""
    profile = told.story.given["profile"]
    assert _all(told, "config", profile=profile)
    assert not _all(told, "config.refused")


def _nothing_floats(told: Told, _said: bool, _more: Any) -> None:
    """No pin is without a level while the chip sleeps, and no sleep cuts anything off."""
    assert not [fact for fact in told.facts if "sleep" in fact and "for_ms" not in fact]


def _durable_before_sent(told: Told, _said: bool, _more: Any) -> None:
    """No alarm is sent before its record is on flash, unless flash itself failed."""
    durable = {event.alarm for event in told.events if event.what == "journal.failed"}
    for event in told.events:
        if event.what == "alarm.durable":
            durable.add(event.alarm)
        elif event.what == "alarm.sending":
            assert event.alarm in durable, f"{event.alarm} was sent before it was durable"


def _one_incident_each(told: Told, _said: bool, _more: Any) -> None:
    """However often an alarm is sent, the receiver has it once."""
    # The receiver inside the simulator forgets when that is started anew.
    if len(told.run.exit_codes) == 1:
        keys = _incident_keys(told)
        assert len(keys) == len(set(keys))


_SIGNALS: Final = tuple(row[0] for row in SIGNALS)
_SPAN: Final = (
    Option("after_s", "ms", 0, "not before"),
    Option("before_s", "ms", None, "nor after"),
)
_FROM: Final = (Option("from_s", "ms", NEEDED, "of the story"),)
_PATTERN: Final = (Option("pattern", _SIGNALS, NEEDED, "which"), *_FROM)
# Arguments are fields of the log's line, whichever it has.
_FIELDS: Final = (Option("fields", "table", {}, "of the event"),)
# What only ever is claimed to be so.
_YES: Final = (True,)
_KINDS: Final = frozenset(one.name for one in kinds.TABLE)
# The receiver's own, which no badge sends.
_RECEIVED: Final = _KINDS | {"quiet"}
_FLAGS: Final = frozenset(
    name.removeprefix("FLAG_") for name in vars(wire) if name.startswith("FLAG_")
)

CLAIMS: Final[dict[str, Claim]] = {
    "incidents": Claim(_incidents, words=_KINDS),
    "receiver_has": Claim(_receiver_has, words=_RECEIVED),
    "receiver_tells": Claim(_receiver_tells, words=frozenset(map(str, What))),
    "raised": Claim(_raised, _SPAN, words=_KINDS),
    "pre_alarm": Claim(_pre_alarm, _SPAN, words=_KINDS),
    "ends": Claim(_ends, words=_KINDS),
    "felt": Claim(_felt, words=_SIGNALS),
    "not_felt": Claim(_not_felt, words=_SIGNALS),
    "felt_within_s": Claim(_felt_within_s, _PATTERN),
    "told": Claim(_told, words=_FLAGS),
    "not_told": Claim(_not_told, words=_FLAGS),
    "no_alarm": Claim(_no_alarm, words=_YES),
    "logged": Claim(_logged, _FIELDS, words=known.events()),
    "not_logged": Claim(_not_logged, _FIELDS, words=known.events()),
    "durable_within_ms": Claim(_durable_within_ms, _FROM),
    "technical": Claim(_technical, words=_KINDS),
    "heard": Claim(_heard, words=_YES),
    "pre_alarm_at_most_s": Claim(_pre_alarm_at_most_s),
    "starts": Claim(_starts),
    "dark_and_silent": Claim(_dark_and_silent, words=_YES),
    "stays_armed": Claim(_stays_armed, words=_YES),
    "config_accepted": Claim(_config_accepted, words=_YES),
    "nothing_floats": Claim(_nothing_floats, words=_YES),
    "durable_before_sent": Claim(_durable_before_sent, words=_YES),
    "one_incident_each": Claim(_one_incident_each, words=_YES),
}
_ALWAYS: Final = (
    "config_accepted",
    "dark_and_silent",
    "stays_armed",
    "nothing_floats",
    "durable_before_sent",
    "one_incident_each",
)


def _all(told: Told, what: str, **fields: Any) -> list[LoggedEvent]:
    return [
        event
        for event in told.events
        if event.what == what
        and all(event.fields.get(name) == str(value) for name, value in fields.items())
    ]


def _first(told: Told, what: str, **fields: Any) -> LoggedEvent:
    found = _all(told, what, **fields)
    assert found, f"{told.story.id}: the log has no {what} with {fields}"
    return found[0]


def _kinds_at_the_receiver(told: Told) -> list[str]:
    names = {
        (fact["boot"], fact["seq"]): kinds.of(fact["kind"]).name
        for fact in reversed(told.facts)
        if fact.get("remote") == "incident"
    }
    return [names[key] for key in dict.fromkeys(_incident_keys(told))]


def _incident_keys(told: Told) -> list[tuple[int, int]]:
    return [(f["boot"], f["seq"]) for f in told.facts if f.get("remote") == "incident"]


def _seen_flags(told: Told) -> int:
    seen = 0
    for fact in told.facts:
        if "remote" in fact:
            seen |= fact.get("flags", 0)
    return seen
