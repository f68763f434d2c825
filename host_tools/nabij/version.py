"""Which Nabij this is: its version, and the commit that it was made from."""

import datetime as dt
import functools
import json
import re
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from nabij import places

# Beside the parts of the project where git cannot be asked: in a wheel, and in an sdist.
VERSION_FILE: Final = "version.json"
_GIT_S: Final = 10.0


@dataclass(frozen=True)
class Version:
    """`commit` is empty where nobody can tell; the times are 0 then.

    `firmware_utc_s` is when the firmware was last committed to: its build number.
    """

    version: str
    commit: str
    committed_utc_s: int
    firmware_utc_s: int
    changed: bool

    @property
    def name(self) -> str:
        """In one word, as reports and JSON carry it: 0.1.0+836db04c1b2f, or ...changed."""
        if not self.commit:
            return self.version
        return f"{self.version}+{self.commit}{'.changed' if self.changed else ''}"

    @property
    def sentence(self) -> str:
        """For a person."""
        if not self.commit:
            return f"nabij {self.version}, commit unknown"
        day = dt.datetime.fromtimestamp(self.committed_utc_s, dt.UTC).date().isoformat()
        changed = ", with changes that are not committed" if self.changed else ""
        return f"nabij {self.version}, commit {self.commit} of {day}{changed}"

    def to_json(self) -> str:
        """What `version_of` reads again."""
        return json.dumps(asdict(self))


@functools.cache
def this_version() -> Version:
    """Of the package that runs: written when a wheel was built, asked of git in a checkout."""
    return version_of(places.ROOT)


def version_of(root: Path) -> Version:
    """Of the sources at `root`; with neither a version file nor git only the version is known."""
    written = root / VERSION_FILE
    if written.is_file():
        return Version(**json.loads(written.read_text(encoding="utf-8")))
    text = (root / "firmware" / "badge" / "version.py").read_text(encoding="utf-8")
    found = re.search(r'^VERSION = "([^"]+)"$', text, re.MULTILINE)
    version = found[1] if found else "0"
    unknown = Version(version, "", 0, 0, changed=False)
    if not (root / ".git").exists():
        return unknown
    try:
        described = _git(root, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
        committed = _git(root, "show", "--no-patch", "--format=%ct", "HEAD")
        firmware = _git(root, "log", "-1", "--format=%ct", "--", "firmware")
    except (OSError, subprocess.SubprocessError):
        return unknown
    commit, dash, _ = described.partition("-")
    return Version(version, commit, int(committed), int(firmware or 0), changed=bool(dash))


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        timeout=_GIT_S,
        check=True,
    )
    return done.stdout.strip()
