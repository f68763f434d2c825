"""A breach of each rule of the house, and beside it what is no breach: made-up sources."""

Files = dict[str, str]
BADGE = "firmware/badge"
NABIJ = "host_tools/nabij"
WAY = "nabij.virtual.badge, nabij.virtual.demo"

# Rule, files that break it, what is said of them; files that are no breach are in there too.
BREACHES: list[tuple[str, Files, list[str]]] = [
    (
        "core_is_portable",
        {
            f"{BADGE}/core/utc.py": "import struct, time\nfrom badge.core import ticks\n",
            f"{BADGE}/core/portable.py": "import micropython\n",
        },
        [f"{BADGE}/core/utc.py imports time"],
    ),
    (
        "folders_of_the_badge",
        {
            f"{BADGE}/drivers/axp2101.py": "from badge.core.portable import const\n",
            f"{BADGE}/drivers/modem/at.py": "def wait():\n    from badge import log\n",
            f"{BADGE}/link/tls.py": "from badge.drivers.modem import at\nimport badge.link.mqtt\n",
            f"{BADGE}/storage/files.py": "import badge.tasks.bell\n",
            f"{BADGE}/tasks/uplink.py": (
                "from badge.link.tls import LinkError\nimport badge.boards.t_sim7080g_s3\n"
            ),
        },
        [
            f"{BADGE}/drivers/modem/at.py imports badge.log",
            f"{BADGE}/link/tls.py imports badge.drivers.modem",
            f"{BADGE}/link/tls.py imports badge.drivers.modem.at",
            f"{BADGE}/storage/files.py imports badge.tasks.bell",
            f"{BADGE}/tasks/uplink.py imports badge.boards.t_sim7080g_s3",
        ],
    ),
    (
        "rooms_of_tasks",
        {
            f"{BADGE}/tasks/usb/updater.py": "import badge.tasks.bell\n",
            f"{BADGE}/tasks/wearer/shift_task.py": "import badge.tasks.usb.updater\n",
        },
        [f"{BADGE}/tasks/wearer/shift_task.py imports badge.tasks.usb.updater"],
    ),
    (
        "only_assembly_sees_all_sides",
        {
            f"{BADGE}/assembly/usb.py": (
                "import badge.drivers.axp2101, badge.storage.files, badge.tasks.bell\n"
            ),
            f"{BADGE}/tasks/usb/self_check.py": (
                "from badge.drivers.modem.at import AtError\nfrom badge.storage import files\n"
            ),
            f"{BADGE}/tasks/power/power_task.py": (
                "from badge.drivers.axp2101 import Axp2101, PmuError\n"
                "from badge.storage import files\n"
            ),
        },
        [f"{BADGE}/tasks/power/power_task.py sees drivers, storage and tasks together"],
    ),
    (
        "nothing_stands_on_the_application",
        {
            "firmware/main.py": "from badge.app import run\n",
            f"{BADGE}/app.py": "from badge.assembly import usb\n",
            f"{BADGE}/start.py": "import badge.app\n",
            f"{BADGE}/tasks/bell.py": "from badge.assembly import usb\n",
        },
        [
            f"{BADGE}/start.py imports badge.app",
            f"{BADGE}/tasks/bell.py imports badge.assembly",
            f"{BADGE}/tasks/bell.py imports badge.assembly.usb",
        ],
    ),
    (
        "boards_are_wiring",
        {f"{BADGE}/boards/a_board.py": "from machine import Pin\nimport badge.core.ticks\n"},
        [f"{BADGE}/boards/a_board.py imports badge.core.ticks"],
    ),
    (
        "runs_on_micropython_alone",
        {f"{BADGE}/log.py": "import sys, pathlib\nimport badge.core.ticks\n"},
        [f"{BADGE}/log.py imports pathlib"],
    ),
    (
        "others_use_only_the_core",
        {
            f"{NABIJ}/usb/device.py": (
                "import badge.core.codec.cbor\nfrom badge.tasks import bell\n"
            ),
            "sim/models/flash.py": "import badge.storage.files\n",
        },
        [
            f"{NABIJ}/usb/device.py imports badge.tasks",
            f"{NABIJ}/usb/device.py imports badge.tasks.bell",
            "sim/models/flash.py imports badge.storage.files",
        ],
    ),
    (
        "simulator_and_host_tools_are_strangers",
        {
            "sim/boot.py": "from nabij import errors\n",
            f"{NABIJ}/virtual/badge.py": "import simple, sim.engine\n",
        },
        [
            "sim/boot.py imports nabij",
            "sim/boot.py imports nabij.errors",
            f"{NABIJ}/virtual/badge.py imports sim.engine",
        ],
    ),
    (
        "models_know_no_world",
        {
            "sim/models/modem/line.py": "from sim.halt import RESET\nimport sim.world.world\n",
            "sim/world/wiring.py": "import sim.world.world\n",
        },
        ["sim/models/modem/line.py imports sim.world.world"],
    ),
    (
        "only_boards_know_pins",
        {
            f"{BADGE}/boards/a_board.py": "import machine\nmachine.Pin(1)\n",
            f"{BADGE}/drivers/buzzer.py": "import machine\nx = machine.Pin\ny = machine.PWM(2)\n",
            f"{BADGE}/drivers/modem/at.py": "from machine import UART\nUART(1)\n",
        },
        [
            f"{BADGE}/drivers/buzzer.py:3 makes a PWM",
            f"{BADGE}/drivers/modem/at.py:2 makes a UART",
        ],
    ),
    (
        "never_asks_whether_it_is_simulated",
        {
            f"{BADGE}/log.py": (
                "# if sim\nif simple:\n    pass\nif sys.platform == 'linux':\n    pass\n"
            )
        },
        [f"{BADGE}/log.py:4"],
    ),
    (
        "core_floors",
        {
            f"{BADGE}/core/ticks.py": "import badge.core.codec.cbor\n",
            f"{BADGE}/core/detector/ring.py": "import badge.core.ticks, badge.core.codec.cbor\n",
            f"{BADGE}/core/codec/cbor.py": "",
            f"{BADGE}/core/alarm/book.py": "from badge.core.settings import config\n",
            f"{BADGE}/core/settings/config.py": "import badge.core.wearer.sos\n",
            f"{BADGE}/core/body/fall.py": "import badge.core.alarm, badge.core.detector.ring\n",
            f"{BADGE}/core/wearer/sos.py": "import badge.core.body.fall\n",
            f"{BADGE}/core/radio/way.py": "",
        },
        [
            "badge.core.radio stands on no floor; give it one in tests/house/floors.py",
            f"{BADGE}/core/ticks.py imports badge.core.codec.cbor",
            f"{BADGE}/core/detector/ring.py imports badge.core.codec.cbor",
            f"{BADGE}/core/alarm/book.py imports badge.core.settings",
            f"{BADGE}/core/alarm/book.py imports badge.core.settings.config",
            f"{BADGE}/core/settings/config.py imports badge.core.wearer.sos",
            f"{BADGE}/core/wearer/sos.py imports badge.core.body.fall",
        ],
    ),
    (
        "nabij_floors",
        {
            f"{NABIJ}/errors.py": "import nabij.paths\n",
            f"{NABIJ}/paths.py": "from nabij.hardware import power\n",
            f"{NABIJ}/data/traces.py": "import nabij.settings.config_file\n",
            f"{NABIJ}/centre/store.py": (
                "from nabij.errors import cli\nimport nabij.virtual.site\n"
            ),
            f"{NABIJ}/usb/device.py": "import nabij.centre.store, nabij.virtual.badge\n",
            f"{NABIJ}/virtual/badge.py": "import nabij.hardware.power\n",
            f"{NABIJ}/measure/flights.py": "import nabij.cli.app\n",
            f"{NABIJ}/cli/app.py": "import nabij.centre.operator, nabij.measure.flights\n",
        },
        [
            f"{NABIJ}/paths.py imports nabij.hardware",
            f"{NABIJ}/paths.py imports nabij.hardware.power",
            f"{NABIJ}/data/traces.py imports nabij.settings.config_file",
            f"{NABIJ}/centre/store.py imports nabij.virtual.site",
            f"{NABIJ}/usb/device.py imports nabij.virtual.badge",
            f"{NABIJ}/measure/flights.py imports nabij.cli.app",
        ],
    ),
    (
        "centre_floors",
        {
            f"{NABIJ}/centre/clocks.py": "import nabij.errors\n",
            f"{NABIJ}/centre/database/schema.py": "import nabij.centre.incidents.merge\n",
            f"{NABIJ}/centre/incidents/merge.py": (
                "import nabij.centre.database.schema, nabij.centre.clocks\n"
            ),
            f"{NABIJ}/centre/store.py": "from nabij.centre.watch.quiet import MOST_MIN\n",
            f"{NABIJ}/centre/watch/quiet.py": (
                "import nabij.centre.store\nimport nabij.centre.register.pki\n"
            ),
            f"{NABIJ}/centre/link/intake.py": "import nabij.centre.watch.quiet\n",
            f"{NABIJ}/centre/service.py": "import nabij.centre.link.intake\n",
            f"{NABIJ}/centre/guesses.py": "",
        },
        [
            f"{NABIJ}/centre/database/schema.py imports nabij.centre.incidents.merge",
            f"{NABIJ}/centre/store.py imports nabij.centre.watch.quiet",
            f"{NABIJ}/centre/store.py imports nabij.centre.watch.quiet.MOST_MIN",
            f"{NABIJ}/centre/watch/quiet.py imports nabij.centre.register.pki",
            f"{NABIJ}/centre/guesses.py stands on no floor; give it one in tests/house/floors.py",
        ],
    ),
    (
        "dialects_stay_in_the_database",
        {
            f"{NABIJ}/centre/database/engines.py": "import sqlite3\nx = 'PRAGMA a'\n",
            f"{NABIJ}/centre/store.py": "import sqlalchemy as sa\nfrom sqlalchemy import exc\n",
            f"{NABIJ}/centre/incidents/alarms.py": (
                "from sqlalchemy.dialects.sqlite import insert\n"
                "a = sa.func.max(one)\n"
                "b = sa.func.max(one, other)\n"
                "insert(x).on_conflict_do_update(set_={})\n"
                "sa.Index('i', sqlite_where=x)\n"
                "run('PRAGMA user_version')\n"
                "c = max(one, other)\n"
            ),
            f"{NABIJ}/usb/keys.py": "import sqlite3\n",
        },
        [
            f"{where} knows the database; put it into {NABIJ}/centre/database"
            for where in (
                *(f"{NABIJ}/centre/incidents/alarms.py:{line}" for line in (1, 3, 4, 5, 6)),
                f"{NABIJ}/usb/keys.py:1",
            )
        ],
    ),
    (
        "analysis_needs_no_centre",
        {
            f"{NABIJ}/replay/run.py": "import nabij.virtual.badge\n",
            f"{NABIJ}/tune/fit.py": "import nabij.data.bundles\n",
            f"{NABIJ}/data/bundles.py": "",
            f"{NABIJ}/virtual/badge.py": "def demo():\n    from nabij.virtual import demo\n",
            f"{NABIJ}/virtual/demo.py": "from nabij.centre.store import Store\n",
            f"{NABIJ}/centre/store.py": "",
        },
        [f"{NABIJ}/replay/run.py reaches nabij.centre.store by way of {WAY}"],
    ),
    (
        "kinds_are_numbered_once",
        {
            f"{BADGE}/core/alarm/kinds.py": "SOS = 1\nkind = 1\nfound = kind == 1\n",
            f"{BADGE}/core/alarm/book.py": (
                "from badge.core.alarm import kinds\n"
                "if alarm.kind == kinds.SOS or alarm.seq == 1:\n    pass\n"
                "if alarm.kind == 0 or alarm.kind == 70:\n    pass\n"
                "_AT_ONCE = (9,)\nis_at_once = kind in _AT_ONCE\n"
                "find(seq=1, kind=kinds.RIP)\n"
            ),
            f"{NABIJ}/centre/incidents/merge.py": (
                "_RED: Final = frozenset({1, 2})\n"
                "_NAMES = {1: 'sos'}\n"
                "AMBER, OTHER = 7, 70\n"
                "x = after.kind in _RED\n"
                "y = _NAMES[self.kind]\n"
                "z = _NAMES.get(kind, '')\n"
                "a = one.kind == OTHER\n"
                "b = AMBER == one.kind\n"
            ),
            "tests/sim/test_badge.py": (
                "assert (seq, fact['kind']) == (1, 70)\n"
                "assert (seq, fact['kind']) == (70, 1)\n"
                "assert [f['kind'] for f in told] == [1]\n"
                "message(kind=2)\n"
                "fields = {'kind': 6, 'seq': 1}\n"
            ),
        },
        [
            f"{where} numbers kinds of alarm; take them from {BADGE}/core/alarm/kinds.py"
            for where in (
                f"{BADGE}/core/alarm/book.py:7",
                *(f"{NABIJ}/centre/incidents/merge.py:{line}" for line in (4, 5, 6, 8)),
                *(f"tests/sim/test_badge.py:{line}" for line in (2, 3, 4, 5)),
            )
        ],
    ),
    (
        "files_stay_short",
        {"sim/long.py": "x = 1\n" * 401, "sim/short.py": "x = 1\n" * 400},
        ["sim/long.py has 401 lines, more than 400"],
    ),
    (
        "calls_name_what_they_give",
        {
            f"{NABIJ}/data/timeline.py": "Part(1, 2, 3, 4, 5, 6, *rest)\nPart(1, 2, 3, 4, 5, 6)\n",
            f"{NABIJ}/centre/database/schema.py": "sa.Table(1, 2, 3, 4, 5, 6, 7)\n",
            f"{BADGE}/core/slots.py": "struct.pack(1, 2, 3, 4, 5, 6, x=7)\n",
        },
        [f"{NABIJ}/data/timeline.py:1 gives Part 7 arguments by position"],
    ),
    (
        "only_places_count_folders",
        {
            "tests/places.py": "REPO = Path(__file__).resolve().parents[1]\n",
            "tests/core/test_utc.py": "REPO = Path(__file__).resolve().parents[2]\n",
            "tests/core/test_ticks.py": "HERE = Path(__file__).parent\n",
            f"{NABIJ}/paths.py": "x = 1\nREPO = Path(__file__).parent.parent / 'docs'\n",
            f"{NABIJ}/data/weda.py": "name = file.parent.parent.name\n",
        },
        [
            f"{where} counts folders; take the place from {NABIJ}/places.py or tests/places.py"
            for where in ("tests/core/test_utc.py:1", f"{NABIJ}/paths.py:2")
        ],
    ),
    (
        "texts_are_printed_as_they_are",
        {
            f"{NABIJ}/cli/a.py": "from rich.console import Console\nConsole(stderr=True)\n",
            f"{NABIJ}/cli/b.py": "from rich.console import Console\nConsole(emoji=False)\n",
            f"{NABIJ}/cli/serve.py": "Console(address)\n",
        },
        [f"{NABIJ}/cli/a.py:2 makes a console that reads emoji codes; give emoji=False"],
    ),
    (
        "imports_are_absolute",
        {f"{NABIJ}/paths.py": "import os\nfrom . import errors\n"},
        [f"{NABIJ}/paths.py:2 imports from a relative place"],
    ),
    (
        "imports_exist",
        {
            f"{BADGE}/core/utc.py": "import struct\nfrom badge.core import ticks\n",
            "sim/models/modem/line.py": "from sim.models.modem.line import Line\n",
            "tests/core/test_utc.py": repr(
                "from badge.core.utc import to_civil\n"
                "from sim.models import modem, line as x\n  import badge.core.clock\n"
            ),
        },
        [
            f"{BADGE}/core/utc.py imports badge.core.ticks, which does not exist",
            "tests/core/test_utc.py imports sim.models.line, which does not exist",
            "tests/core/test_utc.py imports badge.core.clock, which does not exist",
        ],
    ),
    (
        "no_test_imports_a_test",
        {
            "tests/sim/lives.py": "",
            "tests/sim/test_badge.py": "from tests.sim.lives import said\n",
            "tests/sim/test_power.py": "import pytest\nfrom tests.sim.test_badge import events\n",
            "tests/sim/test_sleep.py": "from tests.sim import test_badge\n",
        },
        [
            "tests/sim/test_power.py imports tests.sim.test_badge",
            "tests/sim/test_sleep.py imports tests.sim.test_badge",
        ],
    ),
    (
        "tests_keep_out_of_private_names",
        {
            "tests/core/test_utc.py": (
                "class World:\n    def f(self):\n        self._x = tuple_()._asdict()\n"
                "world._x = 1\n"
                "from nabij.usb.repl import _ENTER_S\n"
                "monkeypatch.setattr(repl, '_SILENT_S', 1)\n"
                "SCRIPT = 'self._x = link._y(1)'\n"
            )
        },
        [
            "tests/core/test_utc.py:4 reaches into _x",
            "tests/core/test_utc.py:5 reaches into _ENTER_S",
            "tests/core/test_utc.py:6 reaches into _SILENT_S",
            "tests/core/test_utc.py:7 reaches into _y",
        ],
    ),
]
