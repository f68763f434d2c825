"""Every route of the console with what it asks for: the one table of who may do what where."""

from dataclasses import dataclass
from typing import Final

from nabij.centre.console import incident_answers as incidents
from nabij.centre.console import location_answers as locations
from nabij.centre.console import people_answers as people
from nabij.centre.console import place_answers as places
from nabij.centre.console import plan_answers as plans
from nabij.centre.console import register_answers as registers
from nabij.centre.console import webhook_answers as webhooks
from nabij.centre.console.account_models import (
    AccountAsked,
    AccountChanged,
    Accounts,
    Invitation,
    Me,
    OwnLocation,
)
from nabij.centre.console.asking import Handle
from nabij.centre.console.guard import MOST_BODY
from nabij.centre.console.models import (
    Asked,
    Audit,
    Badges,
    Claimed,
    Closed,
    ConsentAsked,
    Done,
    GiveBack,
    HandOut,
    HandOver,
    Health,
    IncidentDetail,
    LinkAsked,
    LinkMade,
    Note,
    Nothing,
    People,
    PersonAsked,
    PersonItem,
    Queue,
    Replace,
    SiteAsked,
    SiteItem,
    TeamAsked,
    TeamItem,
)
from nabij.centre.console.place_models import Motion, MotionAsked, PictureAsked, PositionAsked
from nabij.centre.console.plan_models import Begun, Plans, PlansAsked, PlanText, Practice
from nabij.centre.console.register_models import OwnRegister, Register
from nabij.centre.console.webhook_answers import (
    WebhookAsked,
    WebhookChanged,
    WebhookMade,
    Webhooks,
)
from nabij.centre.people.roles import May


@dataclass(frozen=True)
class Json:
    """Takes and gives JSON; `handle` runs in a transaction on the database's thread.

    `is_queue`: the same for all who see the same teams, so that it is made once for each change.
    """

    handle: Handle
    gives: type
    takes: type[Asked] = Nothing
    is_queue: bool = False


@dataclass(frozen=True)
class Page:
    """A page that fetches what it shows; `template` is its file."""

    template: str


@dataclass(frozen=True)
class Own:
    """Answered by a method of that name of centre/console/entry.py or live.py."""

    method: str
    gives: type | None = None


@dataclass(frozen=True)
class Route:
    """`may` is what whoever asks must be allowed to do; a body has at most `most_body` bytes."""

    method: str
    path: str
    may: May
    answer: Json | Page | Own
    most_body: int = MOST_BODY


_I: Final = "/api/incidents/{incident}"
ROUTES: Final = (
    # Without a log-in.
    Route("GET", "/login", May.LOG_IN, Own("login_page")),
    Route("POST", "/login", May.LOG_IN, Own("log_in")),
    Route("POST", "/login/passkey/begin", May.LOG_IN, Own("ask_passkey")),
    Route("POST", "/login/passkey", May.LOG_IN, Own("log_in_by_passkey")),
    Route("GET", "/invite/{token}", May.LOG_IN, Own("invitation_page")),
    Route("POST", "/invite/{token}", May.LOG_IN, Own("accept_invitation")),
    Route("GET", "/language/{language}", May.LOG_IN, Own("language")),
    Route("GET", "/assets/{name}", May.LOG_IN, Own("asset")),
    # One incident, by a token; and the key by which its file is checked.
    Route("GET", "/i/{token}", May.LOG_IN, Own("shared_incident")),
    Route("GET", "/incidents.pem", May.LOG_IN, Own("incident_key")),
    # Whoever is logged in.
    Route("GET", "/", May.BE_HERE, Own("home")),
    Route("GET", "/account", May.BE_HERE, Own("account_page")),
    Route("POST", "/account/second-factor", May.BE_HERE, Own("set_second_factor")),
    Route("GET", "/api/passkeys", May.BE_HERE, Own("passkeys_of_account")),
    Route("POST", "/api/passkeys/begin", May.BE_HERE, Own("begin_passkey")),
    Route("POST", "/api/passkeys", May.BE_HERE, Own("keep_passkey")),
    Route("DELETE", "/api/passkeys/{passkey}", May.BE_HERE, Own("remove_passkey")),
    Route("POST", "/logout", May.BE_HERE, Own("log_out")),
    Route("GET", "/api/me", May.BE_HERE, Json(people.me, Me)),
    Route("GET", "/api/openapi.json", May.BE_HERE, Own("openapi")),
    Route("GET", "/api/health", May.SEE_INCIDENTS, Own("health", Health)),
    Route("GET", "/api/audit/own", May.SEE_OWN_AUDIT, Json(people.own_audit, Audit)),
    Route(
        "GET", "/api/location/own", May.SEE_OWN_AUDIT, Json(locations.own_location, OwnLocation)
    ),
    # Incidents.
    Route("GET", "/queue", May.SEE_INCIDENTS, Page("queue.html")),
    Route("GET", "/incidents/{incident}", May.SEE_INCIDENTS, Page("incident.html")),
    Route("GET", "/api/stream", May.SEE_INCIDENTS, Own("stream")),
    Route("GET", "/api/queue", May.SEE_INCIDENTS, Json(incidents.queue, Queue, is_queue=True)),
    Route("GET", _I, May.SEE_INCIDENTS, Json(incidents.detail, IncidentDetail)),
    Route("POST", f"{_I}/claim", May.HANDLE_INCIDENTS, Json(incidents.claim, Done, Claimed)),
    Route("POST", f"{_I}/give-back", May.HANDLE_INCIDENTS, Json(incidents.give_back, Done)),
    Route(
        "POST", f"{_I}/hand-over", May.HANDLE_INCIDENTS, Json(incidents.hand_over, Done, HandOver)
    ),
    Route("POST", f"{_I}/inform", May.HANDLE_INCIDENTS, Json(incidents.inform, Done)),
    Route("POST", f"{_I}/note", May.HANDLE_INCIDENTS, Json(incidents.note, Done, Note)),
    Route("POST", f"{_I}/help", May.HANDLE_INCIDENTS, Json(incidents.help_coming, Done)),
    Route("POST", f"{_I}/close", May.HANDLE_INCIDENTS, Json(incidents.close, Done, Closed)),
    Route(
        "POST",
        f"{_I}/position",
        May.HANDLE_INCIDENTS,
        Json(places.note_position, Done, PositionAsked),
    ),
    Route("GET", f"{_I}/motion", May.SEE_INCIDENTS, Json(places.motion, Motion)),
    Route(
        "PUT", f"{_I}/motion", May.HANDLE_INCIDENTS, Json(places.note_motion, Done, MotionAsked)
    ),
    Route(
        "POST", f"{_I}/links", May.HANDLE_INCIDENTS, Json(incidents.make_link, LinkMade, LinkAsked)
    ),
    Route(
        "DELETE", f"{_I}/links/{{link}}", May.HANDLE_INCIDENTS, Json(incidents.revoke_link, Done)
    ),
    Route("GET", "/incidents/{incident}/file/{kind}", May.SEE_INCIDENTS, Own("incident_file")),
    Route("GET", "/sites/{site}/picture", May.SEE_INCIDENTS, Own("site_picture")),
    # Badges and who wears them.
    Route("GET", "/badges", May.SEE_BADGES, Page("badges.html")),
    Route("GET", "/api/badges", May.SEE_BADGES, Json(people.badges, Badges)),
    Route("POST", "/api/badges/hand-out", May.HAND_OUT, Json(people.hand_out, Done, HandOut)),
    Route("POST", "/api/badges/give-back", May.HAND_OUT, Json(people.give_back, Done, GiveBack)),
    Route("POST", "/api/badges/replace", May.HAND_OUT, Json(people.replace, Done, Replace)),
    # People.
    Route("GET", "/people", May.SEE_PEOPLE, Page("people.html")),
    Route("GET", "/api/people", May.SEE_PEOPLE, Json(people.people, People)),
    Route(
        "POST", "/api/people", May.CHANGE_PEOPLE, Json(people.add_person, PersonItem, PersonAsked)
    ),
    Route(
        "PUT",
        "/api/people/{person}",
        May.CHANGE_PEOPLE,
        Json(people.change_person, PersonItem, PersonAsked),
    ),
    Route("POST", "/api/people/{person}/leave", May.CHANGE_PEOPLE, Json(people.leave, Done)),
    Route("POST", "/api/teams", May.CHANGE_ACCOUNTS, Json(people.add_team, TeamItem, TeamAsked)),
    Route(
        "PUT",
        "/api/sites/{site}/picture",
        May.CHANGE_ACCOUNTS,
        Json(places.keep_picture, Done, PictureAsked),
        most_body=1_400_000,
    ),
    Route("POST", "/api/sites", May.CHANGE_ACCOUNTS, Json(people.add_site, SiteItem, SiteAsked)),
    Route(
        "PUT",
        "/api/sites/{site}",
        May.CHANGE_ACCOUNTS,
        Json(people.change_site, SiteItem, SiteAsked),
    ),
    # The employer's register.
    Route("GET", "/register", May.SEE_REGISTER, Page("register.html")),
    Route("GET", "/api/register", May.SEE_REGISTER, Json(registers.register, Register)),
    Route(
        "GET",
        "/api/register/own",
        May.SEE_OWN_AUDIT,
        Json(registers.own_register, OwnRegister),
    ),
    # Plans and drills.
    Route("GET", "/plans", May.SEE_PLANS, Page("plans.html")),
    Route("GET", "/api/plans", May.SEE_PLANS, Json(plans.plans, Plans)),
    Route("GET", "/api/plans/text", May.CHANGE_PLANS, Json(plans.text, PlanText)),
    Route("PUT", "/api/plans", May.CHANGE_PLANS, Json(plans.change, Done, PlansAsked)),
    Route("POST", "/api/plans/{plan}/drill", May.DRILL, Json(plans.drill, Begun)),
    Route("POST", "/api/practice", May.DRILL, Json(plans.practise, Begun, Practice)),
    # Accounts.
    Route("GET", "/accounts", May.SEE_ACCOUNTS, Page("accounts.html")),
    Route("GET", "/api/accounts", May.SEE_ACCOUNTS, Json(people.all_accounts, Accounts)),
    Route(
        "POST",
        "/api/accounts",
        May.CHANGE_ACCOUNTS,
        Json(people.add_account, Invitation, AccountAsked),
    ),
    Route(
        "PUT",
        "/api/accounts/{account}",
        May.CHANGE_ACCOUNTS,
        Json(people.change_account, Done, AccountChanged),
    ),
    Route(
        "POST",
        "/api/accounts/{account}/invite",
        May.CHANGE_ACCOUNTS,
        Json(people.invite, Invitation),
    ),
    Route(
        "POST",
        "/api/consent",
        May.CHANGE_ACCOUNTS,
        Json(people.note_consent, Done, ConsentAsked),
    ),
    Route("GET", "/api/webhooks", May.CHANGE_ACCOUNTS, Json(webhooks.webhooks, Webhooks)),
    Route(
        "POST",
        "/api/webhooks",
        May.CHANGE_ACCOUNTS,
        Json(webhooks.add, WebhookMade, WebhookAsked),
    ),
    Route(
        "PUT",
        "/api/webhooks/{webhook}",
        May.CHANGE_ACCOUNTS,
        Json(webhooks.change, Done, WebhookChanged),
    ),
    Route("DELETE", "/api/webhooks/{webhook}", May.CHANGE_ACCOUNTS, Json(webhooks.remove, Done)),
    Route("GET", "/api/audit", May.SEE_AUDIT, Json(people.whole_audit, Audit)),
)
