"""Where the application's events go: the simulator passes `app.run` a sink for them.

The USB port shows only what the badge lets anybody read; stories and tests want all. What writes
to the port besides (answers, tracebacks) is printed as it comes.
"""

import builtins
import sys


def pass_in(take, begins):
    """Have each application that is started give its events to `take(line)`.

    `begins()` is called when one starts. It is wrapped as it is imported, because a start may
    import another one than that of the repository.
    """
    load = builtins.__import__
    wrapped = []

    def importing(name, *more):
        module = load(name, *more)
        app = sys.modules.get("badge.app")
        # Another than ours, or one half imported, has no log.
        is_ours = app is not None and hasattr(app, "run") and hasattr(app, "EventLog")
        if is_ours and not any(app is one for one in wrapped):
            wrapped.append(app)
            app.run = _told(app.run, take, begins)
        return module

    builtins.__import__ = importing


def _told(run, take, begins):
    def told(board, watchdog):
        begins()
        run(board, watchdog, take)

    return told
