"""The tables of docs/simulator.md: `python -m nabij.virtual.simulator_docs --write PAGE`."""

from collections.abc import Iterator, Sequence

from nabij.documents import doc_page
from nabij.virtual.options import Option, Verb, tables


def made() -> str:
    """What can be done to a badge, and every option there is, as Markdown."""
    told = tables()
    parts = ["### Verbs", "", *_verbs(told.verbs), "", "### What happens to the modem", ""]
    parts += [*_verbs(told.modem_verbs), "", "### When", "", *_options(told.when)]
    for name, whose, rows in told.options:
        parts += ["", f"### Options: {name}", "", f"Those {whose}.", "", *_options(rows)]
    return "\n".join([*parts, ""])


def with_tables(page: str) -> str:
    """Return a Markdown page with what stands between its marks replaced by the tables."""
    return doc_page.between_marks(page, "options", made())


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables, or put them into the page named by --write."""
    return doc_page.print_or_write(
        argv, "What the simulator can be told, as Markdown tables.", made(), with_tables
    )


def _verbs(verbs: Sequence[Verb]) -> Iterator[str]:
    yield "| verb | what happens | arguments |"
    yield "|---|---|---|"
    for verb in verbs:
        arguments = "; ".join(_argument(one) for one in verb.arguments)
        yield f"| `{verb.name}` | {verb.meaning} | {arguments} |"


def _argument(one: Option) -> str:
    """`times` a whole number from 1 (4): short contacts before."""
    default = "" if one.default in (None, "none") else f" ({one.default})"
    return f"`{one.name}` {one.value}{default}: {one.meaning}"


def _options(options: Sequence[Option]) -> Iterator[str]:
    yield "| option | value | default | meaning |"
    yield "|---|---|---|---|"
    for one in options:
        default = "must be said" if one.default is None else one.default
        yield f"| `{one.name}` | {one.value} | {default} | {one.meaning} |"


if __name__ == "__main__":
    raise SystemExit(main())
