"""The program: `studytui`, or `python -m studytui`. Without a command it opens the app."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command; every foreseen error is one sentence on standard error and exit code 2."""
    # Starting up makes objects and hardly any garbage; the app collects it again from its first paint on.
    gc.disable()
    from studytui.cli import console

    console.open_doors()
    try:
        code = _run()
        sys.stdout.flush()
    except BrokenPipeError:
        code = 1  # the reader of a pipe left (studytui cards | head); nobody is there to be told
    except console.Unwritable as error:
        console.complain(str(error))
        code = 2
    finally:
        console.close_doors()
    sys.exit(code)


def _run() -> int:
    """The exit code of the command that was typed."""
    from studytui.cli.console import Unwritable, complain
    from studytui.cli.main import app
    from studytui.cli.options import error_sentence
    from studytui.study import workspace

    workspace.leave_by(workspace.by_exit)
    try:
        app(prog_name="studytui")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except (BrokenPipeError, Unwritable):
        raise
    except Exception as error:
        text = error_sentence(error)
        if text is None:
            raise
        complain(text)
        return 2
    return 0


if __name__ == "__main__":
    main()
