"""What a journey of docs/architecture.md names of host and core is what runs on that way."""

from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from badge.core.alarm.kinds import SOS
from badge.core.body.man_down import ManDown
from badge.core.codec import wire
from nabij.centre.link.intake import Intake
from nabij.centre.watch.deadlines import Backlog
from nabij.cli.app import app
from nabij.detector import worn
from nabij.settings import config_file
from nabij.virtual import body_model
from tests.host.centre.deadline_world import KEY, World
from tests.house.journeys import named, passed

CENTRE = "host_tools/nabij/centre"
# These speak to a broker; tests/host/centre/link has one.
BROKER = {f"{CENTRE}/link/{name}.py" for name in ("stream", "link", "replies")}
FALL = body_model.Body().walk_fall_lie(walk_s=5)
LABELS = "file,subject,activity_code,activity,is_fall,placement\nrec.csv,s1,F,fall,1,neck\n"


def test_a_fall_passes_the_detector_and_the_body(tmp_path: Path) -> None:
    settings = tmp_path / "badge.toml"
    settings.write_text('profile = "discreet"')
    config = config_file.require_file(str(settings))
    way = passed(lambda: worn.Badge(config).wear(FALL))
    rooms = ("firmware/badge/core/detector", "firmware/badge/core/body")
    # The ring keeps the motion for the alarm's record; whoever wears a badge here asks for none.
    kept = {"firmware/badge/core/detector/ring.py"}
    assert named("a sample to an incident", *rooms) - kept <= way


def test_a_frame_becomes_an_incident_and_a_receipt(tmp_path: Path) -> None:
    world = World(tmp_path)
    intake = Intake(world.store, world.clock, Backlog(world.clock.now(), None))
    alarm = {"badge": "anna", "boot": 1, "seq": 1, "kind": SOS, "age_ms": 1, "attempt": 1}

    def take() -> None:
        [reply] = intake.take("nabij/anna/up", wire.encode_alarm(KEY, **alarm)).replies
        assert wire.decode_status(reply[1], KEY, "anna").state == wire.STATUS_RECEIVED

    way = passed(take)
    world.close()
    codec = "firmware/badge/core/codec/"
    for journey in ("a sample to an incident", "a receipt to the motor"):
        host = named(journey, CENTRE, f"{codec}wire", f"{codec}envelope")
        assert host - BROKER <= way


def test_a_setting_goes_from_toml_to_the_kernels_parameters(tmp_path: Path) -> None:
    settings = tmp_path / "badge.toml"
    settings.write_text('profile = "discreet"\nfall_points = 77\n')
    way = passed(lambda: ManDown(config_file.require_file(str(settings))))
    rooms = ("host_tools/nabij/settings", "firmware/badge/core")
    # The trial is the badge's; the kernel runs with the first samples.
    later = {f"firmware/badge/core/{name}.py" for name in ("settings/trial", "detector/detect")}
    assert named("a setting from TOML to the kernel", *rooms) - later <= way


def test_a_recording_goes_from_a_table_to_the_report(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "labels.csv").write_text(LABELS)
    # No fall is found in it, and of a miss the report has the details.
    walk_mg = FALL[: 4 * 104]
    rows = np.column_stack([np.arange(len(walk_mg)) / 104, walk_mg]).tolist()
    lines = ["t,x,y,z", *(f"{t:.4f},{x:.0f},{y:.0f},{z:.0f}" for t, x, y, z in rows)]
    (folder / "rec.csv").write_text("\n".join(lines))
    bundle, report = str(tmp_path / "bundle"), str(tmp_path / "report.html")
    told = ["--columns", "x,y,z", "--units", "mg", "--time", "t", "--time-unit", "s"]

    def bring_and_replay() -> None:
        for arguments in (
            ["data", "import", "csv", str(folder), "-o", bundle, *told],
            ["replay", bundle, "--report", report],
        ):
            done = CliRunner().invoke(app, arguments, catch_exceptions=False)
            assert done.exit_code == 0, done.output

    assert named("a recording to the report", "host_tools/nabij") <= passed(bring_and_replay)
