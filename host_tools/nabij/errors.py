"""What a person sees when something goes wrong: one sentence that says what to do.

Exit codes of all verbs: 2 when what was typed has to change, because it makes no sense or names
what is not there, is taken, or cannot be used; 1 when the same command may do tomorrow, or when it
looked for faults and found some; 0 else.
"""

import errno
from typing import Final

EXIT_FAILURE: Final = 1
EXIT_USAGE: Final = 2

# What the system answers when it is the name of a file or a folder that is wrong.
_OF_THE_NAME: Final = frozenset(
    (
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY),
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL),
        # Of sockets: an address that is not this machine's, a name that nobody has.
        errno.EADDRNOTAVAIL,
    )
)


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


def exit_code_of(error: OSError) -> int:
    """The exit code when the system refuses what a person named; a full disk is not the name's."""
    return EXIT_USAGE if error.errno in _OF_THE_NAME else EXIT_FAILURE
