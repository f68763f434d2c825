"""Lets one kernel source run as MicroPython viper code, under CPython and under numba.

The names below are syntax to MicroPython's compiler: it reads `@micropython.viper`, `const(...)`
and the pointer annotations itself, and only needs them to exist.
"""

try:
    import micropython
    from micropython import const
except ImportError:

    class micropython:
        @staticmethod
        def viper(function):
            return function

        native = viper
        bytecode = viper

    def const(value):
        return value


ptr8 = ptr16 = ptr32 = object
