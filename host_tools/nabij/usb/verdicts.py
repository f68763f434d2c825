"""What a part of a badge can be found to be: ok, failing, for a person to judge, untested."""

from typing import Final

OK: Final = "ok"
FAIL: Final = "fail"
LOOK: Final = "look"
NONE: Final = "none"
