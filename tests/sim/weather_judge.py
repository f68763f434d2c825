"""What must be so in any weather, one rule each: every alarm once, the wearer told, nothing seen.

A rule says in sentences what is wrong with a life; `faults` asks all of them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.event_lines import LoggedEvent, parse_event
from nabij.virtual.badge import BROWNOUT, ENDED, Fact, Run
from tests.sim import known
from tests.sim.weather_record import Weather

Key = tuple[int, int]

_TICKS: Final = 1 << 30
# R18, what feeling it takes (the pattern before it), and a round of the task.
_LATE_MS: Final = 30_000 + 500
_FELT_MS: Final = 4_000
# From the log's word for a signal to the motor.
_TURNS_MS: Final = 300
# What the chip needs until it runs again.
_START_MS: Final = 1_500
# What the receiver says of an alarm that it has, and the signal of each; the last word is felt.
HEARD: Final = ("RECEIVED", "TAKEN", "HELP_COMING")
_RED: Final = frozenset(kind.name for kind in kinds.TABLE if kind.category == kinds.RED)
# What the receiver observes of a frame that it has kept.
_KEPT: Final = frozenset(
    {"incident", "update", "duplicate", "withdrawn", "deadline", "test", "technical"}
)
# And of whatever else passed by the link; what it said may be the same as before.
_PASSED: Final = _KEPT | {"heard", "hello", "connected", "said"}
# From what is heard to the motor, behind what it does at the time.
_CUT_MS: Final = 2_000
# A ping, its way, and what the badge takes for heard just now.
_FRESH_MS: Final = 15_000


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the badge's log at world time `at_ms`, or a fact of the world; in order."""

    at_ms: float
    event: LoggedEvent | None = None
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One life as the rules read it."""

    weather: Weather
    exit_codes: list[int]
    all: list[Told]
    motor_on: list[Fact]

    def said(self, what: str, **fields: str) -> list[Told]:
        """Events of the log of this name, with these fields; only what the firmware can tell."""
        assert what in known.events(), f"the firmware logs no {what!r}"
        return [
            one
            for one in self.all
            if one.event is not None
            and one.event.what == what
            and all(one.event.fields.get(name) == value for name, value in fields.items())
        ]

    def facts(self, name: str) -> list[Fact]:
        """What the world told under this name."""
        return [one.fact for one in self.all if one.fact is not None and name in one.fact]

    def raised(self) -> dict[Key, float]:
        """When each alarm of a person was first on flash as raised."""
        found: dict[Key, float] = {}
        for one in self.said("alarm.durable", state="RAISED"):
            if _fields(one)["kind"] in _RED:
                found.setdefault(_key(one), one.at_ms)
        return found


def faults(weather: Weather, run: Run) -> list[str]:
    """What went wrong, a sentence each; empty when nothing did."""
    story = _story(weather, run)
    return [why for rule in RULES for why in rule(story)]


def ended_well(story: Story) -> Iterator[str]:
    """Each start ends as the scenario says, no task dies."""
    blown = sum(one.get("do") == "brownout" for one in story.weather.events)
    if story.exit_codes != [BROWNOUT] * blown + [ENDED]:
        yield f"its starts ended with {story.exit_codes}"
    for one in story.said("supervisor.crash") + story.said("supervisor.starving"):
        yield f"a task died or hung: {_fields(one)}"
    for fact in story.facts("irq"):
        if fact["irq"] == "raised":
            yield f"an interrupt handler raised: {fact}"


def calls_opened(story: Story) -> Iterator[str]:
    """Each squeeze is an alarm of its own, and a fall that nobody took back is one."""
    wearer, raised = story.weather.wearer, story.raised()
    squeezed = {_key(one) for one in story.said("alarm.durable", state="RAISED", kind="sos")}
    if len(squeezed) != wearer.squeezes:
        yield f"{wearer.squeezes} squeezes raised {sorted(squeezed)}"
    # A start in the middle of a fall takes from it what the badge had felt.
    is_cut = any(one["do"] in ("brownout", "stall") for one in story.weather.events)
    is_automatic = wearer.walks_ms is not None or "torn off" in story.weather.words
    if is_automatic and not wearer.takes_back and not raised and not is_cut:
        yield "a fall, or a lanyard torn off, raised nothing"


def arrived_once(story: Story) -> Iterator[str]:
    """The receiver has every alarm that was raised, one incident each, and no other."""
    raised, begun = set(story.raised()), set[Key]()
    for one in story.said("alarm.durable", state="WAITING"):
        # The receiver may find that a deadline has passed before the badge can tell.
        begun.add(_key(one))
    own, since = Counter[Key](), Counter[Key]()
    for fact in _ordered(story, "boot", "remote"):
        if "boot" in fact and "remote" not in fact:
            # The receiver inside the simulator forgets with the badge's own process.
            since.clear()
        elif fact["remote"] == "incident" and fact["badge"] != "colleague":
            key = fact["boot"], fact["seq"]
            own[key] += 1
            since[key] += 1
            if since[key] > 1:
                yield f"more than one incident of {key}"
    if lost := raised - set(own):
        yield f"lost: {sorted(lost)}"
    if extra := set(own) - raised - begun:
        yield f"incidents that nobody raised: {sorted(extra)}"


def colleague_once(story: Story) -> Iterator[str]:
    """What was carried for a colleague is one incident too."""
    counts = Counter[str]()
    for fact in _ordered(story, "boot", "remote", "caller"):
        if "boot" in fact and "remote" not in fact:
            counts.clear()
        elif fact.get("remote") == "incident" and fact["badge"] == "colleague":
            counts["incident"] += 1
        elif fact.get("caller") == "told" and not counts["incident"]:
            yield "a colleague was told of an alarm that the receiver does not have"
    if counts["incident"] > 1:
        yield f"{counts['incident']} incidents of a colleague's alarm"


def taken_back_as_meant(story: Story) -> Iterator[str]:
    """What was cancelled or called false arrives so, and under duress if and only if it was."""
    wanted = {"CANCEL": wire.FLAG_CANCELLED, "END": wire.FLAG_CANCELLED}
    wanted["FALSE_ALARM"] = wire.FLAG_FALSE_ALARM
    is_forced = story.weather.wearer.is_forced
    for event, flag in wanted.items():
        for one in story.said("alarm.state", event=event):
            if event != "FALSE_ALARM" and _fields(one)["state"] != "WITHDRAWN":
                # A test that is given up is nothing that the receiver has to hear of.
                continue
            flags = [
                fact.get("flags", 0)
                for fact in story.facts("remote")
                if fact["remote"] in _KEPT
                and (fact["boot"], fact["seq"]) == _key(one)
                and fact["t_ms"] >= one.at_ms
            ]
            told = [one for one in flags if one & flag]
            if not told:
                yield f"{event} of {_key(one)} did not arrive"
            if any(bool(one & wire.FLAG_DURESS) != is_forced for one in told):
                yield f"{event} of {_key(one)} arrived with flags {told}, forced: {is_forced}"


def receipts_came(story: Story) -> Iterator[str]:
    """The badge hears of each alarm that the receiver has it."""
    heard = {_key(one) for state in HEARD for one in story.said("alarm.status", state=state)}
    # Of what was called false the badge keeps the answers to itself.
    quiet = {_key(one) for one in story.said("alarm.state", event="FALSE_ALARM")}
    if deaf := set(story.raised()) - heard - quiet:
        yield f"no receipt reached the badge of {sorted(deaf)}"


def told_in_time(story: Story) -> Iterator[str]:
    """Within 30 s of each alarm the wearer feels that it arrived, or that it did not yet."""
    news = {"NOT_DELIVERED": story.said("alarm.state", event="LATE")}
    news |= {state: story.said("alarm.status", state=state) for state in HEARD}
    quiet = {
        _key(one): one.at_ms for one in reversed(story.said("alarm.state", event="FALSE_ALARM"))
    }
    starts_ms = [one.at_ms for one in story.all if one.fact and _is_start(one.fact)]
    for key, raised_ms in story.raised().items():
        from_ms = raised_ms
        for at_ms in starts_ms:
            # What was not told before the chip lost its power is counted anew.
            if from_ms < at_ms <= from_ms + _LATE_MS:
                from_ms = at_ms + _START_MS
        told = [
            (one.at_ms, signal)
            for signal, all_of_it in news.items()
            for one in all_of_it
            if _key(one) == key and raised_ms <= one.at_ms <= from_ms + _LATE_MS
        ]
        if not told:
            if key not in quiet or quiet[key] > from_ms + _LATE_MS:
                yield f"nothing was known of {key} from {from_ms} to {from_ms + _LATE_MS} ms"
            continue
        if key in quiet and quiet[key] < min(told)[0]:
            # The badge keeps to itself what comes after that.
            continue
        heard_ms = max(told)[0]
        if any(heard_ms < at_ms <= heard_ms + _CUT_MS for at_ms in starts_ms):
            # Cut before it was felt. It is when the receiver says it again, and this one forgets.
            continue
        if not any(_is_felt(story, signal, at_ms) for at_ms, signal in told):
            yield f"of {key} {sorted(told)} was known, and not felt"


def nothing_untrue(story: Story) -> Iterator[str]:
    """Nothing is said as delivered, taken or tested that the receiver does not have by then."""
    has: dict[Key, set[str]] = {}
    has_test = False
    raised: set[Key] = set()
    heard, felt = Counter[str](), Counter[str]()
    for one in story.all:
        if one.fact is not None:
            if (what := one.fact.get("remote")) in _KEPT:
                has.setdefault((one.fact["boot"], one.fact["seq"]), set()).add(what)
                has_test = has_test or what == "test"
            continue
        assert one.event is not None
        fields = one.event.fields
        if one.event.what == "alarm.durable" and fields["state"] == "RAISED":
            raised.add(_key(one))
        elif one.event.what == "alarm.status":
            heard[fields["state"]] += 1
            kept = has.get(_key(one), set())
            # The deadline that it was before is not the alarm that it is.
            if not kept or (_key(one) in raised and "incident" not in kept):
                yield f"{fields['state']} of {_key(one)}, of which the receiver has {kept}"
        elif one.event.what == "haptic":
            pattern = fields["pattern"]
            felt[pattern] += 1
            if pattern in HEARD and felt[pattern] > heard[pattern]:
                yield f"{pattern} was felt at {one.at_ms} ms, and not heard of"
            if pattern == "TEST_PASSED" and not has_test:
                yield f"TEST_PASSED was felt at {one.at_ms} ms before the receiver had a test"


def protected_by_evidence(story: Story) -> Iterator[str]:
    """Nobody is told to be protected unless badge or receiver heard the other just before."""
    way = story.weather.modem or story.weather.wlan or {}
    remote = way["remote"]
    # The badge counts from when an answer is there: at most the round trip later.
    fresh_ms = _FRESH_MS + way["rtt_ms"] + remote["late_ms"] + remote["receipt_delay_ms"]
    heard_ms: list[float] = [-fresh_ms]
    for one in story.all:
        what = one.event.what if one.event is not None else None
        is_told = what in ("alarm.status", "alarm.unknown")
        if is_told or (one.fact and one.fact.get("remote") in _PASSED):
            heard_ms.append(one.at_ms)
        elif what == "protected":
            is_old = one.at_ms - heard_ms[-1] > fresh_ms
            if is_old and _fields(one)["verdict"] == "yes":
                yield f"protected at {one.at_ms} ms, last heard of at {heard_ms[-1]} ms"


def nothing_betrayed(story: Story) -> Iterator[str]:
    """A discreet badge is never seen or heard."""
    if story.weather.settings["profile"] != "discreet":
        return
    for fact in story.facts("led") + story.facts("buzzer"):
        yield f"it was seen or heard: {fact}"


RULES: Final[tuple[Callable[[Story], Iterator[str]], ...]] = (
    ended_well,
    calls_opened,
    arrived_once,
    colleague_once,
    taken_back_as_meant,
    receipts_came,
    told_in_time,
    nothing_untrue,
    protected_by_evidence,
    nothing_betrayed,
)


def _story(weather: Weather, run: Run) -> Story:
    told = []
    for line in run.lines:
        if line.fact is not None:
            told.append(Told(line.fact.get("t_ms", 0.0), fact=line.fact))
        elif (event := parse_event(line.text)) is not None:
            # Ticks wrap; they go on over a start, as the simulator's do.
            at_ms = (event.ticks_ms - weather.ticks_offset_ms) % _TICKS
            told.append(Told(at_ms, event=event))
    motor_on = [fact for fact in run.facts if fact.get("motor")]
    return Story(weather, run.exit_codes, told, motor_on)


def _is_felt(story: Story, signal: str, from_ms: float) -> bool:
    """Soon, or news of more in its place."""
    last = HEARD.index(signal) if signal in HEARD else -1
    signals = {signal, *HEARD[max(last, 0) :]}
    return any(
        _fields(one)["pattern"] in signals and from_ms - 50 <= one.at_ms <= from_ms + _FELT_MS
        for one in story.said("haptic")
        if any(0 <= fact["t_ms"] - one.at_ms < _TURNS_MS for fact in story.motor_on)
    )


def _is_start(fact: Fact) -> bool:
    return "boot" in fact and "remote" not in fact


def _ordered(story: Story, *names: str) -> Iterator[Fact]:
    for one in story.all:
        if one.fact is not None and any(name in one.fact for name in names):
            yield one.fact


def _fields(told: Told) -> dict[str, str]:
    assert told.event is not None
    return told.event.fields


def _key(told: Told) -> Key:
    assert told.event is not None
    key = told.event.alarm
    assert key is not None
    return key
