"""What a person sees when something goes wrong: one sentence that says what to do."""

from typing import Final

EXIT_FAILURE: Final = 1
EXIT_USAGE: Final = 2


class NabijError(Exception):
    """One sentence for a person, and the exit code of the command that stops on it."""

    def __init__(self, sentence: str, exit_code: int = EXIT_FAILURE) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code


class UsageError(NabijError):
    """The command was given something it cannot take (exit code 2)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, EXIT_USAGE)
