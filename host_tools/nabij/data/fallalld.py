"""FallAllD: neck (lanyard), wrist and waist, 238 Hz, worn together by the same people.

Layout as published: `S01_D1_A101_T01_A.dat`: subject, device (1 neck, 2 wrist, 3 waist), activity
(1-44 daily life, 101-135 falls), trial, sensor (A accelerometer; G, M and B are not read). A line
has three integers x,y,z: LSM9DS1 counts of 0.244 mg (+-8 g). Every trial has 4760 samples: 20 s
with the event at about 10 s, without a mattress.

Quirks: the devices were worn at the same time, so that a split by subject must hold over all
placements. "rec" in an activity: the subject gets up again after about 3 s. A001-A012 are gestures
of the hand; their names are not in the description that this importer was written from.

Checked on real files: values, rate and ids of four recordings agree with a reference conversion.
"""

import functools
import re
from pathlib import Path
from typing import Final

from nabij.data.common import Job, Logged, Recorded, Source, UnusableFileError, Wanted, named
from nabij.data.parts import recorded
from nabij.data.text_table import Shape, lines_of, read_table, read_text
from nabij.data.timeline import Rules

SOURCE: Final = Source(
    key="fallalld",
    title="FallAllD",
    citation="M. Saleh, M. Abbas, R. Le Bouquin Jeannes: FallAllD: An Open Dataset of Human Falls "
    "and Activities of Daily Living. IEEE Sensors Journal 21(2), 1849-1858 (2021)",
    licence="as stated by IEEE DataPort, where it is published; read it there",
    url="https://doi.org/10.21227/bnya-mn34",
    conversion="LSM9DS1 counts x 0.244 mg (+-8 g), axes as logged, 238 Hz",
    placements=("neck", "wrist", "waist"),
    torso=("neck", "waist"),
    looks_like="S01_D1_A101_T01_A.dat",
)
RATE_HZ: Final = 238.0
MG_A_COUNT: Final = 0.244
RAIL_MG: Final = 32767 * MG_A_COUNT
_FILE: Final = re.compile(r"(S\d\d)_D([123])_(A(\d{3}))_(T\d\d)_A\.dat")
_DEVICES: Final = {"1": "neck", "2": "wrist", "3": "waist"}
_FIRST_FALL: Final = 101
ACTIVITIES: Final = {
    "A013": "Sit down",
    "A014": "Stand up",
    "A015": "Fail to stand up",
    "A016": "Lie down on bed",
    "A017": "Change position in bed",
    "A018": "Rise up from bed",
    "A019": "Start walking",
    "A020": "Walk slowly",
    "A021": "Stop walking",
    "A022": "Walk quickly",
    "A023": "Stumble while walking, no fall",
    "A024": "Jog slowly",
    "A025": "Jog quickly",
    "A026": "Jump slightly",
    "A027": "Jump strongly",
    "A028": "Bend down then rise up",
    "A029": "Start going upstairs",
    "A030": "Going upstairs",
    "A031": "Stop going upstairs",
    "A032": "Start going downstairs",
    "A033": "Going downstairs",
    "A034": "Stop going downstairs",
    "A035": "Going upstairs quickly",
    "A036": "Going downstairs quickly",
    "A037": "Start ascending using a lift",
    "A038": "Stop ascending using a lift",
    "A039": "Start descending using a lift",
    "A040": "Stop descending using a lift",
    "A041": "Standing in moving bus",
    "A042": "Sitting in moving bus",
    "A043": "Start jogging",
    "A044": "Stop jogging",
    "A101": "Fall F, walking, trip",
    "A102": "Fall F, walking, trip, rec",
    "A103": "Fall F, walking, slip",
    "A104": "Fall F, walking, slip, rec",
    "A105": "Fall F, walking, slip, rot",
    "A106": "Fall F, walking, slip, rot, rec",
    "A107": "Fall B, walking, slip",
    "A108": "Fall B, walking, slip, rec",
    "A109": "Fall B, walking, slip, rot",
    "A110": "Fall B, walking, slip, rot, rec",
    "A111": "Fall F, walking, syncope",
    "A112": "Fall B, walking, syncope",
    "A113": "Fall L, walking, syncope",
    "A114": "Fall F, walking, syncope, attempt protection",
    "A115": "Fall F, attempt sit/lie down",
    "A116": "Fall F, attempt sit/lie down, rec",
    "A117": "Fall B, attempt sit/lie down",
    "A118": "Fall B, attempt sit/lie down, rec",
    "A119": "Fall L, attempt sit/lie down",
    "A120": "Fall L, attempt sit/lie down, rec",
    "A121": "Fall F, jog, trip",
    "A122": "Fall F, jog, trip, rec",
    "A123": "Fall F, jog, slip",
    "A124": "Fall F, jog, slip, rec",
    "A125": "Fall F, jog, slip, rot",
    "A126": "Fall F, jog, slip, rot, rec",
    "A127": "Fall L, bed",
    "A128": "Fall L, bed, rec",
    "A129": "Fall F, chair, syncope",
    "A130": "Fall B, chair, syncope",
    "A131": "Fall L, chair, syncope",
    "A132": "Fall F, syncope",
    "A133": "Fall B, syncope",
    "A134": "Fall L, syncope",
    "A135": "Fall V, syncope, ending sitting",
}


def jobs(folder: Path, wanted: Wanted) -> list[Job]:
    """One job a recording of a wanted device."""
    return [
        Job(file, functools.partial(read, file, match))
        for file, match in named(folder, "*_A.dat", _FILE)
        if _DEVICES[match[2]] in wanted.placements
    ]


def read(file: Path, match: re.Match[str]) -> list[Recorded | UnusableFileError]:
    """The recording in a file; raises UnusableFileError."""
    subject, device, code, number, trial = match.groups()
    table = read_table(file.name, lines_of(read_text(file)), (0, 1, 2), Shape(",", 3))
    is_fall = int(number) >= _FIRST_FALL
    return recorded(
        file.name,
        Rules(told_hz=RATE_HZ),
        Logged(
            trial_id=f"{subject}_D{device}_{code}_{trial}",
            subject=subject,
            activity_code=code,
            activity=ACTIVITIES.get(code, f"{'Fall' if is_fall else 'Activity'} {code}"),
            is_fall=is_fall,
            placement=_DEVICES[device],
            acc_mg=table.values * MG_A_COUNT,
            rail_mg=RAIL_MG,
            notes=table.notes,
        ),
    )
