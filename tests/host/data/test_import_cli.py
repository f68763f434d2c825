"""`nabij data` as a person and a script meet it, and what an import leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from nabij.cli.app import app
from nabij.data import importing
from nabij.data.bundles import load_bundle
from nabij.detector.sampling import measured, resample
from nabij.errors import UsageError
from tests.host.data.importing import imported
from tests.host.data.tables import KINDS, walk

NABIJ = [sys.executable, "-m", "nabij.cli"]


def nabij(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NABIJ, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Two recordings at a neck and a waist in FallAllD's layout, and one damaged file."""
    folder = tmp_path / "FallAllD"
    folder.mkdir()
    rng = np.random.default_rng(3)
    for name in ("S01_D1_A101_T01", "S01_D3_A101_T01", "S02_D1_A020_T01"):
        counts = rng.integers(-300, 300, (2380, 3)) + np.array([4098, 0, 0])
        counts[1190, 1] = 32767
        lines = [",".join(map(str, one)) for one in counts]
        (folder / f"{name}_A.dat").write_text("\n".join(lines) + "\n")
    (folder / "S02_D1_A021_T01_A.dat").write_text("1,2,3\n1,?,3\n1,2,3\n")
    return folder


def test_import_list_and_show(published: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    done = nabij("data", "import", "fallalld", published, "-o", out)
    assert done.returncode == 0, done.stderr
    assert "recordings 3, falls 2, subjects 2" in done.stdout
    assert "FallAllD: An Open Dataset" in done.stdout
    assert done.stderr == (
        "S02_D1_A021_T01_A.dat line 2 does not have 3 numbers in its columns 1, 2, 3 "
        "(separated by ','): copy the file again, or leave it out.\nFiles left out: 1.\n"
    )
    listed = json.loads(nabij("data", "list", out, "--json").stdout)
    assert [(one["placement"], one["falls"], one["others"]) for one in listed["groups"]] == [
        ("neck", 1, 1),
        ("waist", 1, 0),
    ]
    assert "waist" in nabij("data", "list", out).stdout
    picture = tmp_path / "fall.png"
    shown = nabij("data", "show", out, "S01_D1_A101_T01", "--plot", picture)
    assert shown.returncode == 0, shown.stderr
    assert "A101 Fall F, walking, trip" in shown.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_list_names_what_is_no_bundle_and_goes_on(published: Path, tmp_path: Path) -> None:
    imported("fallalld", published, tmp_path / "[b]")
    given = (tmp_path / "gone", tmp_path / "[b]", published)
    done = nabij("data", "list", *given)
    assert done.returncode == 1
    assert "[b]" in done.stdout
    assert [line.rpartition(": ")[2] for line in done.stderr.splitlines()] == [
        "there is no such folder.",
        "it has no readable index.csv.",
    ]
    done = nabij("data", "list", *given, "--json")
    assert done.returncode == 1
    listed = json.loads(done.stdout)
    assert len(listed["groups"]) == len(listed["problems"]) == 2


def test_json_is_one_object_and_has_the_problems(published: Path, tmp_path: Path) -> None:
    done = nabij("data", "import", "fallalld", published, "-o", tmp_path / "b", "--json")
    summary = json.loads(done.stdout)
    assert summary["counts"]["recordings"] == 3
    assert summary["counts"]["placements"] == {"neck": 2, "waist": 1}
    assert len(summary["problems"]) == 1
    shown = json.loads(nabij("data", "show", tmp_path / "b", "S02_D1_A020_T01", "--json").stdout)
    assert shown["samples"] == 2380
    assert shown["samples_at_104_hz"] == 1040


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["import", "nothing", "{set}", "-o", "{out}"], 2, "choose from sisfall, fallalld"),
        (["import", "sisfall", "{set}", "-o", "{out}"], 2, "no file of SisFall as published"),
        (["import", "fallalld", "{set}/x", "-o", "{out}"], 2, "There is no"),
        (["import", "fallalld", "{set}.zip", "-o", "{out}"], 2, "unpack it"),
        (["import", "fallalld", "{set}", "-o", "{set}/in"], 2, "write the bundle elsewhere"),
        (["import", "fallalld", "{set}", "-o", "{out}", "--placement", "toe"], 2, "neck, wrist"),
        (["import", "fallalld", "{set}", "-o", "{set}/S02_D1_A020_T01_A.dat/x"], 2, "elsewhere"),
        (["import", "fallalld", "{set}", "-o", "-"], 2, "A bundle is a folder"),
        (["import", "fallalld", "{set}", "-o", "{out}/x"], 2, "out for x: make it, or correct"),
        (["import", "csv", "{set}", "--labels-template", "-o", "{out}/x"], 2, "out for x: make"),
        (["list", "{set}"], 2, "is not a trace bundle: it has no readable index.csv"),
        (["list", "{set}/S02_D1_A020_T01_A.dat"], 2, "it is a file, not a folder"),
        (["show", "{set}", "T1"], 2, "is not a trace bundle"),
    ],
)
def test_errors_are_one_sentence(
    published: Path, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    filled = [one.format(set=published, out=tmp_path / "out") for one in arguments]
    done = nabij("data", *filled)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith(".\n")
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_show_of_an_unknown_trial_or_picture_says_what_to_do(
    published: Path, tmp_path: Path
) -> None:
    imported("fallalld", published, tmp_path / "b")
    done = nabij("data", "show", tmp_path / "b", "s01_d1")
    assert done.returncode == 2
    assert "there are S01_D1_A101_T01" in done.stderr
    done = nabij("data", "show", tmp_path / "b", "S01_D1_A101_T01", "--plot", "x.doc")
    assert done.returncode == 2
    assert "name it .png" in done.stderr


def test_a_picture_for_standard_output_is_a_png_and_nothing_else(
    published: Path, tmp_path: Path
) -> None:
    imported("fallalld", published, tmp_path / "b")
    words = ["data", "show", str(tmp_path / "b"), "S01_D1_A101_T01", "--plot", "-"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0
    assert done.stdout_bytes.startswith(b"\x89PNG")
    assert done.stdout_bytes.endswith(b"IEND\xaeB`\x82")
    both = CliRunner().invoke(app, [*words, "--json"])
    assert (both.exit_code, both.stdout) == (2, "")
    assert "name a file for one" in both.stderr


@pytest.mark.parametrize("verb", ["import", "list", "show"])
def test_help_has_an_example(verb: str) -> None:
    assert "Example: nabij data" in nabij("data", verb, "--help").stdout


def test_the_badges_view_is_resampled_saturated_and_in_steps(
    published: Path, tmp_path: Path
) -> None:
    plain, _ = imported("fallalld", published, tmp_path / "plain")
    conversion = importing.badge_conversion(badge=True, rate_hz=None)
    badge, _ = imported("fallalld", published, tmp_path / "badge", conversion=conversion)
    for logged, seen in zip(plain.rows, badge.rows, strict=True):
        assert (logged.rate_hz, seen.rate_hz) == (238, 104)
        assert np.array_equal(seen.samples, measured(resample(logged.samples, 238)))
        # What stood in the original stays known.
        assert seen.extra["quality"] == logged.extra["quality"] == "clipped"
    at_50, _ = imported(
        "fallalld",
        published,
        tmp_path / "fifty",
        conversion=importing.badge_conversion(badge=False, rate_hz=50),
    )
    assert {row.rate_hz for row in at_50.rows} == {50}


def test_the_manifest_says_where_it_came_from_and_what_was_done(
    published: Path, tmp_path: Path
) -> None:
    conversion = importing.badge_conversion(badge=True, rate_hz=None)
    bundle, problems = imported("fallalld", published, tmp_path / "b", conversion=conversion)
    manifest = bundle.manifest
    assert manifest["set"] == "fallalld"
    assert "Saleh" in manifest["citation"]
    assert manifest["licence"]
    assert manifest["source"].startswith("https://")
    assert manifest["conversion"]["rate_hz"] == 104
    assert "0.488 mg" in manifest["conversion"]["badge"]
    assert "0.244 mg" in manifest["conversion"]["to_milli_g"]
    assert manifest["counts"]["recordings"] == len(bundle.rows) == 3
    assert manifest["problems"] == problems


def test_a_bundle_is_replaced_only_when_told_and_other_folders_never(
    published: Path, tmp_path: Path
) -> None:
    imported("fallalld", published, tmp_path / "b", placements=["waist"])
    with pytest.raises(UsageError, match="add --force"):
        imported("fallalld", published, tmp_path / "b")
    assert len(load_bundle(tmp_path / "b").rows) == 1
    bundle, _ = imported("fallalld", published, tmp_path / "b", force=True)
    assert len(bundle.rows) == 3
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("years of work")
    with pytest.raises(UsageError, match="other things than a bundle"):
        imported("fallalld", published, other, force=True)
    assert (other / "chapter.txt").read_text() == "years of work"
    assert {one.name for one in tmp_path.iterdir()} == {"FallAllD", "b", "thesis"}


def test_an_import_that_is_interrupted_leaves_the_old_bundle_and_nothing_else(
    published: Path, tmp_path: Path
) -> None:
    imported("fallalld", published, tmp_path / "b", placements=["waist"])

    def interrupt(done: int, _of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    request = importing.Request("fallalld", published, tmp_path / "b", force=True)
    with pytest.raises(KeyboardInterrupt):
        importing.run(request, interrupt)
    assert len(load_bundle(tmp_path / "b").rows) == 1
    assert {one.name for one in tmp_path.iterdir()} == {"FallAllD", "b"}


def test_progress_counts_every_file(published: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    request = importing.Request("fallalld", published, tmp_path / "b")
    importing.run(request, lambda done, of: seen.append((done, of)))
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("name", sorted(importing.IMPORTERS))
def test_every_set_says_whose_it_is(name: str) -> None:
    source = importing.IMPORTERS[name].SOURCE
    assert source.key == name
    assert source.citation
    assert source.licence
    assert set(source.torso) <= set(source.placements)


def test_a_recording_that_is_there_twice_is_imported_once(published: Path, tmp_path: Path) -> None:
    (published / "copy").mkdir()
    name = "S01_D1_A101_T01_A.dat"
    (published / "copy" / name).write_bytes((published / name).read_bytes())
    bundle, problems = imported("fallalld", published, tmp_path / "b")
    assert len(bundle.rows) == 3
    assert any("S01_D1_A101_T01 at neck occurs twice" in one for one in problems)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Two files of one kind, one of another, and one that is no table."""
    folder = tmp_path / "mine"
    for name in ("a.csv", "b.csv"):
        KINDS["Excel in Dutch"].write(folder / name, walk(), 100)
    KINDS["epoch in ms, six axes"].write(folder / "c.CSV", walk(), 100)
    (folder / "readme.txt").write_text("Recorded on a Tuesday.\n")
    return folder


def test_what_was_guessed_is_printed_with_the_first_three_samples(
    own: Path, tmp_path: Path
) -> None:
    done = nabij("data", "import", "csv", own, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:8] == [
        "a.csv and 1 more like it",
        "  time  'tijd (s)' in s (by its heading)",
        "  axes  'X (g)', 'Y (g)', 'Z (g)'",
        "  unit  g (by its heading)",
        "  text  utf-8; semicolons; decimal ','",
        *(
            f"  {at / 100:8.3f} s {x * 1000:9.1f} {y * 1000:9.1f} {z * 1000:9.1f} mg"
            for at, (x, y, z) in enumerate(np.round(walk()[:3], 4))
        ),
    ]
    assert "  time  'timestamp' in ms (by its size, that of a date)" in done.stdout
    assert "unit  g (by its size at rest" in done.stdout
    assert "Nothing written; it would be recordings 3" in done.stdout
    assert max(map(len, done.stdout.splitlines()[:-1])) <= 80
    assert "readme.txt has no three columns of numbers" in done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine"]
    told = json.loads(nabij("data", "import", "csv", own, "--dry-run", "--json").stdout)
    assert [one["file"] for one in told["taken"]] == ["a.csv", "b.csv", "c.CSV"]
    assert told["bundle"] is None
    assert len(told["taken"][0]["first"]) == 3


def test_refusals_come_before_notes_and_are_never_cut(own: Path) -> None:
    rows = "".join(f"{at / 100:.2f},0,1,0\n" for at in range(150))
    for at in range(25):
        (own / f"n{at:02}.csv").write_text(f"t_s,x (g),y,z\n{rows}t_s,x (g),y,z\n1.50,0,1,0\n")
        (own / f"r{at:02}.csv").write_text("nothing\n")
    (own / "labels.csv").write_text(
        "file,subject,activity_code,activity,is_fall,placement\ngone.csv,,,,0,\n"
    )
    done = nabij("data", "import", "csv", own, "--dry-run")
    lines = done.stderr.splitlines()
    assert "labels.csv names gone.csv" in lines[0]
    assert sum("has no three columns" in line for line in lines[1:27]) == 26
    assert sum("repeats its heading" in line for line in lines[27:47]) == 20
    assert lines[47:] == ["... and 5 more: --json lists them all.", "Files left out: 26."]
    told = json.loads(nabij("data", "import", "csv", own, "--dry-run", "--json").stdout)
    assert (len(told["problems"]), told["left_out"]) == (52, 26)


def test_every_guess_has_an_option(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    rows = (f"{at}|{at * 10}|7|0,25|0,5|0|ü" for at in range(100))
    file.write_bytes("\n".join(["n|tik|q|up|left|out|ü", *rows]).encode("cp437"))
    done = nabij(
        *("data", "import", "csv", file, "-o", tmp_path / "b", "--columns", "left,up,6"),
        *("--time", "tik", "--time-unit", "ms", "--scale", "2000", "--decimal", ","),
        *("--separator", "bar", "--encoding", "cp437"),
    )
    assert done.returncode == 0, done.stderr
    (row,) = load_bundle(tmp_path / "b").rows
    assert row.rate_hz == 100
    assert row.samples[0].tolist() == [1000, 500, 0]
    assert "'tik' in ms (as told)" in done.stdout
    assert "2000 mg each (as told)" in done.stdout
    assert "cp437; bars; decimal ','" in done.stdout
    done = nabij("data", "import", "csv", file, "-o", tmp_path / "b", "--separator", "dot")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "choose from comma, semicolon, tab, bar, blank" in done.stderr
    done = nabij("data", "import", "csv", file)
    assert (done.returncode, done.stderr) == (
        2,
        "Give -o FOLDER for the new bundle, or --dry-run to look only.\n",
    )


def test_a_template_of_labels_is_filled_in_and_imported(own: Path, tmp_path: Path) -> None:
    done = nabij("data", "import", "csv", own, "--labels-template")
    assert done.returncode == 0, done.stderr
    file = own / "labels.csv"
    assert file.read_text().splitlines() == [
        "file,subject,activity_code,activity,is_fall,placement,fall_start_s,fall_end_s",
        *(f"{name},,,,0,,," for name in ("a.csv", "b.csv", "c.CSV", "readme.txt")),
    ]
    assert nabij("data", "import", "csv", own, "--labels-template").returncode == 2
    shown = nabij("data", "import", "csv", own, "--labels-template", "-o", "-")
    assert shown.stdout == file.read_text()
    # As a Dutch spreadsheet saves it.
    filled = file.read_text().replace("b.csv,,,,0,,,", "b.csv,Jan,F1,Fall,1,neck,1.5,2.25")
    saved = "\ufeff" + filled.replace(",", ";").replace("1.5", "1,5").replace("2.25", "2,25")
    file.write_text(saved.replace("readme.txt;;;;0;;;\n", ""), newline="\r\n")
    (own / "readme.txt").unlink()
    bundle, problems = imported("csv", own, tmp_path / "b")
    assert problems == []
    fall = next(row for row in bundle.rows if row.is_fall)
    assert (fall.trial_id, fall.subject, fall.activity, fall.placement) == (
        *("b", "Jan", "Fall", "neck"),
    )
    assert (fall.extra["fall_start_s"], fall.extra["fall_end_s"]) == ("1.5", "2.25")
    assert len(bundle.rows) == 3


def test_recordings_that_rest_elsewhere_are_told_together(published: Path, tmp_path: Path) -> None:
    for file in published.glob("S0[12]*T01_A.dat"):
        if "A021" not in file.name:
            lines = file.read_text().splitlines()
            rows = [[int(cell) // 4 for cell in line.split(",")] for line in lines]
            file.write_text("".join(f"{x},{y},{z}\n" for x, y, z in rows))
    _, problems = imported("fallalld", published, tmp_path / "b")
    assert len(problems) == 2
    assert (
        "Of 3 recordings 3 rest outside 0.85 to 1.15 g (quality rest_off), such as" in problems[1]
    )
    assert "which a factor of" in problems[1]


@pytest.mark.parametrize("scale", ["-1", "0", "nan", "inf"])
def test_a_scale_that_can_be_none_is_refused(tmp_path: Path, scale: str) -> None:
    words = ["data", "import", "csv", str(tmp_path), "--dry-run", "--scale", scale]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "--scale is the milli-g of 1 in the file" in done.stderr
