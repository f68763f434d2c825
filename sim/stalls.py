"""What blocks the real chip's VM, in ms: one table, charged to virtual time by the simulator.

| name | ms | source |
|---|---|---|
| tls_public_key_step | 150 | assumption: one P-256 operation of mbedtls, 240 MHz LX7 |
| gc_collect | 50 | micropython#10235: 22-41 ms, 43 kB live; PR 15620: 70 ms, 8 MB PSRAM |
| flash_erase | 100 | assumption: 4 kB sector of an SPI NOR, 45 ms typical, 400 ms worst |
| flash_page_program | 1 | assumption: 256 B page of an SPI NOR, 0.4-0.7 ms, plus cache |
| ble_start | 300 | assumption: the controller and NimBLE, to the port's sync callback |
| boot | 600 | assumption: reset to the first line of main.py, PSRAM image |

An I2C transfer is not in the table: in software a byte takes 26 us at 400 kHz (world/i2c.py), so
a burst of 32 FIFO words (224 bytes) blocks for 5.9 ms. A scenario changes single entries with
`"stalls": {"gc_collect": 80}` or clears the table with `"stalls": "off"`.
"""

STALLS_MS = {
    "tls_public_key_step": 150,
    "gc_collect": 50,
    "flash_erase": 100,
    "flash_page_program": 1,
    "ble_start": 300,
    "boot": 600,
}
