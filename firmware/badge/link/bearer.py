"""The contract of a bearer: a way to the receiver that carries TLS over a stream of bytes.

| name | is |
|---|---|
| `name` | of the bearer, for the log and the cable |
| `errors` | what its calls and those of its streams raise beside LinkError, each with a `code` |
| `await open(feed)` | ready to connect, however it was left; `feed()` every few seconds |
| `stream()` | a connection: `await open(host, port, timeout_ms)`, `await aclose()`, what \
TlsStream sends and receives with; of what ended it `error`, `is_bearer_lost()`, `hangs()` |
| `await utc_s()` | the network's time, or None |
| `await signal()` | (dBm, area, cell) or None where nobody knows |
| `is_dead(error)`, `await revive()` | whether only that helps: off and on again |
| `awake_ms(now_ms, is_open)` | for how long the chip may not sleep; `is_open`: with a session |
| `rest(now_ms)` | the chip is about to sleep |
| `ring_pin`, `missed()` | a pin that is low when it has news for a chip that sleeps, and what \
hears that it slept over some |

Frames are the session's (link/mqtt.py): the same on each bearer, and authenticated by themselves.
"""
