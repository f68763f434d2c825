"""Badges on USB: ports, the console beside the REPL, the REPL itself, flashing and updating."""
