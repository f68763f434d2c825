"""The tables of docs/config.md: `python -m nabij.documents.config_docs --write docs/config.md`."""

from collections.abc import Sequence
from typing import Any, Final

from badge.core import addresses, networks, phones
from badge.core.codec import tags
from badge.core.settings.fields import EMPTY, FIELDS, NEEDS, ORDERED, PROFILES, RULES
from nabij.documents import doc_page
from nabij.setting_words import WORDS

_ALLOWED: Final = {
    "bool": "true, false",
    "table": "from `nabij tune`",
    "addresses": f"at most {addresses.MOST}",
    "networks": f"at most {networks.MOST}",
    "host": "one host",
    "tags": f"at most {tags.MOST_HOUSES}",
    "phone": "one number",
    "name": f"at most {phones.NAME_MAX} characters",
}


def tables() -> str:
    """The settings and the rules between them, as Markdown."""
    return f"{_fields()}\n{_rules()}"


def with_tables(page: str) -> str:
    """Return a Markdown page with what stands between its marks replaced by the tables."""
    return doc_page.between_marks(page, "tables", tables())


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables, or put them into the page named by --write."""
    return doc_page.print_or_write(
        argv, "The settings of a badge as Markdown tables.", tables(), with_tables
    )


def _fields() -> str:
    names = list(PROFILES)
    lines = ["## The settings", ""]
    lines.append(f"| setting | what | range | {' | '.join(names)} | requirement |")
    lines.append("|---|---|---|" + "---|" * len(names) + "---|")
    for name, kind, default, lowest, highest, requirements in FIELDS:
        allowed = _allowed(kind, lowest, highest)
        meaning = WORDS[name].meaning
        defaults = " | ".join(str(PROFILES[profile].get(name, default)) for profile in names)
        lines.append(f"| `{name}` | {meaning} | {allowed} | {defaults} | {requirements} |")
    return "\n".join([*lines, ""])


def _allowed(kind: str, lowest: Any, highest: Any) -> str:
    if kind == "choice":
        return ", ".join(map(str, lowest))
    return _ALLOWED.get(kind, f"{lowest} to {highest}")


def _unless(higher: str) -> str:
    field = next(field for field in FIELDS if field.name == higher)
    return " unless that is 0" if field.lowest == 0 else ""


def _rules() -> str:
    lines = ["## Rules between settings", ""]
    lines += [
        f"* `{lower}` may not exceed `{higher}`{_unless(higher)}." for lower, higher in ORDERED
    ]
    lines += [f"* `{name}` needs `{needed}`." for name, needed in NEEDS]
    lines += [
        f"* `{name}` must be empty in profile {profile} ({requirement}): {why}."
        for name, profile, requirement, why in EMPTY
    ]
    lines += ["", "| rule | profiles | what | from | to |", "|---|---|---|---|---|"]
    for requirement, profiles, parts, lowest, highest, what in RULES:
        total = " + ".join(f"{times} x {name}" if times > 1 else name for name, times in parts)
        lines.append(
            f"| {requirement} | {', '.join(profiles)} | {what}: `{total}` | {lowest} | {highest} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    raise SystemExit(main())
