"""What an accelerometer can tell of its wearer, by where the badge is worn."""

# Falls were learned at the neck and the belt; at a wrist or in a pocket nobody has shown one to be
# told from a gesture, and a limb that hangs or lies says nothing of the body. Rest is rest.
FALL, TILT, REST = "fall", "tilt", "rest"

ABLE = {
    "neck": (FALL, TILT, REST),
    "belt": (FALL, TILT, REST),
    "wrist": (REST,),
    "pocket": (REST,),
}


def lacks(placement):
    """The names of what a badge worn there cannot tell."""
    return [name for name in ABLE["neck"] if name not in ABLE[placement]]
