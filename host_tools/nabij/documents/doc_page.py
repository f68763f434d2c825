"""Pages of docs with a part made from the project's own tables: print that part, or put it in."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from nabij.errors import NabijError


def between_marks(page: str, name: str, made: str) -> str:
    """Return `page` with what stands from `<!-- name ...` to `<!-- end of name -->` replaced.

    NabijError when the page lacks either mark.
    """
    before, mark, rest = page.partition(f"<!-- {name}")
    first_line, _, _ = rest.partition("\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->")
    if not (mark and end):
        raise NabijError(
            f"The page has no part from `<!-- {name}` to `<!-- end of {name} -->`: "
            "put both marks where it is to stand."
        )
    return f"{before}{mark}{first_line}\n\n{made}\n{end}{after}"


def print_or_write(
    argv: Sequence[str] | None, description: str, made: str, with_made: Callable[[str], str]
) -> int:
    """The command of such a page: print `made`, or put it into the page named by --write."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--write", type=Path, help="page whose part to replace")
    options = parser.parse_args(argv)
    if options.write is None:
        print(made, end="")
    else:
        try:
            page = with_made(options.write.read_text(encoding="utf-8"))
        except (OSError, NabijError) as error:
            parser.error(str(error))
        options.write.write_text(page, encoding="utf-8")
    return 0
