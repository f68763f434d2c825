"""Answers about people, badges and accounts."""

import sqlalchemy as sa

from nabij.centre.console import calls, shifts_page
from nabij.centre.console.account_models import (
    AccountAsked,
    AccountChanged,
    AccountItem,
    Accounts,
    Invitation,
    Me,
)
from nabij.centre.console.asking import Ask, NotThereError
from nabij.centre.console.models import (
    Audit,
    AuditLine,
    Badges,
    ConsentAsked,
    ContactModel,
    Done,
    GiveBack,
    HandOut,
    People,
    PersonAsked,
    PersonItem,
    Replace,
    SiteAsked,
    SiteItem,
    TeamAsked,
    TeamItem,
)
from nabij.centre.console.wearers import NOBODY, by_person
from nabij.centre.database import schema
from nabij.centre.escalation.called import read_people
from nabij.centre.escalation.plan import Person as Called
from nabij.centre.incidents import claims
from nabij.centre.people import accounts, assignments, audit, consent, persons
from nabij.centre.people.audit import Entry
from nabij.centre.people.persons import Contact, Person, Site, Team, Wanted
from nabij.centre.people.roles import Role, rights
from nabij.errors import UsageError


def me(ask: Ask) -> Me:
    """Who is logged in."""
    own = ask.visitor.account
    may = sorted(str(one) for one in rights(own.role))
    return Me(own.login, own.name, str(own.role), may, bool(own.totp_secret))


def badges(ask: Ask) -> Badges:
    """Badges and shifts."""
    return shifts_page.build(ask.connection, ask.visitor.sees, ask.now_ms)


def hand_out(ask: Ask) -> Done:
    """Give a badge to a person."""
    asked = ask.of(HandOut)
    _may_touch(ask, asked.person_id)
    if asked.had_by is not None:
        _may_touch(ask, asked.had_by)
    _may_give(ask, asked.badge)
    assignments.hand_out(
        ask.connection, asked.badge, asked.person_id, ask.now_ms, ask.by, had_by=asked.had_by
    )
    return _noted(ask, "handed a badge out", asked.person_id, asked.badge)


def give_back(ask: Ask) -> Done:
    """A badge comes back."""
    badge = ask.of(GiveBack).badge
    person_id = _holder(ask, badge)
    assignments.give_back(ask.connection, badge, ask.now_ms, ask.by)
    return _noted(ask, "took a badge back", person_id, badge)


def replace(ask: Ask) -> Done:
    """Another badge in place of a lost one."""
    asked = ask.of(Replace)
    person_id = _holder(ask, asked.lost)
    _may_give(ask, asked.instead)
    assignments.replace(ask.connection, asked.lost, asked.instead, ask.now_ms, ask.by)
    return _noted(ask, "replaced a lost badge", person_id, f"{asked.lost} by {asked.instead}")


def people(ask: Ask) -> People:
    """The people that one may see."""
    all_, who = persons.present(ask.connection), by_person(ask.connection)
    teams, sites = persons.teams(ask.connection), persons.sites(ask.connection)
    _, called = read_people(ask.connection)
    own = ask.visitor.teams
    names = {one.id: one.name for one in sites}
    theirs = {one.site_id for one in teams if own is not None and one.id in own}
    return People(
        people=[
            _person(ask, one, who[one.id].team, called)
            for one in all_
            if ask.visitor.sees(who[one.id])
        ],
        teams=[
            _team(one, names.get(one.site_id or 0, ""))
            for one in teams
            if own is None or one.id in own
        ],
        sites=[_site(one) for one in sites if own is None or one.id in theirs],
    )


def add_person(ask: Ask) -> PersonItem:
    """A new person."""
    asked = ask.of(PersonAsked)
    _may_use(ask, asked.team_id)
    made = persons.add(ask.connection, _wanted(asked))
    return _with_contacts(ask, made, asked, "added a person")


def change_person(ask: Ask) -> PersonItem:
    """A person is another than before."""
    asked, person_id = ask.of(PersonAsked), ask.number("person")
    _may_touch(ask, person_id)
    _may_use(ask, asked.team_id)
    changed = persons.change(ask.connection, person_id, _wanted(asked))
    calls.rename(ask.connection, person_id)
    return _with_contacts(ask, changed, asked, "changed a person")


def leave(ask: Ask) -> Done:
    """A person leaves."""
    person_id = ask.number("person")
    _may_touch(ask, person_id)
    calls.check_leaves(ask.connection, person_id)
    persons.leave(ask.connection, person_id, ask.now_ms)
    return _noted(ask, "took a person off", person_id)


def add_team(ask: Ask) -> TeamItem:
    """A new team."""
    asked = ask.of(TeamAsked)
    made = persons.add_team(ask.connection, asked.name, asked.site_id, asked.action_plan)
    _noted(ask, "added a team", None, made.name)
    return _team(made, "")


def add_site(ask: Ask) -> SiteItem:
    """A new site."""
    asked = ask.of(SiteAsked)
    made = persons.add_site(ask.connection, asked.name, asked.address, asked.note, asked.zone)
    _noted(ask, "added a site", None, made.name)
    return _site(made)


def change_site(ask: Ask) -> SiteItem:
    """A site is another than before."""
    asked = ask.of(SiteAsked)
    wanted = Site(ask.number("site"), asked.name, asked.address, asked.note, asked.zone)
    made = persons.change_site(ask.connection, wanted)
    _noted(ask, "changed a site", None, made.name)
    return _site(made)


def note_consent(ask: Ask) -> Done:
    """The works council agreed: from then on no banner asks for that."""
    asked = ask.of(ConsentAsked)
    kept = consent.note(ask.connection, asked.on_date, asked.reference, ask.now_ms, ask.by)
    words = f"{kept.on_date}, {kept.reference}"
    return _noted(ask, "noted the works council's consent", None, words)


def all_accounts(ask: Ask) -> Accounts:
    """All accounts."""
    return Accounts([_account(ask, one) for one in accounts.all_of(ask.connection)])


def add_account(ask: Ask) -> Invitation:
    """A new account, and the link that opens it."""
    asked = ask.of(AccountAsked)
    if asked.person_id is not None:
        persons.find(ask.connection, asked.person_id)
    made = accounts.add(
        ask.connection,
        asked.login,
        Role(asked.role),
        ask.now_ms,
        name=asked.name,
        person_id=asked.person_id,
    )
    _set_teams(ask, made.id, asked.teams)
    _noted(ask, "added an account", asked.person_id, f"{made.login}, {made.role}")
    return _invitation(ask, made.id)


def change_account(ask: Ask) -> Done:
    """Another role, other teams, disabled or not."""
    asked, account_id = ask.of(AccountChanged), ask.number("account")
    flags = {} if asked.disabled is None else {"disabled": asked.disabled}
    role = None if asked.role is None else Role(asked.role)
    changed = accounts.change(ask.connection, account_id, role=role, **flags)
    if asked.teams is not None:
        _set_teams(ask, account_id, asked.teams)
    # Whoever is there no more, or may do it no more, has no incident either.
    ask.news.extend(claims.end_all_of(ask.connection, changed.name, ask.now_ms))
    words = f"{changed.login}, {changed.role}{', disabled' if changed.disabled else ''}"
    return _noted(ask, "changed an account", changed.person_id, words)


def invite(ask: Ask) -> Invitation:
    """A link that sets the password of an account anew, as for one that was forgotten."""
    account = accounts.by_id(ask.connection, ask.number("account"))
    if account is None:
        raise NotThereError("There is no such account: look at the list again.")
    _noted(ask, "invited an account", account.person_id, account.login)
    return _invitation(ask, account.id)


def own_audit(ask: Ask) -> Audit:
    """Who looked at oneself, and what was done about one."""
    person_id = ask.visitor.account.person_id
    if person_id is None:
        return Audit([])
    found = audit.newest(ask.connection, person_id=person_id)
    hidden = _hidden(ask.connection)
    return Audit([_line(one) for one in found if one.incident_id not in hidden])


def _hidden(connection: sa.Connection) -> frozenset[int]:
    """What a wearer must not read over whoever forces them: open, or raised under duress."""
    incident = schema.incident.c
    kept = sa.or_(schema.IS_OPEN, incident.duress)
    return frozenset(connection.execute(sa.select(incident.id).where(kept)).scalars())


def whole_audit(ask: Ask) -> Audit:
    """Who did what, and who looked at whom."""
    return Audit([_line(one) for one in audit.newest(ask.connection)])


def _line(one: Entry) -> AuditLine:
    return AuditLine(one.at_ms, one.by, one.what, one.person_id, one.incident_id, one.detail)


def _noted(ask: Ask, what: str, person_id: int | None, words: str = "") -> Done:
    login = ask.visitor.account.login
    audit.add(ask.connection, ask.now_ms, login, what, person_id=person_id, detail=words)
    return Done()


def _is_seen(ask: Ask, person_id: int) -> bool:
    return ask.visitor.sees(by_person(ask.connection).get(person_id, NOBODY))


def _may_touch(ask: Ask, person_id: int) -> None:
    if not _is_seen(ask, person_id):
        raise NotThereError(f"There is no person {person_id}: look at the list again.")


def _may_use(ask: Ask, team_id: int | None) -> None:
    own = ask.visitor.teams
    if own is not None and team_id not in own:
        raise UsageError("Choose one of your own teams for this person.")


def _may_give(ask: Ask, badge: str) -> None:
    """Who has it must not be told to whom they may not be known."""
    found = assignments.now(ask.connection, badge)
    if found is not None and not _is_seen(ask, found.person_id):
        raise UsageError(f"Badge {badge} cannot be given out here: choose another one.")


def _holder(ask: Ask, badge: str) -> int:
    found = assignments.now(ask.connection, badge)
    if found is None or not _is_seen(ask, found.person_id):
        raise UsageError(f"Badge {badge} is with nobody here: look again.")
    return found.person_id


def _wanted(asked: PersonAsked) -> Wanted:
    return Wanted(
        name=asked.name,
        team_id=asked.team_id,
        language=asked.language,
        phone=asked.phone,
        note=asked.note,
        action_plan=asked.action_plan,
        wears=asked.wears,
    )


def _with_contacts(ask: Ask, person: Person, asked: PersonAsked, what: str) -> PersonItem:
    contacts = [Contact(one.name, one.reach) for one in asked.contacts]
    persons.set_contacts(ask.connection, person.id, contacts)
    if asked.calls is not None:
        calls.keep(ask.connection, person.id, person.name, asked.calls)
    _noted(ask, what, person.id)
    kept = persons.find(ask.connection, person.id)
    _, called = read_people(ask.connection)
    return _person(ask, kept, by_person(ask.connection)[person.id].team, called)


def _person(ask: Ask, one: Person, team: str, called: dict[str, Called]) -> PersonItem:
    contacts = persons.contacts(ask.connection, one.id)
    return PersonItem(
        id=one.id,
        name=one.name,
        team_id=one.team_id,
        team=team,
        language=one.language,
        phone=one.phone,
        note=one.note,
        action_plan=one.action_plan,
        wears=one.wears,
        contacts=[ContactModel(call.name, call.reach) for call in contacts],
        calls=calls.of(one.key, called),
    )


def _site(one: Site) -> SiteItem:
    return SiteItem(one.id, one.name, one.address, one.note, one.zone)


def _team(one: Team, site: str) -> TeamItem:
    return TeamItem(one.id, one.name, one.site_id, site, one.action_plan)


def _set_teams(ask: Ask, account_id: int, teams: list[int]) -> None:
    known = {one.id for one in persons.teams(ask.connection)}
    if set(teams) - known:
        raise UsageError(f"There is no team {min(set(teams) - known)}: look at the list again.")
    accounts.set_teams(ask.connection, account_id, teams)


def _account(ask: Ask, one: accounts.Account) -> AccountItem:
    return AccountItem(
        id=one.id,
        login=one.login,
        name=one.name,
        role=str(one.role),
        person_id=one.person_id,
        is_open=one.is_open,
        has_second_factor=bool(one.totp_secret),
        disabled=one.disabled,
        teams=sorted(accounts.teams_of(ask.connection, one.id)),
    )


def _invitation(ask: Ask, account_id: int) -> Invitation:
    token = accounts.invite(ask.connection, account_id, ask.now_ms)
    return Invitation(account_id, f"/invite/{token}")
