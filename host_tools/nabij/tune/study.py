"""The study: a journal of all trials on disk, which an interrupted tuning goes on with."""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import optuna
from optuna import Study
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from nabij.errors import NabijError, UsageError
from nabij.paths import make_folder
from nabij.tune import search

_NAME: Final = "nabij tune"
_TOLD: Final = "tuning"


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the study in a file, made if it is not there; NabijError when another tuning does."""
    make_folder(path.parent)
    try:
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError:
        raise NabijError(
            f"Another tuning uses {path}: stop it, or choose another file with --study."
        ) from None


def open_study(path: Path, about: dict[str, Any]) -> Study:
    """Return the study in a file, made if it is not there.

    `about` says what it tunes on; UsageError when the file is about something else.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    make_folder(path.parent)
    about = {**about, "space": _space()}
    try:
        _mend(path)
        storage = JournalStorage(JournalFileBackend(str(path)))
        study = optuna.create_study(
            storage=storage,
            study_name=_NAME,
            directions=["maximize", "minimize"],
            load_if_exists=True,
        )
        known = study.user_attrs.get(_TOLD)
    except OSError as error:
        raise NabijError(
            f"Cannot use the study {path} ({error.strerror}): choose another with --study."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is not the study of a tuning: choose another file with --study."
        ) from error
    if known is None:
        study.set_user_attr(_TOLD, about)
    elif known != about:
        other = ", ".join(name for name in about if known.get(name) != about[name])
        raise UsageError(
            f"{path} holds a study with other {other}: give what it was begun with, or another "
            "file with --study."
        )
    _close_interrupted(study)
    return study


def seed_batch(study: Study, seed: int, done: int) -> None:
    """Let the sampler go on as it would have without an interruption after `done` trials."""
    study.sampler = optuna.samplers.TPESampler(
        seed=(seed * 1_000_003 + done) % (1 << 32), n_startup_trials=2 * search.BATCH
    )


def _mend(path: Path) -> None:
    """Cut off the end of a journal of which the last line was not written whole.

    Optuna would write its next line behind it, and then read neither.
    """
    if not path.exists():
        return
    with path.open("r+b") as file:
        whole = file.read()
        end = whole.rfind(b"\n") + 1
        # Of a file that is something else nothing is cut.
        if end < len(whole) and whole.startswith(b'{"op_code"'):
            file.truncate(end)


def _close_interrupted(study: Study) -> None:
    """Give up trials that an interrupted batch left open: it is asked again, with its seed."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING, TrialState.WAITING)):
        study._storage.set_trial_state_values(  # noqa: SLF001 - tell() takes no waiting trials
            trial._trial_id,  # noqa: SLF001
            TrialState.FAIL,
        )


def _space() -> str:
    return json.dumps([search.SHAPE, search.LIMITS, search.BATCH])
