"""What pyproject.toml cannot say: a wheel ships firmware, simulator and boards, and its commit."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "host_tools"))

from nabij.version import VERSION_FILE, version_of  # noqa: E402 - found through the line above

# Where host_tools/nabij/places.py looks for them.
SHIPPED = Path("nabij", "shipped")
PARTS = {"firmware": ("*.py",), "sim": ("*.py",), "hardware": ("*.toml",)}


class BuildPy(build_py):
    """Copies what is no package of ours; an editable install finds it in the checkout."""

    def run(self) -> None:
        """Build as always, then add the parts."""
        super().run()
        if not self.editable_mode:
            _ship(Path(self.build_lib) / SHIPPED)


class Sdist(sdist):
    """Says which commit it is of, since it has no .git to ask."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Make the tree as always, and add the version."""
        super().make_release_tree(base_dir, files)
        _write_version(Path(base_dir))


def _ship(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    for part, patterns in PARTS.items():
        for pattern in patterns:
            for source in sorted((ROOT / part).rglob(pattern)):
                copy = target / source.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
    _write_version(target)


def _write_version(folder: Path) -> None:
    # Read before it is there: it would answer for itself.
    text = version_of(ROOT).to_json()
    (folder / VERSION_FILE).write_text(text + "\n", encoding="utf-8")


setup(cmdclass={"build_py": BuildPy, "sdist": Sdist})
