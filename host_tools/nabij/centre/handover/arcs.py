"""The alarm centres to which incidents are handed over, as a TOML file has them.

A key is a secret: it is written as KEPT, and KEPT is read as the one that is known.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import tomlkit

from nabij.centre.handover import codes
from nabij.centre.handover.codes import Code
from nabij.centre.handover.frame import ADM_CID, KEY_SIZES, SIA_DCS
from nabij.errors import UsageError

KEPT: Final = "kept"
# Longest time until a path that failed is known, in seconds, by category of EN 50136-1. From
# memory, not from its text: what holds is in the contract with the centre.
SUPERVISION_S: Final[Mapping[str, int]] = {
    "none": 0,
    "SP2": 90_000,
    "SP3": 1_800,
    "SP4": 180,
    "SP5": 90,
    "SP6": 20,
}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_BADGE: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_ACCOUNT: Final = re.compile(r"[0-9A-F]{3,16}")
_ADDRESS: Final = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_MOST_HOLD_S: Final = 600
_MOST_ZONE: Final = 999
_LEAST_S, _MOST_S = 10, 90_000
_KEYS: Final = frozenset(
    (
        *("addresses", "account", "protocol", "key", "supervision", "when", "hold_s", "technical"),
        "link",
    )
)
# What stands in a frame has no brackets, and all of it has to fit.
_LINK: Final = re.compile(r"https://[A-Za-z0-9._~-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
_LONGEST_LINK: Final = 80


class When(StrEnum):
    """An incident is handed over at once, or when nobody answered of all who were called."""

    AT_ONCE = "at_once"
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Zone:
    """By which account and zone a centre knows a badge."""

    account: str
    number: int


@dataclass(frozen=True)
class Arc:
    """An alarm receiving centre. `addresses`: (host, port), the primary one first.

    People are not called before `hold_s` are over, in which the centre may acknowledge; 0 for
    both at the same time. `supervision_s` is the longest pause between two messages, 0 for none.
    `link`: where its operators reach our console; empty for an alarm without a link to it.
    """

    name: str
    addresses: tuple[tuple[str, int], ...]
    account: str
    protocol: str = SIA_DCS
    key: bytes = field(default=b"", repr=False)
    supervision_s: int = 0
    when: When = When.AT_ONCE
    hold_s: int = 0
    technical: bool = False
    link: str = ""
    badges: Mapping[str, Zone] = field(default_factory=dict)
    codes: Mapping[str, Code] = field(default_factory=dict)

    def code(self, name: str) -> Code:
        """What stands for that event at this centre."""
        return self.codes.get(name, codes.DEFAULTS[name])


def read(text: str, known: Mapping[str, bytes]) -> list[Arc]:
    """The centres of a file; UsageError that names what is wrong. `known` has the keys of KEPT."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"This is no TOML ({error}): mend the file.") from error
    tables = document.pop("arcs", {})
    if document or not isinstance(tables, dict):
        raise UsageError("A file of alarm centres has tables [arcs.NAME] and nothing else.")
    found = [of_table(name, table, known) for name, table in tables.items()]
    badges: dict[str, str] = {}
    for arc in found:
        for badge in arc.badges:
            if badge in badges:
                raise UsageError(
                    f"Badge {badge} is of {badges[badge]} and of {arc.name}: name it once."
                )
            badges[badge] = arc.name
        _check_test(arc)
    return found


def of_table(name: str, table: object, known: Mapping[str, bytes]) -> Arc:
    """One centre; UsageError that names what is wrong."""
    where = f"arc {name}"
    if not _NAME.fullmatch(name) or not isinstance(table, dict):
        raise UsageError(f"'{name}' is no name of a centre: 1 to 32 of a-z, 0-9, - and _.")
    unknown = table.keys() - _KEYS - {"badges", "codes"}
    if unknown:
        raise UsageError(f"{where} has the unknown {', '.join(sorted(unknown))}: remove it.")
    account = _text(where, table, "account", _ACCOUNT, "3 to 16 of 0-9 and A-F")
    protocol = table.get("protocol", "sia-dcs")
    if protocol not in {"sia-dcs", "adm-cid"}:
        raise UsageError(f"protocol of {where} is '{protocol}': give sia-dcs or adm-cid.")
    when = table.get("when", str(When.AT_ONCE))
    if when not in [str(one) for one in When]:
        raise UsageError(f"when of {where} is '{when}': give one of {', '.join(When)}.")
    hold_s = table.get("hold_s", 0)
    if type(hold_s) is not int or not 0 <= hold_s <= _MOST_HOLD_S:
        raise UsageError(f"hold_s of {where} is {hold_s}: give 0 to {_MOST_HOLD_S}.")
    if hold_s and when != When.AT_ONCE:
        raise UsageError(f"hold_s of {where} needs when = 'at_once': nobody waits for it else.")
    technical = table.get("technical", False)
    if not isinstance(technical, bool):
        raise UsageError(f"technical of {where} is not of the right sort: true or false.")
    return Arc(
        name=name,
        addresses=_addresses(where, table.get("addresses")),
        account=account,
        protocol=SIA_DCS if protocol == "sia-dcs" else ADM_CID,
        key=_key(where, table.get("key", ""), known.get(name, b"")),
        supervision_s=_supervision(where, table.get("supervision", "none")),
        when=When(when),
        hold_s=hold_s,
        technical=technical,
        link=_link(where, table.get("link", "")),
        badges=_badges(where, table.get("badges", {}), account),
        codes=_codes(where, table.get("codes", {})),
    )


def to_table(arc: Arc) -> dict[str, Any]:
    """What `of_table` makes the same centre of; the key is KEPT."""
    table: dict[str, Any] = {
        "addresses": [
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in arc.addresses
        ],
        "account": arc.account,
        "protocol": arc.protocol.lower(),
        "supervision": arc.supervision_s or "none",
        "when": str(arc.when),
        "hold_s": arc.hold_s,
        "technical": arc.technical,
    }
    if arc.key:
        table["key"] = KEPT
    if arc.link:
        table["link"] = arc.link
    table["badges"] = {
        badge: {"account": zone.account, "zone": zone.number} for badge, zone in arc.badges.items()
    }
    table["codes"] = {
        name: {"sia": code.sia, "restore": code.restore, "cid": code.cid}
        for name, code in arc.codes.items()
    }
    return table


def write(arcs: list[Arc]) -> str:
    """A file that `read` takes."""
    return tomlkit.dumps({"arcs": {arc.name: to_table(arc) for arc in arcs}})


def _check_test(arc: Arc) -> None:
    """A drill must be no alarm, and with Contact ID the code is all that says so."""
    test, others = arc.code(codes.TEST), codes.DEFAULTS.keys() - {codes.TEST}
    for name in sorted(others):
        other = arc.code(name)
        if {test.sia, test.restore} & {other.sia, other.restore} or test.cid == other.cid:
            raise UsageError(
                f"test of arc {arc.name} has a code of {name}: give it one of its own, or a drill "
                "is an alarm there."
            )


def _link(where: str, given: object) -> str:
    is_one = isinstance(given, str) and len(given) <= _LONGEST_LINK and _LINK.fullmatch(given)
    if given and not is_one:
        raise UsageError(
            f"link of {where} is not right: give https://NAME:PORT of the console, of at most "
            f"{_LONGEST_LINK} characters."
        )
    return str(given).rstrip("/")


def _text(where: str, table: Mapping[str, Any], key: str, shape: re.Pattern[str], how: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise UsageError(f"{key} of {where} is not right: give {how} in quotes.")
    return value


def _addresses(where: str, given: object) -> tuple[tuple[str, int], ...]:
    found = []
    for one in given if isinstance(given, list) else ():
        match = _ADDRESS.fullmatch(one) if isinstance(one, str) else None
        if match is None or not 0 < int(match[2]) < 65536:
            raise UsageError(f"'{one}' of {where} is no address: give HOST:PORT.")
        found.append((match[1].strip("[]"), int(match[2])))
    if not found:
        raise UsageError(f'{where} has no addresses: give ["HOST:PORT"], the back-up after it.')
    return tuple(found)


def _key(where: str, given: object, known: bytes) -> bytes:
    if given == KEPT:
        if not known:
            raise UsageError(f"The key of {where} is not known here: give its hex digits.")
        return known
    try:
        key = bytes.fromhex(given) if isinstance(given, str) else b"?"
    except ValueError:
        key = b"?"
    if key and len(key) not in KEY_SIZES:
        raise UsageError(f"key of {where} is none: give 32, 48 or 64 hex digits, or leave it out.")
    return key


def _supervision(where: str, given: object) -> int:
    if isinstance(given, str) and given in SUPERVISION_S:
        return SUPERVISION_S[given]
    if type(given) is int and _LEAST_S <= given <= _MOST_S:
        return given
    raise UsageError(
        f"supervision of {where} is {given}: give {', '.join(SUPERVISION_S)}, or "
        f"{_LEAST_S} to {_MOST_S} seconds."
    )


def _badges(where: str, given: object, account: str) -> dict[str, Zone]:
    if not isinstance(given, dict):
        raise UsageError(f"badges of {where} has to be a table: BADGE = zone.")
    found: dict[str, Zone] = {}
    taken: set[Zone] = set()
    for badge, wanted in given.items():
        table = {"zone": wanted} if type(wanted) is int else wanted
        if not isinstance(table, dict) or table.keys() - {"zone", "account"}:
            raise UsageError(f"Badge {badge} of {where} is not right: give its zone.")
        number, own = table.get("zone"), table.get("account", account)
        if not _BADGE.fullmatch(badge) or type(number) is not int or not 0 < number <= _MOST_ZONE:
            raise UsageError(f"Badge {badge} of {where} has no zone from 1 to {_MOST_ZONE}.")
        if not isinstance(own, str) or not _ACCOUNT.fullmatch(own):
            raise UsageError(f"account of badge {badge} is not right: 3 to 16 of 0-9 and A-F.")
        zone = Zone(own, number)
        if zone in taken:
            raise UsageError(f"Two badges of {where} have zone {number}: number them apart.")
        found[badge] = zone
        taken.add(zone)
    return found


def _codes(where: str, given: object) -> dict[str, Code]:
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise UsageError(f"codes of {where} has to be tables: [arcs.NAME.codes.sos].")
    found = {}
    for name, table in given.items():
        before = codes.DEFAULTS.get(name, codes.DEFAULTS[codes.FALLBACK])
        unknown = table.keys() - {"sia", "restore", "cid"}
        if unknown:
            raise UsageError(f"{name} of {where} has the unknown {', '.join(sorted(unknown))}.")
        sia, restore = table.get("sia", before.sia), table.get("restore", before.restore)
        cid = table.get("cid", before.cid)
        if not isinstance(sia, str) or not isinstance(restore, str) or type(cid) is not int:
            raise UsageError(f"{name} of {where} is not right: sia and restore are texts.")
        found[name] = codes.checked(name, sia, restore, cid)
    return found
