"""`nabij tune`: a configuration that replay takes, the same one however the work was spread."""

from __future__ import annotations

import itertools
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nabij.cli.app import app
from nabij.errors import EXIT_FAILURE, EXIT_USAGE
from tests.host.tune import people


def nabij(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def sentence(result: Result, code: int) -> str:
    """What a failed command says: exactly one line, no traceback."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    (line,) = result.stderr.strip().splitlines()
    return line


def tuned(bundle: Path, out: Path, *options: object) -> tuple[str, dict[str, Any]]:
    """Tune in the folder `out`; the configuration and the JSON."""
    result = nabij("tune", bundle, "-o", out / "made.toml", "--json", *options)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return (out / "made.toml").read_text(), document


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people.write(tmp_path_factory.mktemp("people") / "made")


@pytest.fixture(scope="module")
def done(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """Forty trials in one process, in one go."""
    return tuned(bundle, tmp_path_factory.mktemp("whole"), "--trials", 40)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two Dask workers, each a process, on loopback behind TLS; the scheduler's address."""
    distributed = pytest.importorskip("distributed")
    import dask

    # As docs/tune.md tells: nabij finds its certificate in the configuration of Dask.
    made = distributed.security.Security.temporary()
    folder = tmp_path_factory.mktemp("tls")
    (folder / "ca.pem").write_text(made.tls_ca_file)
    (folder / "me.pem").write_text(made.tls_client_cert)
    (folder / "me.key").write_text(made.tls_client_key)
    tls = {"distributed.comm.tls.ca-file": str(folder / "ca.pem")}
    for role in ("client", "scheduler", "worker"):
        tls[f"distributed.comm.tls.{role}.cert"] = str(folder / "me.pem")
        tls[f"distributed.comm.tls.{role}.key"] = str(folder / "me.key")
    with (
        dask.config.set(tls),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tls://",
            security=distributed.security.Security(require_encryption=True),
            dashboard_address=None,
        ) as running,
    ):
        assert running.scheduler_address.startswith("tls://")
        yield running.scheduler_address


def test_the_configuration_finds_the_falls_that_it_was_made_for(
    bundle: Path, done: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    config = tmp_path / "made.toml"
    config.write_text(done[0])
    replayed = nabij("replay", bundle, "--config", config, "--json")
    assert replayed.exit_code == 0
    (group,) = json.loads(replayed.stdout)["groups"]
    assert group["falls"] == 3 * people.PEOPLE
    assert group["detected"] >= 0.9 * group["falls"]
    assert group["others_with_alarm"] <= 0.1 * group["others"]


def test_the_front_is_one_and_its_figures_are_of_everybody(
    done: tuple[str, dict[str, Any]],
) -> None:
    found = done[1]
    scores = [one["search"] for one in found["front"]]
    for one, other in itertools.pairwise(scores):
        assert one["false_per_hour"] < other["false_per_hour"]
        assert one["sensitivity"] < other["sensitivity"]
    assert [one["trial"] for one in found["front"] if one["picked"]] == [found["picked"]]
    for one in found["front"]:
        (source,) = one["held_out"]
        assert source["source"] == "made/neck"
        assert source["falls"] == source["others"] == 3 * people.PEOPLE
        low, high = source["sensitivity_95"]
        assert low <= source["detected"] / source["falls"] <= high


def test_two_processes_find_the_same(
    bundle: Path, done: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    assert tuned(bundle, tmp_path, "--trials", 40, "--workers", 2) == done


def test_a_cluster_finds_the_same(
    bundle: Path, done: tuple[str, dict[str, Any]], tmp_path: Path, cluster: str
) -> None:
    assert tuned(bundle, tmp_path, "--trials", 40, "--scheduler", cluster) == done
    from distributed import Client

    def has_fitted() -> bool:
        import sys

        return "nabij.tune.fit" in sys.modules

    with Client(cluster) as client:
        assert list(client.run(has_fitted).values()) == [True, True]


def test_an_interrupted_tuning_goes_on_to_the_same_end(
    bundle: Path,
    done: tuple[str, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nabij.tune import fan_out

    fits = 0
    whole = fan_out.work

    def interrupted(*given: Any) -> Any:
        nonlocal fits
        fits += 1
        # In the middle of the second batch, whose trials are asked but not told.
        if fits > 30:
            raise KeyboardInterrupt
        return whole(*given)

    monkeypatch.setattr(fan_out, "work", interrupted)
    options = ("tune", bundle, "-o", tmp_path / "made.toml", "--trials", 40)
    assert "Stopped after 20 trials" in sentence(nabij(*options), EXIT_FAILURE)
    assert not (tmp_path / "made.toml").exists()
    monkeypatch.undo()
    # What a cut in the middle of a line leaves.
    journal = tmp_path / "made.toml.study"
    journal.write_bytes(journal.read_bytes()[:-7])
    text, found = tuned(bundle, tmp_path, "--trials", 40)
    # An asked trial that was never told keeps its number.
    assert found["trials"] == done[1]["trials"] == 40
    assert [one["search"] for one in found["front"]] == [one["search"] for one in done[1]["front"]]
    assert tomllib.loads(text) == tomllib.loads(done[0])


def test_nobody_is_judged_by_a_table_that_saw_them(tmp_path: Path) -> None:
    from nabij.replay import run
    from nabij.tune import dataset
    from nabij.tune.recordings import Copies

    def silent(what: str, total: int) -> Callable[[], object]:
        return lambda: None

    first = people.write(tmp_path / "one", placement="neck")
    loaded = run.load([first, people.write(tmp_path / "two", placement="waist")], silent)
    both_sides = [people.write(tmp_path / "three")]
    index = (both_sides[0] / "index.csv").read_text()
    rows = index.splitlines()
    # The same people wore a second badge at the waist.
    more = [one.replace("neck", "waist").replace("P", "waist_P", 1) for one in rows[1:]]
    (both_sides[0] / "index.csv").write_text("\n".join([*rows, *more]) + "\n")
    # One set imported twice, a bundle for each place.
    imports = [
        people.write(tmp_path / f"set_{place}", placement=place) for place in ("neck", "waist")
    ]
    for folder in imports:
        (folder / "manifest.json").write_text('{"set": "fallalld"}')
    again = run.load(imports, silent)
    prepared = dataset.prepare(again, "neck", silent, copies=Copies(), seed=1).lesson
    assert set(prepared.labels.person) == {f"fallalld:P{k}" for k in range(people.PEOPLE)}
    for given in (loaded, again, run.load(both_sides, silent)):
        lesson = dataset.prepare(given, "neck", silent, copies=Copies(), seed=1).lesson
        for fold in (lesson.fold, lesson.other_fold):
            folds_of: dict[str, set[int]] = {}
            for person, number in zip(lesson.labels.person, fold, strict=True):
                folds_of.setdefault(str(person), set()).add(int(number))
            assert all(len(numbers) == 1 for numbers in folds_of.values())
            assert len(set().union(*folds_of.values())) == dataset.FOLDS


def test_a_table_does_not_depend_on_the_people_held_out(bundle: Path) -> None:
    import numpy as np

    from nabij.replay import run
    from nabij.tune import dataset, fan_out, search
    from nabij.tune.recordings import Copies

    def silent(what: str, total: int) -> Callable[[], object]:
        return lambda: None

    lesson = dataset.prepare(
        run.load([bundle], silent), "neck", silent, copies=Copies(noisy=1, soft=1), seed=1
    ).lesson
    how = search.hyperparameters({name: some[0] for name, some in search.SHAPE.items()}, lesson, 1)
    impacts = lesson.sample.impacts
    for job in (fan_out.Job(how, 1), fan_out.Job(how, 1, other_folds=True)):
        before = fan_out.work(lesson, job)
        fold = lesson.other_fold if job.other_folds else lesson.fold
        people_out = set(lesson.labels.person[fold == 1])
        assert set(lesson.labels.person[impacts.recording[before.rows]]) <= people_out
        hidden = np.isin(lesson.labels.person[impacts.recording], list(people_out))
        kept = impacts.evidence.copy()
        impacts.evidence[hidden] = np.random.default_rng(3).integers(0, 256, kept[hidden].shape)
        assert fan_out.work(lesson, job).verifier == before.verifier
        impacts.evidence[~hidden] = 255 - kept[~hidden]
        assert fan_out.work(lesson, job).verifier != before.verifier
        impacts.evidence[:] = kept


def test_each_false_alarm_of_a_long_recording_counts() -> None:
    import numpy as np

    from nabij.tune import fit
    from nabij.tune.extract import Impacts

    at_s = [(0, 10.0), (0, 3600.0), (0, 12.0), (0, 20.0), (1, 20.5), (1, 50.0), (2, 5.0)]
    recording = np.array([k for k, _ in at_s], np.int32)
    at = np.array([round(104 * s) for _, s in at_s], np.int32)
    impacts = Impacts(recording, at, np.zeros((len(at), 28), np.uint8))
    fall = np.array([5, 5, 5, 5, 5, 5, -1])
    down = np.array([9, 9, 9, 9, 9, 3, 9])
    # That at 12 s comes while the one at 10 s is not settled yet: one alarm to the wearer.
    counted = fit.count_alarms((fall, down), impacts, 4, fit.Limits(0, 4))
    assert counted.tolist() == [3, 1, 0, 0]
    assert fit.count_alarms((fall, down), impacts, 4, fit.Limits(0, 3)).tolist() == [3, 2, 0, 0]


@pytest.mark.parametrize(
    ("most", "rule"), [(0.0, "at most 0 "), (5.5, "at most 5.5"), (None, "the knee")]
)
def test_the_pick_follows_its_rule(most: float | None, rule: str) -> None:
    from nabij.tune.finalists import pick
    from nabij.tune.search import Score

    front = [Score(0.5, 1.0), Score(0.9, 2.0), Score(0.95, 5.0), Score(1.0, 20.0)]
    chosen = pick(front, most)
    assert rule in chosen.rule
    assert front[chosen.index] == {0.0: front[0], 5.5: front[2], None: front[1]}[most]


def test_the_limit_on_false_alarms_is_kept(bundle: Path, tmp_path: Path) -> None:
    options = ("--trials", 20, "--max-false-per-hour", 1000)
    _, found = tuned(bundle, tmp_path, *options)
    picked = next(one for one in found["front"] if one["picked"])
    assert picked is found["front"][-1]


def test_another_tuning_does_not_go_on_with_a_study(
    bundle: Path, done: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    tuned(bundle, tmp_path, "--trials", 20)
    again = nabij("tune", bundle, "-o", tmp_path / "made.toml", "--trials", 20, "--seed", 2)
    assert "holds a study with other seed" in sentence(again, EXIT_USAGE)


def test_what_cannot_be_is_refused_in_one_sentence(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nabij.tune import fan_out

    monkeypatch.setattr(fan_out, "CONNECT_S", 1)

    def tell(*options: object, code: int = EXIT_USAGE) -> str:
        return sentence(nabij("tune", *options, "-o", tmp_path / "x.toml", "--trials", 20), code)

    assert "choose neck or belt" in tell(bundle, "--position", "wrist")
    assert "no such folder" in tell(tmp_path / "gone")
    assert "--position belt is judged by" in tell(bundle, "--position", "belt", code=EXIT_FAILURE)
    alone = people.write(tmp_path / "alone", people=1)
    assert "all recordings are of one person" in tell(alone, code=EXIT_FAILURE).lower()
    for chosen in (("--subjects", "P0"), ("--exclude", "P[1-9]*")):
        one = tell(bundle, *chosen, code=EXIT_FAILURE)
        assert "all recordings are of one person" in one.lower()
    assert "No recording is of subject 'Q1'" in tell(bundle, "--exclude", "Q1")
    assert "--exclude leaves no recording" in tell(bundle, "--exclude", "P*")
    assert "has no protocol" in tell(bundle, "--scheduler", "localhost:8786")
    nobody = "tcp://127.0.0.1:9"
    assert f"Cannot reach the scheduler at {nobody}" in tell(
        bundle, "--scheduler", nobody, code=EXIT_FAILURE
    )
    (tmp_path / "bad.study").write_text("this is no journal\n")
    assert "not the study of a tuning" in tell(bundle, "--study", tmp_path / "bad.study")
    assert not (tmp_path / "x.toml").exists()


def test_two_tunings_do_not_share_a_study(bundle: Path, tmp_path: Path) -> None:
    from nabij.tune import study

    with study.alone(tmp_path / "x.study"):
        other = ("-o", tmp_path / "x.toml", "--study", tmp_path / "x.study")
        complaint = sentence(nabij("tune", bundle, *other), EXIT_FAILURE)
    assert complaint.startswith("Another tuning uses")
