"""SisFall: belt buckle, 200 Hz, young people who fall and old people who mostly do not.

Layout as published: `SA01/D01_SA01_R01.txt`, one folder a subject (SA 19-30 y, SE 60-75 y). A line
has nine integers, separated by commas and blanks, and ends in `;` and CR LF: ADXL345 x y z
(columns 0-2: +-16 g, 13 bit, so 3.90625 mg a count), ITG3200 x y z, MMA8451Q x y z. Only the
ADXL345 is read: the MMA8451Q ends at 8 g, which falls exceed.

Quirks: the files D17_SE15_R01 to R05 in folder SA15 are recordings of SA15 (SE15 has its own), so
the folder names the subject. A handful of recordings rests far from 1 g; see `rest_off`.

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
    key="sisfall",
    title="SisFall",
    citation="A. Sucerquia, J. D. Lopez, J. F. Vargas-Bonilla: SisFall: A Fall and Movement "
    "Dataset. Sensors 17(1), 198 (2017)",
    licence="none stated by the publisher; free to download for research",
    url="https://doi.org/10.3390/s17010198",
    conversion="ADXL345 counts x 3.90625 mg (+-16 g, 13 bit), axes as logged, 200 Hz",
    placements=("waist",),
    torso=("waist",),
    looks_like="SA01/D01_SA01_R01.txt",
)
RATE_HZ: Final = 200.0
MG_A_COUNT: Final = 3.90625
RAIL_MG: Final = 4095 * MG_A_COUNT
_FILE: Final = re.compile(r"([DF]\d\d)_(S[AE]\d\d)_R(\d\d)\.txt")
_LINE: Final = Shape(",", 9)
_END_OF_LINE: Final = re.compile(r"; *\n")
_SUBJECT: Final = re.compile(r"S[AE]\d\d")
ACTIVITIES: Final = {
    "D01": "Walking slowly",
    "D02": "Walking quickly",
    "D03": "Jogging slowly",
    "D04": "Jogging quickly",
    "D05": "Walking upstairs and downstairs slowly",
    "D06": "Walking upstairs and downstairs quickly",
    "D07": "Slowly sit in a half height chair, wait, and up slowly",
    "D08": "Quickly sit in a half height chair, wait, and up quickly",
    "D09": "Slowly sit in a low height chair, wait, and up slowly",
    "D10": "Quickly sit in a low height chair, wait, and up quickly",
    "D11": "Sitting a moment, trying to get up, and collapse into a chair",
    "D12": "Sitting, lying slowly, wait, sit again",
    "D13": "Sitting, lying quickly, wait, sit again",
    "D14": "On back, change to lateral position, wait, and back",
    "D15": "Standing, slowly bending at knees, and getting up",
    "D16": "Standing, slowly bending without bending knees, and getting up",
    "D17": "Standing, get into a car, remain seated and get out",
    "D18": "Stumble while walking",
    "D19": "Gently jump without falling (reach a high object)",
    "F01": "Fall forward while walking caused by a slip",
    "F02": "Fall backward while walking caused by a slip",
    "F03": "Lateral fall while walking caused by a slip",
    "F04": "Fall forward while walking caused by a trip",
    "F05": "Fall forward while jogging caused by a trip",
    "F06": "Vertical fall while walking caused by fainting",
    "F07": "Fall while walking, hands on a table to dampen, caused by fainting",
    "F08": "Fall forward when trying to get up",
    "F09": "Lateral fall when trying to get up",
    "F10": "Fall forward when trying to sit down",
    "F11": "Fall backward when trying to sit down",
    "F12": "Lateral fall when trying to sit down",
    "F13": "Fall forward while sitting, caused by fainting",
    "F14": "Fall backward while sitting, caused by fainting",
    "F15": "Lateral fall while sitting, caused by fainting",
}


def jobs(folder: Path, _wanted: Wanted) -> list[Job]:
    """One job a recording."""
    found = named(folder, "*.txt", _FILE)
    return [Job(file, functools.partial(read, file, match)) for file, match in found]


def read(file: Path, match: re.Match[str]) -> list[Recorded | UnusableFileError]:
    """The recording in a file; raises UnusableFileError."""
    code, subject, trial = match.groups()
    if _SUBJECT.fullmatch(file.parent.name):
        subject = file.parent.name
    text = read_text(file, "latin-1")
    # A sample ends in `;`, also where the end of its line was lost.
    lines = lines_of(_END_OF_LINE.sub("\n", text).replace(";", ","))
    table = read_table(file.name, lines, (0, 1, 2), _LINE)
    return recorded(
        file.name,
        Rules(told_hz=RATE_HZ),
        Logged(
            trial_id=f"{code}_{subject}_R{trial}",
            subject=subject,
            activity_code=code,
            activity=ACTIVITIES.get(code, f"activity {code}"),
            is_fall=code.startswith("F"),
            placement="waist",
            acc_mg=table.values * MG_A_COUNT,
            rail_mg=RAIL_MG,
            notes=table.notes,
        ),
    )
