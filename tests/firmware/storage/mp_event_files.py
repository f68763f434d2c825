"""Runs under MicroPython: the event journal over many starts, in a folder of the host."""

import os
import sys

from badge.storage.event_files import EventFiles

folder = sys.argv[1]
files = EventFiles(folder + "/events", 2048)
for boot in range(1, 61):
    files = EventFiles(folder + "/events", 2048)
    list(files.append(boot, ["%d boot cause=power number=%d" % (boot, boot), "1 armed"]))
odd = EventFiles(folder + "/odd", 2048)
print("NEW", odd.read(0, 9))
for boot in range(1, 4):
    odd = EventFiles(folder + "/odd", 2048)
    list(odd.append(boot, ["one"]))
print("ODD", [record[0] for record in odd.read(0, 9)])
sizes = [os.stat(folder + "/events/" + name)[6] for name in os.listdir(folder + "/events")]
print("SIZES", sizes)
records = files.read(0, 1000)
print("NUMBERS", [record[0] for record in records])
print("LAST", records[-2:])
print("PAGE", [record[0] for record in files.read(117, 2)])
name = max(os.listdir(folder + "/events"), key=lambda one: int(one[7:]))
path = folder + "/events/" + name
with open(path, "rb") as file:
    data = bytearray(file.read())
data[30] ^= 0xFF
data.extend(b"\xa5\x02\xff")
with open(path, "wb") as file:
    file.write(data)
files = EventFiles(folder + "/events", 2048)
list(files.append(61, ["1 after damage", "x" * 500 + "\u00e9"]))
records = files.read(0, 1000)
print("AFTER", records[-2][0], records[-2][2], len(records[-1][2]))
