"""The environment of the benchmarks: a folder of its own with the peers from PyPI and the cached courses.

Nothing of it is installed beside the app: `.bench/` at the repository's root is git-ignored and can be deleted.
"""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BENCH: Final = ROOT / ".bench"
PEERS: Final = ("clanki==0.1.4", "anki==25.9.2")
DECK: Final = "Bench"
MARKER: Final = "benchquestion"
"""Begins the front of every card of every benchmark course; no other text on a screen holds it."""

_VENV: Final = BENCH / "venv"
_SCRIPTS: Final = Path(__file__).resolve().parent / "peer"


def peer_binary(name: str) -> Path:
    """A program of the peers' environment, which is made on first use."""
    stamp = BENCH / ("installed-" + "-".join(PEERS))
    if not stamp.exists():
        BENCH.mkdir(exist_ok=True)
        venv.create(_VENV, with_pip=True, clear=True)
        _run(_VENV / "bin" / "pip", "install", "--quiet", *PEERS)
        stamp.touch()
    return _VENV / "bin" / name


def run_peer(script: str, *arguments: str) -> str:
    """Run a script of peer/ with the peers' Python and return what it printed last.

    Anki warns on standard output when it works for long; its own result is the last line.
    """
    return _run(peer_binary("python"), str(_SCRIPTS / script), *arguments).splitlines()[-1]


def anki_base(cards: int) -> Path:
    """A folder as Anki keeps it, with one collection of `cards` notes; made once and then kept."""
    base = BENCH / f"anki-{cards}"
    collection = base / "User 1" / "collection.anki2"
    if not collection.exists():
        peer_binary("python")
        collection.parent.mkdir(parents=True, exist_ok=True)
        unfinished = collection.with_name("unfinished.anki2")
        for leftover in unfinished.parent.glob("unfinished.*"):
            leftover.unlink()
        run_peer("make_collection.py", str(unfinished), DECK, MARKER, str(cards))
        unfinished.rename(collection)
    return base


def terminal_environment(**extra: str) -> dict[str, str]:
    """The environment of a program on the pseudo-terminal: a colour terminal and nothing of the caller's taste."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return {"LANG": "C.UTF-8", **kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", **extra}


def _run(program: Path, *arguments: str) -> str:
    """What a program printed.

    Raises:
        RuntimeError: it failed; the text ends with what it said.
    """
    done = subprocess.run([program, *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{program.name} {' '.join(arguments)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout
