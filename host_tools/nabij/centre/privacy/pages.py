"""The DPIA and the copy for one person as pages to print: HTML that fetches nothing."""

import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nabij.centre.people.roles import May, Role
from nabij.centre.workforce.report import STYLE
from nabij.centre.workforce.sheets import Language
from nabij.paths import PRIVATE, write_file

_DUTCH: Final[Mapping[str, str]] = {
    Role.OPERATOR: "centralist",
    Role.SUPERVISOR: "leidinggevende",
    Role.WORKER: "medewerker",
    Role.ADMINISTRATOR: "beheerder",
    May.BE_HERE: "het eigen account",
    May.SEE_INCIDENTS: "incidenten zien",
    May.HANDLE_INCIDENTS: "incidenten behandelen",
    May.SEE_BADGES: "badges en diensten zien",
    May.HAND_OUT: "badges uitreiken",
    May.SEE_PEOPLE: "mensen zien",
    May.CHANGE_PEOPLE: "mensen wijzigen",
    May.SEE_PLANS: "plannen en oefeningen zien",
    May.CHANGE_PLANS: "plannen wijzigen",
    May.DRILL: "oefenen",
    May.SEE_ACCOUNTS: "accounts zien",
    May.CHANGE_ACCOUNTS: "accounts wijzigen",
    May.SEE_OWN_AUDIT: "zien wie naar hen keek",
    May.SEE_AUDIT: "het logboek zien",
    May.SEE_REGISTER: "het register zien",
}


def write(folder: Path, name: str, document: Mapping[str, Any], page: str) -> list[Path]:
    """Write both forms of a document, for their owner alone; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    files = {folder / f"{name}.json": text, folder / f"{name}.html": page}
    for file, content in files.items():
        write_file(file, content.encode(), PRIVATE)
    return list(files)


def dpia(document: Mapping[str, Any], language: Language) -> str:
    """The assessment as a page."""

    def say(dutch: str, english: str) -> str:
        return dutch if language is Language.NL else english

    def word(pair: Sequence[str]) -> str:
        return pair[0] if language is Language.NL else pair[1]

    people, consent = document["people"], document["consent"]
    none = say("geen", "none")
    agreed = none if consent is None else f"{consent['on']} ({consent['reference']})"
    days = say("dagen", "days")
    parts = [
        _list(
            [
                f"{say('Gemaakt op', 'Made on')} {document['made']}, "
                + say("uit de instellingen van dat moment", "from the settings of that moment"),
                f"{say('Waar de gegevens staan', 'Where the records are')}: {document['kept_in']}",
                (
                    f"{say('Dragers', 'Wearers')}: {people['wearers']}, "
                    f"{say('badges', 'badges')}: {people['badges']}, "
                    f"{say('in het register', 'in the register')}: {people['in_the_register']}, "
                    f"{say('incidenten', 'incidents')}: {people['incidents']}"
                ),
                f"{say('Instemming ondernemingsraad', 'Consent of the works council')}: {agreed}",
                _location(document["location"], say),
            ]
        ),
        _heading(say("Wat nog niet in orde is", "What is not in order yet")),
        _list([word(one) for one in document["open"]] or [none]),
        _heading(say("Doel en grondslag", "Purpose and basis")),
        _list(
            [
                say(
                    "Hulp sturen naar wie alleen werkt en alarm geeft: zorgplicht van de "
                    "werkgever (AVG 6 lid 1 c; Arbowet 3, 5 en 8), vitaal belang bij een alarm "
                    "(AVG 6 lid 1 d)",
                    "To send help to who works alone and raises an alarm: the employer's duty of "
                    "care (GDPR 6(1)(c)), and vital interest in an alarm (GDPR 6(1)(d))",
                ),
                say(
                    "Van gezondheid alleen geschikt ja of nee: nooit een diagnose (AVG 9)",
                    "Of health only fit yes or no: never a diagnosis (GDPR 9)",
                ),
            ]
        ),
        _heading(say("Hoe lang en waarom", "How long, and why")),
        _table(
            [say("wat", "what"), days, say("reden", "reason")],
            (
                [word(one["what"]), str(one["days"]), word(one["reason"])]
                for one in document["terms"]
            ),
        ),
        _heading(say("Wat er van mensen wordt bewaard", "What is held of people")),
        _table(
            [say("tabel", "table"), say("wat", "what"), say("termijn", "term")],
            ([one["table"], word(one["what"]), one["term"]] for one in document["held"]),
        ),
        _heading(say("Wie wat mag zien en doen", "Who may see and do what")),
        _table(
            [
                say("rol", "role"),
                say("accounts", "accounts"),
                say("ziet", "sees"),
                say("mag", "may"),
            ],
            (
                [
                    _DUTCH[one["role"]] if language is Language.NL else one["role"],
                    str(one["accounts"]),
                    say("alle teams", "all teams")
                    if one["sees_all"]
                    else say("eigen teams of zichzelf", "own teams or themselves"),
                    ", ".join(
                        _DUTCH[may] if language is Language.NL else may for may in one["may"]
                    ),
                ]
                for one in document["roles"]
            ),
        ),
        _heading(say("Wie iets toegestuurd krijgt", "Who is sent anything")),
        _table(
            [say("soort", "sort"), say("naam", "name"), say("aantal", "count"), "host"],
            (
                [one["sort"], one["name"], str(one["count"]), one.get("at", "")]
                for one in document["recipients"]
            ),
        ),
        _heading(say("Wat alleen u kunt beantwoorden", "What only you can answer")),
        _table(
            [say("vraag", "question"), say("antwoord", "answer")],
            # Room to write in.
            ([word(one), "\u00a0" * 60] for one in document["questions"]),
        ),
    ]
    title = say(
        "Gegevensbeschermingseffectbeoordeling: alarm voor wie alleen werkt",
        "Data protection impact assessment: alarms of lone workers",
    )
    return _page(title, language, "".join(parts))


def _location(found: Mapping[str, Any], say: Callable[[str, str], str]) -> str:
    """Whether anything is kept of where people are outside alarms."""
    what = say("Waar mensen zijn zonder alarm", "Where people are outside alarms")
    given = found["consent"]
    if given is None or not found["on"]:
        return f"{what}: {say('wordt niet bijgehouden', 'not kept')}"
    sealed = say("laatste posities, verzegeld", "last positions, sealed")
    agreed = f"{given['council']}, {given['reference']}, {given['on']} - {given['until']}"
    return f"{what}: {found['sealed']} {sealed} ({agreed})"


def copy_of(document: Mapping[str, Any], language: Language) -> str:
    """All that is held on one person, as a page."""

    def say(dutch: str, english: str) -> str:
        return dutch if language is Language.NL else english

    parts = [f"<p>{html.escape(document['made'])}</p>"]
    for one in document["held"]:
        if not one["rows"]:
            continue
        what = one["what"][0] if language is Language.NL else one["what"][1]
        kept = f"{one['kept_days']} {say('dagen', 'days')}"
        parts.append(_heading(f"{what[:1].upper()}{what[1:]} ({one['table']}, {kept})"))
        names = list(one["rows"][0])
        parts.append(_table(names, ([_cell(row[name]) for name in names] for row in one["rows"])))
    if not any(one["rows"] for one in document["held"]):
        parts.append(_list([say("Er wordt niets bewaard", "Nothing is held")]))
    if document["named_in"]:
        parts.append(_heading(say("Ook genoemd in", "Also named in")))
        parts.append(
            _table(
                [say("tabel", "table"), say("kolom", "column"), say("aantal", "count")],
                ([one["table"], one["column"], str(one["rows"])] for one in document["named_in"]),
            )
        )
    title = say("Wat er van u wordt bewaard", "What is held of you") + f": {document['person']}"
    return _page(title, language, "".join(parts))


def _page(title: str, language: Language, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>'
        f"{html.escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{html.escape(title)}</h1>{body}</body></html>\n"
    )


def _heading(text: str) -> str:
    return f"<h2>{html.escape(text)}</h2>"


def _list(lines: Iterable[str]) -> str:
    return (
        "<ul>" + "".join(f"<li>{html.escape(line.rstrip('.'))}.</li>" for line in lines) + "</ul>"
    )


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(one)}</th>" for one in titles)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    return "" if value is None else str(value)
