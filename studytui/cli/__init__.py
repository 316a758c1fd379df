"""The command line. Without a command it opens the app."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command; every foreseen error is one sentence on standard error and exit code 2."""
    # Starting up makes objects and hardly any garbage; the app collects it again from its first paint on.
    gc.disable()
    from studytui.cli.app import app
    from studytui.cli.failure import sentence
    from studytui.services import farewell

    farewell.leave_by(farewell.by_exit)
    try:
        app(prog_name="studytui")
    except BrokenPipeError:
        # The reader of a pipe left (studytui cards | head); Python would complain again while flushing at exit.
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        text = sentence(error)
        if text is None:
            raise
        print(f"studytui: {text}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
