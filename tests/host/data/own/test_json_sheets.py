"""JSON as telephones and scripts write it: a list of samples, whatever lies around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nabij.data.common import Told, UnusableFileError
from nabij.data.own.json_sheets import json_sheets
from nabij.data.own.recording import Own, read_own
from tests.host.data.own.timed import rate_of
from tests.host.data.tables import walk

ACC = walk(400)
SAMPLES = [(round(at / 100, 2), *row) for at, row in enumerate(ACC.round(4).tolist())]
FLAT = [{"t": t, "x": x, "y": y, "z": z} for t, x, y, z in SAMPLES]


def read(folder: Path, text: str, told: Told | None = None) -> Own:
    (folder / "one.json").write_text(text)
    return read_own(folder / "one.json", "one.json", told or Told())


def forms() -> dict[str, str]:
    """The same samples in every form that is read."""
    nested = [{"ms": t * 1000, "acc": {"x": x, "y": y, "z": z}} for t, x, y, z in SAMPLES]
    vector = [{"ms": t * 1000, "acc": [x, y, z]} for t, x, y, z in SAMPLES]
    named = [{"device": "A1", "samples": FLAT}]
    return {
        "objects": json.dumps(FLAT),
        "over many lines": json.dumps(FLAT, indent=2),
        "texts": json.dumps([{key: str(one) for key, one in row.items()} for row in FLAT]),
        "columns": json.dumps({key: [row[key] for row in FLAT] for key in "txyz"}),
        "lists": json.dumps(SAMPLES),
        "lists, one a line": "\n".join(map(json.dumps, SAMPLES)),
        "nested": json.dumps({"data": nested}),
        "nested, one a line": "\n".join(map(json.dumps, nested)),
        "vectors": json.dumps(vector),
        "vectors, one a line": "\n".join(map(json.dumps, vector)),
        "deep": json.dumps({"version": 2, "recordings": named}),
    }


@pytest.mark.parametrize("form", forms())
def test_every_form_is_read_at_its_rate(tmp_path: Path, form: str) -> None:
    own = read(tmp_path, forms()[form])
    assert rate_of(own) == [100]
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1


def of_telephone(*sensors: str) -> list[dict[str, Any]]:
    return [
        {"sensor": sensor, "seconds_elapsed": t, "x": x * by, "y": y * by, "z": z * by}
        for t, x, y, z in SAMPLES
        for sensor, by in zip(sensors, (0.1, 9.80665, 3.0), strict=False)
    ]


def test_of_several_sensors_the_acceleration_with_gravity_is_taken(tmp_path: Path) -> None:
    samples = of_telephone("Gyroscope", "TotalAcceleration", "Magnetometer")
    text = json.dumps([{"device": "A1", "version": 3}, *samples])
    own = read(tmp_path, text)
    assert "sheet TotalAcceleration" in own.taken.form
    assert np.abs(own.acc_mg - ACC * 1000).max() < 0.1
    with pytest.raises(UnusableFileError, match="has no sheet 'Barometer': it has Gyroscope, To"):
        read(tmp_path, text, Told(sheet="Barometer"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(FLAT)[:3000], "ends too early or is damaged .line 1, column 3001."),
        ("\n".join([*map(json.dumps, SAMPLES[:9]), "[1.0, 2"]), "damaged .line 10."),
        (json.dumps({"name": "walk", "ok": True}), "without a list of samples"),
        (json.dumps([{"name": "walk"}, {"name": "run"}]), "no three columns of numbers"),
        ("[" * 100_000, "lists in lists"),
        ('{"a":' * 100_000, "lists in lists"),
    ],
)
def test_other_json_is_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UnusableFileError, match=said):
        read(tmp_path, text)


def test_a_recording_of_two_activities_stays_one(tmp_path: Path) -> None:
    labelled = [{**row, "type": "walk" if row["t"] < 2 else "run"} for row in FLAT]
    assert len(read(tmp_path, json.dumps(labelled)).acc_mg) == 400


def test_a_file_of_one_table_has_no_sheet_to_name(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="it has only one table, leave --sheet out"):
        read(tmp_path, json.dumps(FLAT), Told(sheet="Acceleration"))


def test_lists_of_other_lengths_are_no_columns() -> None:
    with pytest.raises(UnusableFileError, match="without a list of samples"):
        json_sheets("one.json", json.dumps({"t": [1, 2, 3], "x": [1, 2], "y": [1, 2, 3]}))
