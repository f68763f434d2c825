"""The ways of a drawn life and who is near, and the bad moments of modem, WLAN, SMS and broker."""

import random
from typing import Any, Final

from nabij.virtual.badge import Fact
from tests.sim.lives import at
from tests.sim.sms_lives import NUMBER
from tests.sim.weather_record import SQUEEZE_MS, STORM_MS, Blows, Network, Wearer
from tests.sim.wlan_badge import NAME, PASSWORD

OTHERS: Final = ("b.example", "c.example")
_SMS_SHARE, _GNSS_SHARE, _RELAY_SHARE = 0.15, 0.12, 0.08
# From the end of a squeeze to its first message, less the way of that.
_SENT_MS: Final = 1_500


def drawn(draw: random.Random, wearer: Wearer) -> Network:
    """The ways of one badge; a colleague calls about the time at which its wearer does."""
    uplinks: tuple[str, ...] = draw.choice([("modem",)] * 8 + [("wlan",), ("modem", "wlan")])
    has_modem, has_wlan = "modem" in uplinks, "wlan" in uplinks
    profile = draw.choice(["discreet", "pna11"])
    settings: Fact = {"profile": profile, "shift_test": profile == "pna11" or draw.random() < 0.2}
    words: set[str] = set()
    if has_wlan:
        words.add("WLAN beside a modem" if has_modem else "WLAN alone")
        settings |= {"wlan_networks": f"{NAME}={PASSWORD}", "wlan_beside_modem": True}
    more_addresses = draw.choice(["", f"{OTHERS[0]} {OTHERS[1]}:9000"])
    settings["more_addresses"] = more_addresses
    remote = _remote(draw, words, has_others=bool(more_addresses) and has_modem)
    # What an answer to a tap rests on.
    remote["observe_frames"] = "a tap" in wearer.words
    modem = wlan = None
    if has_modem:
        modem = _modem(draw, words) | {"remote": remote}
        if draw.random() < _SMS_SHARE:
            modem["sms"] = _sms(draw, words)
            settings |= {"sms_to": NUMBER, "sms_after_s": draw.choice([5, 15, 25])}
        if draw.random() < _GNSS_SHARE:
            words.add("GNSS")
            modem["gnss"] = {
                "sky": draw.choice(["open", "open", "indoors"]),
                "crash_ms": draw.choice([None, None, None, 500, 20_000]),
            }
            settings |= {"gnss": True, "gnss_anyway_s": draw.choice([0, 120])}
    if has_wlan:
        wlan = _wlan(draw) | ({} if has_modem else {"remote": remote})
    ble, near = _near(draw, words, wearer.calls_ms)
    return Network(
        uplinks=uplinks,
        modem=modem,
        wlan=wlan,
        ble=ble,
        settings=settings | near,
        words=frozenset(words),
    )


def blows(draw: random.Random, network: Network, wearer: Wearer) -> Blows:
    """What happens to modem, WLAN and badge at single moments of the storm."""
    words: set[str] = set()
    choices: list[tuple[str, Fact]] = [("stall", {"ms": draw.randrange(50, 900)})]
    if network.modem is not None:
        choices += [
            ("modem", {"what": "power_loss"}),
            ("modem", {"what": "hang_up"}),
            ("modem", {"what": "hang"}),
            ("modem", {"what": "deny", "for_ms": draw.randrange(1_000, 60_000)}),
            ("modem", {"what": "unasked"}),
            ("modem", {"what": "cell", "ci": draw.randrange(1, 1 << 20)}),
            ("modem", {"what": "noise", "hex": draw.randbytes(draw.randrange(1, 40)).hex()}),
            ("modem", {"what": "lose", **_bytes(draw)}),
            ("modem", {"what": "spoil", **_bytes(draw)}),
        ]
    if network.wlan is not None:
        choices += [("wlan_drop", {})] * 4
    found = [
        at(draw.randrange(2_000, STORM_MS), do, **more)
        for do, more in draw.choices(choices, k=draw.randrange(6))
    ]
    if network.modem is not None and draw.random() < 0.4:
        found += _aimed(draw, network, wearer, words)
    if draw.random() < 0.15:
        words.add("the badge starts again")
        # At any time, or as an alarm is under way.
        near_ms = draw.choice(wearer.calls_ms) + SQUEEZE_MS + draw.randrange(12_000)
        at_ms = draw.choice([draw.randrange(5_000, STORM_MS), min(near_ms, STORM_MS)])
        found.append(at(_outside(at_ms, wearer), "brownout"))
    return Blows(found, frozenset(words))


def _modem(draw: random.Random, words: set[str]) -> Fact:
    options: Fact = {
        "rtt_ms": draw.choice([60, 200, 600, 1500, 3000]),
        "loss": draw.choice([0, 0, 0.02, 0.1, 0.25]),
        "seed": draw.randrange(1, 65536),
        "boot_ms": draw.choice([2_500, 2_500, 8_000]),
        "command_ms": draw.choice([5, 5, 5, 60]),
        "gives_up_ms": draw.choice([10_000, 10_000, 30_000]),
        "register_ms": draw.choice([1000, 2000, 10_000, 40_000]),
        "registration": draw.choice([1, 1, 1, 5]),
        "rrc_ms": draw.choice([0, 0, 300, 2_000]),
        "nat_ms": draw.choice([0, 0, 30_000, 70_000, 200_000]),
        "no_coverage_ms": _spans(draw, 3, 120_000),
        "denied_ms": _spans(draw, 2, 60_000),
        "unasked": draw.random() < 0.3,
        "psm": draw.random() < 0.2,
        "hollow_bearers": draw.choice([0, 0, 0, 1, 2]),
        "ri_lead_ms": draw.choice([0, 0, 20]),
    }
    _note(
        words,
        {
            "delay": options["rtt_ms"] > 1_000,
            "loss": options["loss"],
            "NAT expiry": options["nat_ms"],
            "registration loss": options["no_coverage_ms"],
            "denial": options["denied_ms"],
        },
    )
    if draw.random() < 0.2:
        words.add("clock jumps")
        options["wrong_time_ms"] = _spans(draw, 2, 100_000)
        options["wrong_by_s"] = draw.choice([-86_400 * 30, -7200, 90, 86_400 * 3])
    return options


def _remote(draw: random.Random, words: set[str], *, has_others: bool) -> Fact:
    remote: Fact = {
        "refuse_connects": draw.choice([0, 0, 1, 4]),
        "refuse_subscriptions": draw.choice([0, 0, 0, 1]),
        "ignore_connects": draw.choice([0, 0, 0, 0, 1]),
        "receipt_delay_ms": draw.choice([0, 0, 1000, 8000]),
        "then": draw.choice([[], [[2, 20_000]], [[2, 5_000], [3, 60_000]]]),
        "poison": draw.choice(
            ["none", "none", "none", "long", "topic", "rubbish", "qos2", "rude"]
        ),
        "motion": draw.choice(["kept", "kept", "refused", "none"]),
        "again_ms": draw.choice([0] * 5 + [20, 3_000, 40_000]),
        "late_ms": draw.choice([0] * 5 + [1_000, 15_000]),
        "offset_quarters": draw.choice([None, None, 4, 52]),
    }
    if draw.random() < 0.2:
        remote["drop_at_packet"] = draw.randrange(2, 14)
    if draw.random() < 0.3:
        remote["away_ms"] = _spans(draw, 4, 40_000)
    elif has_others and draw.random() < 0.5:
        # The first address is gone and does not come back: the others have to do.
        words.add("addresses failing over")
        remote |= {"away_ms": [[draw.randrange(STORM_MS), 10**9]], "away_host": "localhost"}
    _note(
        words,
        {
            "duplication on MQTT": remote["again_ms"],
            "reordering on MQTT": remote["late_ms"],
            "brokers restarting": remote.get("away_ms"),
        },
    )
    return remote


def _sms(draw: random.Random, words: set[str]) -> Fact:
    sms: dict[str, Any] = {
        "send_ms": draw.choice([1_000, 2_000, 8_000, 25_000]),
        "delay_ms": draw.choice([1_000, 3_000, 30_000]),
        "late_ms": draw.choice([0, 0, 25_000]),
        "again": draw.choice([0, 0, 1, 2]),
        "refuse": draw.choice([0, 0, 1]),
        "lost": draw.choice([0, 0, 1]),
        "hang": draw.choice([0, 0, 0, 1]),
        "sends": draw.random() < 0.5,
        "foreign": draw.choice([0, 0, 3, 10]),
        "indicates": draw.random() < 0.8,
        "ready_ms": draw.choice([1_000, 1_000, 60_000]),
        "receipts": draw.random() < 0.8,
    }
    words.add("SMS")
    _note(words, {"duplication on SMS": sms["again"], "reordering on SMS": sms["late_ms"]})
    return sms


def _wlan(draw: random.Random) -> Fact:
    return {
        "name": NAME,
        "password": PASSWORD,
        "join_ms": draw.choice([500, 1_500, 8_000]),
        "rtt_ms": draw.choice([10, 60, 600]),
        "loss": draw.choice([0, 0, 0.02, 0.1]),
        "seed": draw.randrange(1, 65536),
        "no_coverage_ms": _spans(draw, 3, 90_000),
        "ntp": draw.random() < 0.7,
    }


def _near(draw: random.Random, words: set[str], calls_ms: list[int]) -> tuple[Fact | None, Fact]:
    """Options of BLE, or None, and the settings for it."""
    has_gateway, relays = draw.random() < 0.3, draw.random() < _RELAY_SHARE
    if not has_gateway and not relays:
        return None, {}
    ble: Fact = {
        "gateway": has_gateway,
        "away_ms": _spans(draw, 3, 60_000),
        "rtt_ms": draw.choice([60, 120, 2_000, 15_000]),
        "copies": draw.choice([0, 0, 1, 2]),
        "again": draw.choice([0, 0, 1]),
        "rubbish": draw.choice([0, 0, 2]),
        "loses_events": draw.random() < 0.2,
    }
    settings: Fact = {"ble_after_s": draw.choice([10, 30]) if has_gateway else 0}
    if has_gateway:
        # What comes by BLE was sent before what went by the link meanwhile.
        _note(
            words,
            {
                "BLE gateways coming and going": ble["away_ms"],
                "duplication on BLE": ble["copies"] or ble["again"],
                "reordering on BLE": ble["rtt_ms"] > 1_000,
            },
        )
    if relays:
        words.add("a colleague who calls")
        start_ms = max(0, calls_ms[0] + draw.randrange(-40_000, 40_000))
        ble |= {
            "calls_ms": [[start_ms, start_ms + draw.randrange(20_000, 200_000)]],
            "caller_does": draw.choice(["calls"] * 4 + ["vanishes", "hangs", "rubbish"]),
        }
        settings["relay_scan_s"] = draw.choice([10, 30])
    return ble, settings


def _aimed(draw: random.Random, network: Network, wearer: Wearer, words: set[str]) -> list[Fact]:
    """Resets of the modem in states of it that are drawn, not at times that are."""
    assert network.modem is not None
    modem = network.modem
    rtt_ms, boot_ms = modem["rtt_ms"], modem["boot_ms"]
    # What was observed, and between which times after it the state is.
    states: dict[str, tuple[Fact, int, int]] = {
        "starting": ({"modem": "on"}, 0, boot_ms),
        "registering": ({"modem": "on"}, boot_ms, boot_ms + modem["register_ms"]),
        "attaching": ({"modem": "registration", "stat": modem["registration"]}, 0, rtt_ms + 500),
        "TLS": ({"modem": "open", "result": 0}, 0, 3 * rtt_ms + 500),
        "CONNECT": ({"remote": "connected"}, 0, rtt_ms // 2 + 20),
        "SUBACK": ({"remote": "connected"}, rtt_ms // 2, 2 * rtt_ms + 50),
        "waiting for the receipt": (
            {"remote": "incident"},
            0,
            rtt_ms + modem["remote"]["receipt_delay_ms"],
        ),
    }
    always = [*states, "publishing"]
    if "gnss" in modem:
        states["GNSS window"] = ({"gnss": "on"}, 0, 50_000)
        always += ["GNSS window"] * 4
    if "sms" in modem:
        states["sending SMS"] = ({"sms": "submitted"}, 0, modem["sms"]["send_ms"])
        always += ["sending SMS"] * 4
    found = []
    for state in draw.choices(always, k=draw.choice([1, 1, 2])):
        words.add(f"modem reset: {state}")
        what = draw.choice(["power_loss", "power_loss", "power_loss", "hang"])
        if state == "publishing":
            # What has left is on its way: so just before it, too.
            at_ms = wearer.calls_ms[-1] + _SENT_MS + draw.randrange(-200, rtt_ms // 2 + 100)
            found.append(at(at_ms, "modem", what=what))
            continue
        once, from_ms, to_ms = states[state]
        found.append(
            {
                "once": once,
                "nth_time": draw.choice([1, 1, 2, 3]),
                "later_ms": draw.randrange(from_ms, to_ms + 1),
                "before_ms": STORM_MS,
                "do": "modem",
                "what": what,
            }
        )
    return found


def _spans(draw: random.Random, most: int, longest_ms: int) -> list[list[int]]:
    """At most so many spans of the storm, one after the other."""
    spans: list[list[int]] = []
    from_ms = 0
    for _ in range(draw.randrange(most + 1)):
        start_ms = from_ms + draw.randrange(60_000)
        end_ms = min(start_ms + draw.randrange(1_000, longest_ms), STORM_MS)
        if start_ms >= end_ms:
            break
        spans.append([start_ms, end_ms])
        from_ms = end_ms + 1_000
    return spans


def _outside(at_ms: int, wearer: Wearer) -> int:
    """Not within a gesture: one that the badge does not see to its end is none."""
    for one in sorted(wearer.events, key=lambda one: float(one["at_ms"])):
        begins_ms = one["at_ms"]
        if begins_ms - 1_000 < at_ms < begins_ms + one.get("ms", 0) + 1_000:
            at_ms = begins_ms + one.get("ms", 0) + 1_000
    return int(at_ms)


def _bytes(draw: random.Random) -> Fact:
    return {"byte": draw.randrange(1, 400), "count": draw.randrange(1, 9)}


def _note(words: set[str], is_drawn: dict[str, Any]) -> None:
    """Keep the words of what was drawn."""
    words |= {word for word, drawn in is_drawn.items() if drawn}
