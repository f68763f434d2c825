"""Makes the bytecode, native or viper variant of a kernel module from its one source.

Runs under MicroPython; CPython reads it too. Firmware never imports it: the badge's own source
says viper, and only a VM without a native emitter, or a test, asks for another variant.
"""

import sys

VARIANTS = ("bytecode", "native", "viper")
# Each module after those that it imports.
DETECTOR = (
    "badge.core.detector.posture",
    "badge.core.detector.evidence",
    "badge.core.detector.detect",
)
KERNELS = DETECTOR + ("badge.core.detector.ring",)

_SHIPPED = "@micropython.viper\n"


class _Module:
    """Stands for a module: MicroPython cannot create instances of its module type."""


def variant_source(source, variant):
    """Return the source text of a kernel module with its decorators changed to `variant`."""
    if variant not in VARIANTS:
        raise ValueError("Engine %r is unknown; use one of %s." % (variant, ", ".join(VARIANTS)))
    if variant == "bytecode":
        return source.replace(_SHIPPED, "")
    return source.replace(_SHIPPED, "@micropython." + variant + "\n")


def load(path, name, variant):
    """Return the variant of the kernel module at `path` as an object with its names."""
    with open(path) as file:
        source = variant_source(file.read(), variant)
    names = {"__name__": name}
    exec(compile(source, path, "exec"), names)  # noqa: S102 -- our own firmware
    module = _Module()
    for key, value in names.items():
        setattr(module, key, value)
    return module


def install(variant, firmware_dir, names=KERNELS):
    """Put the variants of the kernel modules where `import` finds them before the firmware's."""
    if variant != "viper":
        replace(variant, firmware_dir, names)


def replace(variant, firmware_dir, names):
    """Put the variants of the modules in the place of whatever was imported; return the last."""
    module = None
    for name in names:
        path = firmware_dir + "/" + name.replace(".", "/") + ".py"
        package, _, leaf = name.rpartition(".")
        __import__(package)
        module = load(path, name, variant)
        sys.modules[name] = module
        setattr(sys.modules[package], leaf, module)
    return module
