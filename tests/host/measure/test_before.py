"""The tables before the present ones learn from no softened fall and are measured held out."""

from __future__ import annotations

from pathlib import Path

import pytest

from nabij.data import bundles
from nabij.measure import accuracy, before
from nabij.measure.held_out import Corpus
from nabij.tune import recipe, recordings
from nabij.tune.recordings import Copies
from tests.host.tune import people


def test_no_softened_fall_teaches_and_all_else_does(tmp_path: Path) -> None:
    data = recordings.gather([bundles.load_bundle(people.write(tmp_path / "x", 1))])
    of = (data.samples, data.offsets)
    with_soft = recordings.sample_of(of, Copies(1, 2), data.labels.is_fall)
    without = recordings.sample_of(of, Copies(1, 0), data.labels.is_fall)
    assert len(with_soft.copy) > len(without.copy)
    left = before.without_softened(Corpus(data, data, with_soft)).sample
    assert left.copy.tolist() == without.copy.tolist()
    assert (left.impacts.evidence == without.impacts.evidence).all()


def test_they_are_measured_on_people_held_out_and_never_as_shipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people.write(tmp_path / "fallalld", 2)
    assert accuracy.main([str(tmp_path), "--alone", "--before", "--only", "neck"]) == 0
    out = capsys.readouterr().out
    assert "Fitted as the tables before the present ones." in out
    assert "neck, on people held out" in out
    assert "as shipped" not in out.replace("are only judged as shipped", "")


def test_places_and_weights_are_the_same_and_limits_are_not() -> None:
    for old, new in zip(before.RECIPES, recipe.RECIPES, strict=True):
        assert (old.name, old.worn, old.copies) == (new.name, new.worn, new.copies)
        assert old.presets != new.presets
        assert old.how.weight == new.how.weight
