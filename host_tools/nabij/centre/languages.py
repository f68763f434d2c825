"""The languages of the pages: English as it is written, the others by Babel's catalogues."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from babel import negotiate_locale
from babel.messages.pofile import read_po

COOKIE: Final = "__Host-language"
ENGLISH: Final = "en"
_TRANSLATED: Final = ("nl",)
LANGUAGES: Final = (ENGLISH, *_TRANSLATED)
_YEAR_S: Final = 365 * 86_400
# Of what a browser prefers, so much is looked at.
_MOST_PREFERRED: Final = 10


@dataclass(frozen=True)
class Words:
    """The texts of one language by the English ones; what is not translated stays English."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, text: str) -> str:
        return self.texts.get(text, text)

    @property
    def as_json(self) -> str:
        """For the scripts of a page; empty of English."""
        return json.dumps(self.texts, ensure_ascii=False) if self.texts else ""


def all_words() -> dict[str, Words]:
    """Each language, by its tag."""
    folder = resources.files("nabij.centre") / "locale"
    found = {ENGLISH: Words(ENGLISH, {})}
    for language in _TRANSLATED:
        with (folder / f"{language}.po").open("rb") as file:
            catalogue = read_po(file, locale=language)
        texts = {str(one.id): str(one.string) for one in catalogue if one.id and one.string}
        found[language] = Words(language, texts)
    return found


def chosen(cookie: str, preferred: str) -> str:
    """The language that somebody chose, else the first of what their browser prefers."""
    if cookie in LANGUAGES:
        return cookie
    tags = [part.partition(";")[0].strip() for part in preferred.split(",")][:_MOST_PREFERRED]
    return negotiate_locale(tags, LANGUAGES, sep="-") or ENGLISH


def cookie(language: str) -> str:
    """The header that keeps the choice; of a language that there is not, the one that ends it."""
    lasts_s = _YEAR_S if language in LANGUAGES else 0
    kept = language if lasts_s else ""
    return f"{COOKIE}={kept}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={lasts_s}"
