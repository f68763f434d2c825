"""Whole virtual worlds for tests and benchmarks: a provisioned badge and what it talks to."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nabij.centre.register.enrol import enrol
from nabij.virtual import site

BADGE = "nb-0001"


@dataclass(frozen=True)
class Site:
    """One employer: the receiver's state folder and the provisioning of one badge."""

    state: Path
    provision: Path

    def modem(self, **options: Any) -> dict[str, Any]:
        """A modem in coverage that reaches the receiver inside the simulator (fast mode)."""
        remote = site.remote(self.state, self.provision)
        remote.update(options.pop("remote", {}))
        return {"rtt_ms": 200, "register_ms": 2000, "remote": remote, **options}

    def provision_with(self, folder: Path, config: dict[str, Any]) -> Path:
        """The badge's provisioning with these settings, in a folder of its own."""
        shutil.copytree(self.provision, folder, dirs_exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config))
        return folder


def make_site(folder: Path, *, badge: str = BADGE, port: int = 8883) -> Site:
    """Enrol one badge below `folder`, without the test message of a shift that starts."""
    state = folder / "state"
    provision = enrol(state, badge, host="localhost", port=port)
    (provision / "config.json").write_text(json.dumps({"shift_test": False}))
    return Site(state, provision)
