"""The badge's flash over a run: littlefs on the model, provisioned once, kept in a host file."""

import json
import os

import vfs

from sim.models.flash import FlashModel

_STATE_SUFFIX = ".state"


def make_flash(options, world, host):
    """A FlashModel for scenario["flash"], loaded from and written through to its host file."""
    image_path = options["file"]
    store = _image_file(image_path, options["size_blocks"], host) if image_path else None
    flash = FlashModel(
        options["size_blocks"],
        charge=lambda name: world.stall(name, observe=False),
        store=None if store is None else _write_through(store),
    )
    if store is not None:
        store.seek(0)
        store.readinto(flash.image)
    return flash


def watch(flash, options, world, first_start):
    """The badge is on: count and observe the flash; cut it where the scenario says, once."""
    flash.watch(world.observe)
    if first_start and options["cut_after"]:
        flash.cut_after(options["cut_after"], options["torn"])


def mount(flash):
    """Mount littlefs at /, formatting a blank flash; True when it was blank."""
    blank = False
    try:
        system = vfs.VfsLfs2(flash)
    except OSError:
        vfs.VfsLfs2.mkfs(flash)
        system = vfs.VfsLfs2(flash)
        blank = True
    vfs.umount("/")
    vfs.mount(system, "/")
    os.chdir("/")
    return blank


def provision(folder, host):
    """Copy the files of a host folder into the badge's root, as `nabij provision` would."""
    for entry in host.ilistdir(folder):
        name, kind = entry[0], entry[1]
        if kind == 0x4000:
            continue
        with host.open(folder + "/" + name, "rb") as source, open("/" + name, "wb") as target:
            target.write(source.read())


def load_state(options, host):
    """What outlives a reset (world time, RTC, cause), or {} at power-on."""
    if not options["file"]:
        return {}
    try:
        with host.open(options["file"] + _STATE_SUFFIX, "r") as file:
            return json.load(file)
    except OSError:
        return {}


def save_state(options, host, state):
    """Keep what outlives a reset beside the flash image."""
    if options["file"]:
        with host.open(options["file"] + _STATE_SUFFIX, "w") as file:
            json.dump(state, file)


def _image_file(path, blocks, host):
    try:
        return host.open(path, "r+b")
    except OSError:
        with host.open(path, "wb") as file:
            for _ in range(blocks):
                file.write(b"\xff" * 4096)
        return host.open(path, "r+b")


def _write_through(file):
    def store(start, data):
        # Not buffered: what is written outlives this process. flush() would wait for the disk.
        file.seek(start)
        file.write(data)

    return store
