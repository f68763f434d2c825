"""The RI&E document as files: JSON, tables for a spreadsheet, and a page to print."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nabij.centre.workforce.sheets import Language, write_table
from nabij.paths import write_file

# (key, Dutch, English) of the columns, by table.
TABLES: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "lone_work": (
        ("role", "functie", "role"),
        ("site", "locatie", "site"),
        ("task", "taak", "task"),
        ("window", "tijdvak", "window"),
        ("people", "aantal personen", "people"),
        ("exposure_h_week", "blootstelling (uur per week)", "exposure (h a week)"),
        ("effect", "effect", "effect"),
        ("probability", "kans", "probability"),
        ("priority", "prioriteit", "priority"),
        ("shifts", "diensten", "shifts"),
        ("shifts_with_a_badge", "diensten met badge", "shifts with a badge"),
    ),
    "measures": (
        ("task", "taak", "task"),
        ("site", "locatie", "site"),
        ("text", "maatregel", "measure"),
        ("effectiveness", "doeltreffendheid", "effectiveness"),
        ("owner", "verantwoordelijke", "owner"),
        ("budget", "budget", "budget"),
        ("status", "status", "status"),
        ("first", "begindatum", "begins"),
        ("last", "einddatum", "ends"),
    ),
    "incidents": (
        ("kind", "soort", "kind"),
        ("class", "klasse", "class"),
        ("test", "test", "test"),
        ("count", "aantal", "count"),
    ),
    "figures": (
        ("of", "van", "of"),
        ("name", "cijfer", "figure"),
        ("value", "waarde", "value"),
    ),
    "names": (
        ("name", "naam", "name"),
        ("task", "taak", "task"),
        ("site", "locatie", "site"),
        ("shifts", "diensten", "shifts"),
    ),
}
_TITLES: Final = {
    "lone_work": ("Alleen werken", "Lone work"),
    "measures": ("Plan van aanpak", "Plan of action"),
    "incidents": ("Incidenten", "Incidents"),
}
# What values are called on a Dutch page; in JSON and in English they are what they are.
_DUTCH: Final[Mapping[str, str]] = {
    "True": "ja",
    "False": "nee",
    "red": "persoon",
    "technical": "techniek",
    "open": "open",
    "busy": "bezig",
    "done": "gereed",
}
_DUTCH_DAYS: Final = {
    "mon": "ma",
    "tue": "di",
    "wed": "wo",
    "thu": "do",
    "fri": "vr",
    "sat": "za",
    "sun": "zo",
}
_DAY: Final = re.compile("|".join(_DUTCH_DAYS))
STYLE: Final = (
    "body{font:11pt sans-serif;margin:2em auto;max-width:60em}"
    "table{border-collapse:collapse;width:100%;margin:0 0 2em;font-size:9pt}"
    "th,td{border:1px solid #777;padding:.2em .4em;text-align:left;vertical-align:top}"
    "td{overflow-wrap:anywhere}"
    "th{background:#eee}tr{break-inside:avoid}@media print{body{margin:0}}"
)


def write_all(
    folder: Path,
    document: Mapping[str, Any],
    language: Language,
    annex: Sequence[Mapping[str, Any]] | None = None,
) -> list[Path]:
    """Write the files into the folder, the annex with names only when it is given."""
    texts = {
        "rie.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        "rie.html": page(document, language),
    }
    for name in ("lone_work", "measures", "incidents"):
        texts[f"{name}.csv"] = table(name, document[name], language)
    figures = [
        {"of": part, "name": name, "value": value}
        for part in ("response", "drills", "coverage", "open_measures")
        for name, value in document[part].items()
    ]
    texts["figures.csv"] = table("figures", figures, language)
    if annex is not None:
        texts["names.csv"] = table("names", annex, language)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_file(folder / name, text.encode(), 0o600)
    return [folder / name for name in texts]


def table(name: str, rows: Sequence[Mapping[str, Any]], language: Language) -> str:
    """One table as CSV."""
    columns = TABLES[name]
    titles = [_worded(column[1:], language) for column in columns]
    cells = ([_cell(row, column[0], language) for column in columns] for row in rows)
    return write_table(titles, cells)


def page(document: Mapping[str, Any], language: Language) -> str:
    """One page of HTML that fetches nothing."""
    title = _worded(("RI&E: alleen werken", "Risk assessment: lone work"), language)
    lines = [
        *(_worded(pair, language) for pair in _figures(document)),
        _consented(document["consent"], language),
    ]
    body = "".join(
        f"<h2>{html.escape(_worded(_TITLES[name], language))}</h2>"
        + _html_table(name, document[name], language)
        for name in _TITLES
    )
    told = "".join(f"<li>{html.escape(line)}.</li>" for line in lines)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>'
        f"{html.escape(title)}</title><style>{STYLE}</style></head><body><h1>"
        f"{html.escape(title)}</h1><p>{document['from']} - {document['until']}</p>"
        f"<ul>{told}</ul>{body}</body></html>\n"
    )


def _figures(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    response, drills = document["response"], document["drills"]
    coverage, left = document["coverage"], document["open_measures"]
    said = [
        (
            f"Alarmen: {response['alarms']}, waarvan opgepakt {response['taken']}",
            f"Alarms: {response['alarms']}, of which taken {response['taken']}",
        )
    ]
    if response["median_s"] is not None:
        p95 = response["p95_s"] or response["longest_s"]
        longest = response["longest_s"]
        said.append(
            (
                (
                    f"Opgepakt na {response['median_s']} s (mediaan), {p95} s (95 %), {longest} s "
                    "(langste)"
                ),
                (
                    f"Taken after {response['median_s']} s (median), {p95} s (95 %), {longest} s "
                    "(longest)"
                ),
            )
        )
    return [
        *said,
        (
            f"Oefeningen: {drills['drills']}, waarvan beantwoord {drills['answered']}",
            f"Drills: {drills['drills']}, of which answered {drills['answered']}",
        ),
        (
            (
                f"Dekking: {coverage['weak_network']} keer een zwak netwerk gemeld, "
                f"{coverage['not_heard']} keer een badge op dienst niet gehoord"
            ),
            (
                f"Coverage: {coverage['weak_network']} times a weak network was told, "
                f"{coverage['not_heard']} times a badge on shift was not heard"
            ),
        ),
        (
            f"Maatregelen: {left['open']} open, waarvan {left['overdue']} over tijd",
            f"Measures: {left['open']} open, {left['overdue']} of them overdue",
        ),
    ]


def _consented(consent: Mapping[str, str] | None, language: Language) -> str:
    if consent is None:
        return _worded(
            (
                "Instemming van de ondernemingsraad: niet vastgelegd",
                "Consent of the works council: none on record",
            ),
            language,
        )
    return _worded(
        (
            f"Instemming van de ondernemingsraad: {consent['on']} ({consent['reference']})",
            f"Consent of the works council: {consent['on']} ({consent['reference']})",
        ),
        language,
    )


def _html_table(name: str, rows: Sequence[Mapping[str, Any]], language: Language) -> str:
    columns = TABLES[name]
    head = "".join(f"<th>{html.escape(_worded(one[1:], language))}</th>" for one in columns)
    body = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(_cell(row, one[0], language))}</td>" for one in columns)
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _worded(words: Sequence[str], language: Language) -> str:
    return words[0] if language is Language.NL else words[1]


def _cell(row: Mapping[str, Any], name: str, language: Language) -> str:
    value = row[name]
    text = "" if value is None else str(value)
    if language is Language.NL and name == "window":
        return _DAY.sub(lambda day: _DUTCH_DAYS[day[0]], text)
    is_worded = language is Language.NL and name in {"test", "class", "status"}
    return _DUTCH.get(text, text) if is_worded else text
