"""Every rule that the sources keep, by name; each has its breach in breaches.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.house import (
    database_rules,
    fact_rules,
    file_rules,
    firmware_rules,
    floors,
    testing_rules,
)
from tests.house.sources import Sources

Rule = Callable[[Sources], list[str]]
"""Takes a tree of sources and returns a sentence for each place that breaks the rule."""

_ALL: Final[tuple[Rule, ...]] = (
    firmware_rules.core_is_portable,
    firmware_rules.folders_of_the_badge,
    firmware_rules.rooms_of_tasks,
    firmware_rules.only_assembly_sees_all_sides,
    firmware_rules.nothing_stands_on_the_application,
    firmware_rules.boards_are_wiring,
    firmware_rules.runs_on_micropython_alone,
    firmware_rules.others_use_only_the_core,
    firmware_rules.simulator_and_host_tools_are_strangers,
    firmware_rules.models_know_no_world,
    firmware_rules.only_boards_know_pins,
    firmware_rules.never_asks_whether_it_is_simulated,
    floors.core_floors,
    floors.nabij_floors,
    floors.centre_floors,
    database_rules.dialects_stay_in_the_database,
    floors.analysis_needs_no_centre,
    fact_rules.kinds_are_numbered_once,
    file_rules.files_stay_short,
    file_rules.calls_name_what_they_give,
    file_rules.only_places_count_folders,
    file_rules.texts_are_printed_as_they_are,
    file_rules.imports_are_absolute,
    file_rules.imports_exist,
    testing_rules.no_test_imports_a_test,
    testing_rules.tests_keep_out_of_private_names,
)
RULES: Final = {rule.__name__: rule for rule in _ALL}
