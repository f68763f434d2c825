"""Every text of the pages is there in Dutch, and a page is in the language that was chosen."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import nabij.centre
from nabij.centre import languages
from nabij.centre.console.line_words import LINE_WORDS
from nabij.centre.incidents.whereabouts import HOW
from nabij.centre.languages import COOKIE, ENGLISH, all_words, chosen
from nabij.centre.people.roles import Role
from nabij.kind_words import ALARM_WORDS
from tests.host.centre.console.desk_site import ConsoleSite

CENTRE = Path(nabij.centre.__file__).parent
# What an answer has in words, for scripts to translate.
ANSWERED = {*ALARM_WORDS.values(), *map(str, Role), *LINE_WORDS.values(), *HOW.values()} | {
    *(f"DURESS ({words})" for words in ALARM_WORDS.values()),
    *("protected", "quiet", "overdue", "unknown", "off shift", "revoked", "not sent"),
}


def written() -> set[str]:
    """What templates and scripts ask to have translated."""
    methods = [("templates/**.html", "jinja2"), ("assets/**.js", "javascript")]
    found = extract_from_dir(CENTRE / "console", methods, keywords={"_": None, "t": None})
    return {str(message) for _, _, message, _, _ in found}


def test_every_text_has_a_dutch_one_and_none_is_left_over() -> None:
    dutch = all_words()["nl"].texts
    asked = written()
    assert len(asked) > 150
    assert sorted((asked | ANSWERED) - set(dutch)) == []
    sources = "".join(file.read_text() for file in sorted(CENTRE.rglob("*.py")))
    whole = re.sub(r'"\n\s+f?"', "", sources)
    left = [one for one in set(dutch) - asked - ANSWERED if f'"{one}"' not in whole]
    assert left == []


def test_a_dutch_text_names_what_the_english_one_names() -> None:
    names = re.compile(r"\{\w+\}")
    for text, dutch in all_words()["nl"].texts.items():
        assert sorted(names.findall(text)) == sorted(names.findall(dutch)), text
        assert (text[:1].isspace(), text[-1:].isspace()) == (
            dutch[:1].isspace(),
            dutch[-1:].isspace(),
        )


@pytest.mark.parametrize(
    ("cookie", "preferred", "language"),
    [
        ("", "", "en"),
        ("", "nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("", "en-GB,nl;q=0.5", "en"),
        ("", "fr, de;q=0.7", "en"),
        ("nl", "en", "nl"),
        ("en", "nl", "en"),
        ("xx", "nl", "nl"),
        ("", ";;,,*;q=", "en"),
        ("", "x" * 10_000, "en"),
    ],
)
def test_who_chose_no_language_has_that_of_their_browser(
    cookie: str, preferred: str, language: str
) -> None:
    assert chosen(cookie, preferred) == language


def test_a_page_is_in_the_language_that_was_chosen(console_site: ConsoleSite) -> None:
    with console_site.client(**{"accept-language": "nl"}) as client:
        dutch = client.get("/login")
        assert '<html lang="nl">' in dutch.text
        assert "Wachtwoord" in dutch.text
        kept = client.get("/language/en").headers["set-cookie"]
        assert kept.startswith(f"{COOKIE}=en;")
        client.cookies.set(COOKIE, "en")
        assert "Password" in client.get("/login").text
        wrong = client.get("/language/<b>").headers["set-cookie"]
        assert "Max-Age=0" in wrong
        assert "<b>" not in wrong
    assert ENGLISH in languages.LANGUAGES
