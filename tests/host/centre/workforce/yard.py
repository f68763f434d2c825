"""An employer with one worker, a yard, and sheets of the register as a test wants them."""

import datetime as dt

import sqlalchemy as sa

from nabij.centre.people import assignments, persons
from nabij.centre.workforce import rows, sheets
from tests.host.centre.deadline_world import World

WORKERS = "naam;geboortedatum;functie\nAnna;1990-05-01;bewaker\n"
TASKS = "taak;nooit_alleen;effect;kans;toelichting\nronde;;3;2;\n"
HEAD = "naam;soort;taak;locatie;verleend;door;vanaf;tot_en_met\n"
ALL = (
    "Anna;opleiding;ronde;;ja;J. Smit;2026-01-01;2027-12-31\n"
    "Anna;toestemming;ronde;Yard;ja;J. Smit;2026-01-01;2027-12-31\n"
    "Anna;geschikt;;;ja;Dr. B;2026-01-01;2027-12-31\n"
)
SHIFT = (
    "naam;taak;locatie;begin;einde;alleen\nAnna;ronde;Yard;2027-03-01 22:00;2027-03-02 06:00;ja\n"
)


def ms(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).timestamp() * 1000)


def filled(world: World, permits: str, shifts: str = "") -> None:
    def fill(one: sa.Connection) -> None:
        persons.add_site(one, "Yard", zone="Europe/Amsterdam")
        for sheet, text in (
            ("workers", WORKERS),
            ("tasks", TASKS),
            ("permits", HEAD + permits),
            *([("shifts", shifts)] if shifts else []),
        ):
            rows.keep(one, sheet, sheets.read(sheet, text.encode()))
        [anna] = persons.present(one)
        assignments.hand_out(one, "anna", anna.id, 1, "x")

    world.store.write(fill)
