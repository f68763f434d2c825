"""UMAFall: five sensors in one file, told apart by ids that the header explains."""

from __future__ import annotations

from pathlib import Path

from tests.host.data.importing import assert_as_reference, imported, originals, placed

HEAD = """% Universidad de Malaga - ETSI de Telecomunicacion (Spain)
% ID: Subject_02_ADL_Hopping_1
% MAC Address; Sensor_ID; Position; Device Model
%f8:95:c7:f3:ba:82; 0; RIGHTPOCKET; lge-LG-H815-5.1
%C4:BE:84:70:64:8A; {chest}; CHEST; SensorTag
%C4:BE:84:71:A5:02; {waist}; WAIST; SensorTag

% Accelerometer = 0

% TimeStamp; Sample No; X-Axis; Y-Axis; Z-Axis; Sensor Type; Sensor ID;
"""


def write(folder: Path, name: str, *, chest: int = 1, waist: int = 2, text: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for at in range(40):
        lines.append(f"{100 + at * 5};{at};0.25;1.0;-0.5;0;0")
        if at % 10 == 0:
            lines.append(f"{101 + at * 5};{at};0.1;0.9;0;0;{chest}")
            lines.append(f"{102 + at * 5};{at};0.2;1.1;0;0;{waist}")
            lines.append(f"{102 + at * 5};{at};-99;10;146.1;2;{waist}")
    file = folder / name
    body = text or "\n".join(lines) + "\n"
    file.write_text(HEAD.format(chest=chest, waist=waist) + body)
    return file


FALL = "UMAFall_Subject_02_Fall_forwardFall_1_2016-06-13_20-43-52.csv"
ADL = "UMAFall_Subject_11_ADL_Sitting_GettingUpOnAChair_3_2016-06-10_17-41-53.csv"


def test_each_sensor_is_a_recording_with_its_own_rate(tmp_path: Path) -> None:
    write(tmp_path / "set", FALL)
    # The ids are not the same in every file: the header counts.
    write(tmp_path / "set", ADL, chest=4, waist=3)
    bundle, problems = imported("umafall", tmp_path / "set", tmp_path / "out")
    assert problems == []
    fall = {row.placement: row for row in bundle.rows if row.is_fall}
    assert fall["rightpocket"].rate_hz == 200
    assert fall["rightpocket"].samples[0].tolist() == [250, 1000, -500]
    assert fall["chest"].rate_hz == fall["waist"].rate_hz == 20
    assert fall["chest"].samples.tolist() == [[100, 900, 0]] * 4
    assert fall["chest"].trial_id == "S02_Fall_forwardFall_1_2016-06-13_20-43-52_chest"
    other = {row.placement: row for row in bundle.rows if not row.is_fall}
    assert other["waist"].samples.tolist() == [[200, 1100, 0]] * 4
    assert other["waist"].activity_code == "Sitting_GettingUpOnAChair"
    assert other["waist"].activity == "Sitting GettingUpOnAChair"


def test_where_the_radio_lost_samples_the_trial_is_split(tmp_path: Path) -> None:
    times = [*range(0, 1000, 50), *range(2000, 3000, 50)]
    text = "".join(f"{ms};{at};0;0;{1 + (at == 30)};0;1\n" for at, ms in enumerate(times))
    write(tmp_path / "set", FALL, text=text)
    write(tmp_path / "set", ADL, text=text)
    bundle, problems = imported("umafall", tmp_path / "set", tmp_path / "out")
    fall, first, second = bundle.rows
    assert [row.rate_hz for row in bundle.rows] == [20, 20, 20]
    assert [row.length for row in bundle.rows] == [20, 20, 20]
    assert {row.extra["quality"] for row in bundle.rows} == {"split"}
    assert first.trial_id.endswith("_chest_p1")
    assert second.trial_id.endswith("_chest_p2")
    assert [row.extra["source_start_s"] for row in bundle.rows] == ["2", "0", "2"]
    # Of a fall only the part with the blow is one.
    assert fall.is_fall
    assert fall.trial_id.endswith("_chest")
    assert fall.samples[10].tolist() == [0, 0, 2000]
    assert bundle.problems == ()
    assert "chest: 20 Hz; gap of 1.05 s after 0.95 s; split there into 2 rec" in problems[0]
    assert "only the part with the largest acceleration" in problems[1]


def test_a_file_without_its_header_or_with_words_is_named(tmp_path: Path) -> None:
    write(tmp_path / "set", FALL)
    name = FALL.replace("_1_", "_2_")
    (tmp_path / "set" / name).write_text("100;1;0;0;1;0;1\n" * 5)
    write(tmp_path / "set", FALL.replace("_1_", "_3_"), text="100;1;0;0;1;0;1\n1;2;hello\n1;2;3\n")
    bundle, problems = imported("umafall", tmp_path / "set", tmp_path / "out")
    assert len(bundle.rows) == 3
    assert f"{name} has no '%MAC; id; position' lines" in problems[0]
    assert "line 12 does not have 6 numbers" in problems[1]


def test_original_files_become_the_reference(data_dir: Path, tmp_path: Path) -> None:
    files = sorted(originals(data_dir, "umafall").glob("*.csv"))
    bundle, problems = imported("umafall", placed(files, tmp_path / "set"), tmp_path / "out")
    assert len(bundle.rows) == 3 * len(files) == 6
    assert problems == []
    assert_as_reference(bundle, data_dir, "umafall")


def test_a_byte_that_ends_lines_elsewhere_does_not_in_a_heading(tmp_path: Path) -> None:
    file = write(tmp_path / "set", FALL)
    text = file.read_text().replace("(Spain)", "(Spain \x85 Andaluc\xeda)")
    file.write_bytes(text.encode("latin-1"))
    bundle, problems = imported("umafall", tmp_path / "set", tmp_path / "out")
    assert problems == []
    assert len(bundle.rows) == 3


def test_a_chest_that_begins_at_a_quarter_of_its_size_is_told_and_flagged(tmp_path: Path) -> None:
    text = "".join(
        f"{50 * at};{at};0.01;{(0.25 if at < 300 else 1) * (1 + at % 3 / 50)};0.02;0;1\n"
        for at in range(600)
    )
    write(tmp_path / "set", ADL, text=text)
    bundle, problems = imported("umafall", tmp_path / "set", tmp_path / "out")
    (row,) = bundle.rows
    assert "two_scales" in row.extra["quality"]
    assert "at chest has" in problems[0]
    assert "as if its unit or range changed" in problems[0]
