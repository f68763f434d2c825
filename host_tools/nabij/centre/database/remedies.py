"""What to do about a database that refuses, by what it says."""

from pathlib import Path

from nabij.centre.database.place import Place
from nabij.paths import full_disk


def remedy(place: Place, said: str, folder: Path) -> str:
    """In words, without a full stop; `folder` is that of the receiver."""
    if not place.is_file:
        return "see what is wrong there"
    if "locked" in said or "busy" in said:
        return "another program has it locked; end that one"
    if "full" in said or full_disk(folder) is not None:
        return "the disk is full; free some space"
    return "see whether the disk of this machine is well"
