# What the type check of the firmware sees: viper's pointers take any buffer.
from typing import Any, TypeAlias

import micropython as micropython
from micropython import const as const

ptr8: TypeAlias = Any
ptr16: TypeAlias = Any
ptr32: TypeAlias = Any
