"""What whoever has a link is told: an English text with what it names, for any language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Translate = Callable[[str], str]


@dataclass(frozen=True)
class Said:
    """A text in which {name} stands for what is given under that name; false when it is empty."""

    text: str = ""
    given: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.in_words(str)

    def in_words(self, words: Translate) -> str:
        """The sentence in the language of `words`."""
        return words(self.text).format(**self.given) if self.text else ""
