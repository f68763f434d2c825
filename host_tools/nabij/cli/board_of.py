"""What --board names: a definition, or one sentence with those that there are."""

from nabij.errors import UsageError
from nabij.hardware import boards
from nabij.hardware.board_parts import Board


def definition_of(board: str) -> Board:
    """The board's definition; UsageError when there is none of this name."""
    known = boards.all_ids()
    if board not in known:
        raise UsageError(f"There is no board '{board}': choose one of {', '.join(known)}.")
    return boards.load(board)
