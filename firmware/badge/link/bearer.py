"""The contract of a bearer: a way to the receiver that carries TLS over a stream of bytes.

Several are one again (link/bearers.py), whose tries go where the evidence says.

| name | is |
|---|---|
| `name` | of the bearer, for the log and the cable |
| `errors` | what its calls and those of its streams raise beside LinkError, each with a `code` |
| `await open(feed, is_over)` | ready to connect, however it was left; `feed()` every few \
seconds; `is_over()`, if given: it is another's turn |
| `ways` | how many there are to choose from |
| `stream()` | a connection: `await open(host, port, timeout_ms)`, `await aclose()`, what \
TlsStream sends and receives with; `await sound()`: False when it is plainly gone, asked without \
the air; of what ended it `error`, `is_bearer_lost()`, `hangs()` |
| `await utc_s()` | the network's time, or None |
| `await signal()`, `weak_dbm` | (dBm, area, cell) or None where nobody knows; below it is weak |
| `await cell()` | the serving cell when it is another than before, else None |
| `modem` | the modem, or None |
| `hurry()` | somebody waits: a network that refuses is asked anew |
| `heard()` | the receiver was heard over it |
| `cost_ua(is_awake)` | what a session draws; `is_awake`: the chip never sleeps now |
| `await leave()`, `end()` | out of use; its session is to end |
| `is_dead(error)`, `await revive(rung)` | whether only off and on helps; what begins anew \
(core/link_ladder.py) |
| `awake_ms(now_ms, is_open)` | for how long the chip may not sleep; `is_open`: with a session |
| `rest(now_ms)` | the chip is about to sleep |
| `ring_pin`, `missed()` | a pin that is low when it has news for a chip that sleeps, and what \
hears that it slept over some |

Frames are the session's (link/mqtt.py): the same on each bearer, and authenticated by themselves.
"""
