"""What the JSON API takes and gives: checked by msgspec, and described by it for OpenAPI.

Times are ms since 1970 UTC. What is not known is null, never left out.
"""

import datetime as dt
from typing import Annotated

from msgspec import Meta, Struct

from nabij.centre.console.where_models import PictureItem, PlaceItem

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=1000)]
LongText = Annotated[str, Meta(max_length=4000)]
Id = Annotated[int, Meta(ge=1, le=2_147_483_647)]


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody asks; a field that is not known is refused."""


class Nothing(Asked, frozen=True):
    """A request that says all by its address."""


class Claimed(Asked, frozen=True):
    """To have an incident for so many minutes."""

    minutes: Annotated[int, Meta(ge=1, le=60)] = 15


class HandOver(Asked, frozen=True):
    """To give an incident to another account."""

    to: Name


class Note(Asked, frozen=True):
    """A note; `contact` says that the wearer was spoken to."""

    text: Annotated[str, Meta(min_length=1, max_length=1000)]
    contact: bool = False


class Closed(Asked, frozen=True):
    """To close an incident: why, in a word and in a sentence."""

    reason: Annotated[str, Meta(pattern="^(helped|false_alarm|technical|drill|other)$")]
    note: Annotated[str, Meta(min_length=1, max_length=900)]


class HandOut(Asked, frozen=True):
    """To give a badge to a person, from who has it now (null for nobody)."""

    badge: Name
    person_id: Id
    had_by: Id | None = None


class GiveBack(Asked, frozen=True):
    """A badge comes back."""

    badge: Name


class Replace(Asked, frozen=True):
    """A lost badge, and the one in its place."""

    lost: Name
    instead: Name


class ContactModel(Asked, frozen=True):
    """Whom to call, and how."""

    name: Name
    reach: Name


class ChannelModel(Asked, frozen=True):
    """A way to a person. The address is a secret: "kept" leaves the one that is known."""

    name: Annotated[str, Meta(min_length=1, max_length=32)]
    url: Annotated[str, Meta(min_length=1, max_length=1000)]


class AwayModel(Asked, frozen=True):
    """Days on which somebody else is called: by their name in plans, empty for nobody."""

    first: dt.date
    last: dt.date
    stand_in: Annotated[str, Meta(max_length=32)] = ""


class Calls(Asked, frozen=True):
    """How plans call a person: by which name (empty for not at all), when and by what."""

    key: Annotated[str, Meta(max_length=32)] = ""
    zone: Annotated[str, Meta(max_length=100)] = ""
    quiet: Annotated[str, Meta(max_length=100)] = ""
    channels: Annotated[list[ChannelModel], Meta(max_length=20)] = []
    away: Annotated[list[AwayModel], Meta(max_length=50)] = []


class PersonAsked(Asked, frozen=True):
    """What a person is to be, with all their contacts, first to be called first.

    `calls`: how plans call them; null leaves that as it is.
    """

    name: Name
    team_id: Id | None = None
    language: Annotated[str, Meta(pattern="^(en|nl)$")] = "en"
    phone: Annotated[str, Meta(max_length=100)] = ""
    note: LongText = ""
    action_plan: LongText = ""
    wears: bool = True
    contacts: Annotated[list[ContactModel], Meta(max_length=20)] = []
    calls: Calls | None = None


class TeamAsked(Asked, frozen=True):
    """A new team."""

    name: Name
    site_id: Id | None = None
    action_plan: LongText = ""


class ConsentAsked(Asked, frozen=True):
    """The works council's consent: the day on which it was given, and where that is written."""

    on_date: dt.date
    reference: str


class SiteAsked(Asked, frozen=True):
    """What a site is to be; `zone` is the IANA name of its time zone."""

    name: Name
    address: LongText = ""
    note: LongText = ""
    zone: Annotated[str, Meta(max_length=64)] = ""


class Done(Struct, frozen=True):
    """It is so now."""

    done: bool = True


class Refused(Struct, frozen=True):
    """Why it is not so, in a sentence."""

    error: str


class QueueItem(Struct, frozen=True):
    """An open incident. `kind` is a word for scripts, `words` for people.

    `needs`: a person has to see to it now. `again`: why it came back ("reopened", "worse",
    "duress", "due again"), empty if it did not. `heard_ms`: when the badge was last heard.
    `group`: a key that badges share which went quiet together, empty for all else. `drill`: nobody
    is in need, to its end.
    """

    id: int
    badge: str
    wearer: str
    person_id: int | None
    team: str
    site: str
    address: str
    kind: str
    words: str
    priority: int
    state: str
    duress: bool
    false_alarm: bool
    raised_ms: int
    received_ms: int
    age_at_least: bool
    heard_ms: int | None
    battery_percent: int | None
    on_shift: bool
    path: str
    owner: str
    owned_until_ms: int | None
    informed: list[str]
    needs: bool
    again: str
    group: str
    drill: bool


class Queue(Struct, frozen=True):
    """The open incidents in the order in which a person should see to them.

    `event` is the number of the last event that is in it.
    """

    now_ms: int
    event: int
    items: list[QueueItem]


class Line(Struct, frozen=True):
    """One thing that happened to an incident; `words` are for people, with `given` filled in."""

    at_ms: int
    what: str
    by: str
    text: str
    given: dict[str, str] = {}
    words: str = ""


class LinkItem(Struct, frozen=True):
    """A link by which somebody outside opens the incident; `good`: it does so now."""

    id: int
    whom: str
    by: str
    made_ms: int
    until_ms: int
    good: bool


class LinkAsked(Asked, frozen=True):
    """A link to an incident, and for whom it is."""

    whom: Name


class LinkMade(Struct, frozen=True):
    """The path of a new link, shown once, and until when it is good."""

    path: str
    until_ms: int


class IncidentDetail(Struct, frozen=True):
    """An incident, whom it is about, and all that was done.

    `places` are in the order of their times; `first` are those of them that are said first, and
    `position` is the best, null when none was sent or noted. `cells_by`: whose data circles of
    cells are made of, `places_trouble`: why there are none. `motion_ms` is when the motion was
    noted, null when it was not. `told` is the state that the wearer's badge may know of.
    `may_call_false`: a contact with the wearer is on record and nobody forces them.
    """

    now_ms: int
    item: QueueItem
    closed: bool
    told: str
    may_call_false: bool
    lines: list[Line]
    action_plan: str
    phone: str
    note: str
    contacts: list[ContactModel]
    position: PlaceItem | None
    first: list[PlaceItem]
    places: list[PlaceItem]
    cells_by: str
    places_trouble: str
    motion_ms: int | None
    picture: PictureItem | None
    links: list[LinkItem]


class BadgeItem(Struct, frozen=True):
    """A badge and who has it. `protection` in a word (quiet, protected, ...), `why` says more."""

    badge: str
    wearer: str
    person_id: int | None
    team: str
    since_ms: int | None
    protection: str
    why: str
    shift_since_ms: int | None
    shift_until_ms: int | None
    battery_percent: int | None
    open_incidents: int
    revoked: bool


class Badges(Struct, frozen=True):
    """All badges of those that one may see."""

    now_ms: int
    consent: str
    items: list[BadgeItem]


class PersonItem(Struct, frozen=True):
    """A person as the list shows them."""

    id: int
    name: str
    team_id: int | None
    team: str
    language: str
    phone: str
    note: str
    action_plan: str
    wears: bool
    contacts: list[ContactModel]
    calls: Calls


class TeamItem(Struct, frozen=True):
    """A team."""

    id: int
    name: str
    site_id: int | None
    site: str
    action_plan: str


class SiteItem(Struct, frozen=True):
    """A site."""

    id: int
    name: str
    address: str
    note: str
    zone: str


class People(Struct, frozen=True):
    """Those that one may see, and their teams and sites."""

    people: list[PersonItem]
    teams: list[TeamItem]
    sites: list[SiteItem]


class AuditLine(Struct, frozen=True):
    """Who did what, or looked at whom, when."""

    at_ms: int
    by: str
    what: str
    person_id: int | None
    incident_id: int | None
    detail: str


class Audit(Struct, frozen=True):
    """Newest first."""

    lines: list[AuditLine]


class Health(Struct, frozen=True):
    """How the receiver is: `level` as nabij status has it."""

    level: str
    arrives: bool
    sentence: str
    connected: int | None
    on_shift: int | None
    open_incidents: int | None
    troubles: list[str]
