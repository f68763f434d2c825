"""`make release`: the files of a release, with checksums that are signed, or said not to be."""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from nabij import places
from nabij.errors import EXIT_FAILURE, NabijError
from nabij.release import notices
from nabij.release.sbom import sbom
from nabij.version import version_of

KEY: Final = "NABIJ_RELEASE_KEY"
# What a signature is good for, so that one for something else cannot be put in its place.
NAMESPACE: Final = "nabij-release"
SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = f"{SUMS}.sig"
_SIGN_S: Final = 120.0


def prepare(root: Path, folder: Path) -> list[Path]:
    """Make wheel, source, changes, notices and SBOM of the clone at `root` in an empty `folder`.

    NabijError for changes that are not committed, or a version that the changelog does not tell.
    """
    version = version_of(root)
    if version.changed or not version.commit:
        raise NabijError("A release is of a commit: commit or put away what has changed, first.")
    changes = changes_of(root, version.version)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _build(root, folder, version.committed_utc_s)
    (folder / "CHANGES.md").write_text(changes, encoding="utf-8")
    files, packages = notices.of_files(root / "host_tools"), notices.of_packages()
    (folder / "THIRD-PARTY.txt").write_text(notices.page(files + packages), encoding="utf-8")
    parts = sbom(version, packages, files)
    (folder / f"nabij-{version.version}.cdx.json").write_text(parts, encoding="utf-8")
    made = sorted(folder.iterdir())
    sums = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in made]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")
    return [*made, folder / SUMS]


def changes_of(root: Path, version: str) -> str:
    """What the changelog tells of a version; NabijError when it tells nothing."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(version)}\b.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None or len(found[0].strip().splitlines()) < 2:
        raise NabijError(
            f"CHANGELOG.md does not say what is new in {version}: write that under '## {version}'."
        )
    return found[0].strip() + "\n"


def sign(folder: Path, key: Path) -> Path:
    """Sign the checksums with a key of SSH; the signature. It may ask for the key's passphrase."""
    (folder / SIGNATURE).unlink(missing_ok=True)
    command = ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", str(key), str(folder / SUMS)]
    try:
        done = subprocess.run(
            command, stderr=subprocess.PIPE, text=True, timeout=_SIGN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NabijError(f"ssh-keygen did not sign ({error}): install OpenSSH.") from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise NabijError(f"The key {key} does not sign ({said}): name one in {KEY} that does.")
    return folder / SIGNATURE


def _build(root: Path, folder: Path, committed_s: int) -> None:
    # Of one commit the same wheel, whenever it is built.
    variables = os.environ | {"SOURCE_DATE_EPOCH": str(committed_s)}
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    # Beside what lies in the clone, for setuptools leaves what it built there before.
    source = folder / "source"
    try:
        subprocess.run(["git", "clone", "--quiet", "--shared", root, source], check=True)
        wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source]
        subprocess.run(wheel, env=variables, check=True)
        name = f"nabij-{version_of(root).version}"
        archive = folder.absolute() / f"{name}.tar.gz"
        packed = ["archive", f"--prefix={name}/", "--format=tar.gz", "-o", str(archive), "HEAD"]
        subprocess.run(["git", "-C", str(source), *packed], check=True)
    except subprocess.CalledProcessError as error:
        raise NabijError(
            "The wheel was not built (what was said is above): see that `make test` passes."
        ) from error
    finally:
        shutil.rmtree(source, ignore_errors=True)


def main() -> int:
    """Make them in build/release; 1 when they are not signed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=places.ROOT)
    root = parser.parse_args().root
    folder = root / "build" / "release"
    key = os.environ.get(KEY, "")
    try:
        made = prepare(root, folder)
        if key:
            made.append(sign(folder, Path(key)))
    except NabijError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return error.exit_code
    sys.stdout.write("".join(f"{one}\n" for one in made))
    if not key:
        sys.stderr.write(
            f"NOT SIGNED: {KEY} names no key, so this is a rehearsal and nothing to hand out "
            "(docs/release.md).\n"
        )
        return EXIT_FAILURE
    return 0


if __name__ == "__main__":
    sys.exit(main())
