"""The contract of a bearer: a way to the receiver that carries TLS over a stream of bytes.

Several are one again (link/bearers.py), whose tries go where the evidence says.

| name | is |
|---|---|
| `name` | of the bearer, for the log and the cable |
| `errors` | what its calls and those of its streams raise beside LinkError, each with a `code` |
| `await open(feed)` | ready to connect, however it was left; `feed()` every few seconds |
| `stream()` | a connection: `await open(host, port, timeout_ms)`, `await aclose()`, what \
TlsStream sends and receives with; of what ended it `error`, `is_bearer_lost()`, `hangs()` |
| `await utc_s()` | the network's time, or None |
| `await signal()`, `weak_dbm` | (dBm, area, cell) or None where nobody knows; below it is weak |
| `modem` | the modem, or None |
| `heard()` | the receiver was heard over it |
| `cost_ua(is_awake)` | what a session draws; `is_awake`: the chip never sleeps now |
| `await leave()`, `end()` | out of use; its session is to end |
| `is_dead(error)`, `await revive()` | whether only that helps: off and on again |
| `awake_ms(now_ms, is_open)` | for how long the chip may not sleep; `is_open`: with a session |
| `rest(now_ms)` | the chip is about to sleep |
| `ring_pin`, `missed()` | a pin that is low when it has news for a chip that sleeps, and what \
hears that it slept over some |

Frames are the session's (link/mqtt.py): the same on each bearer, and authenticated by themselves.
"""
