"""Lines of a table that hold no sample: named, counted, and left out where that was asked for."""

from dataclasses import dataclass, field

from nabij.data.common import UnusableFileError


@dataclass
class BadLines:
    """What is wrong with which line; `may_skip` of them may be left out."""

    name: str
    may_skip: int
    found: dict[int, UnusableFileError] = field(default_factory=dict)

    def add(self, line: int, error: UnusableFileError) -> None:
        """Remember a line, which is not used."""
        self.found[line] = error

    def checked(self) -> str:
        """What is to be said of those left out; UnusableFileError for more than may be."""
        count = len(self.found)
        if not count:
            return ""
        line, error = next(iter(self.found.items()))
        if count > self.may_skip:
            others = f"; so must {count - 1} others" if count > 1 else ""
            leaves = "them" if count > 1 else "it"
            raise UnusableFileError(
                f"{error.sentence.removesuffix('.')}{others} (--skip-bad {count} leaves {leaves} "
                "out)."
            )
        return (
            f"{self.name} has lines that hold no sample, left out as told: {count}, the first is "
            f"line {line}."
        )
