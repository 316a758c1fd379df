"""`python -m tests.terminals [FOLDER]`: show a picture in real terminals and compare their screens with it.

Needs an X server without a screen and terminals: on Debian xvfb, imagemagick, xterm, kitty and mlterm. FOLDER gets the
screenshots. Exit code 0: all as meant; 1: a screen is not; 2: nothing could be tried.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image

from tests.terminals.meant import wrong_blocks

ROOT: Final = Path(__file__).parents[2]
TOOLS: Final = ("Xvfb", "import")
SHOWN: Final = (sys.executable, "-m", "tests.terminals.shown")
TERMINALS: Final[dict[str, tuple[Sequence[str], str]]] = {
    "xterm as a VT340": (("xterm", "-ti", "vt340", "-b", "0", "+sb", "-geometry", "100x45", "-e"), "sixel"),
    "xterm": (("xterm", "-tn", "xterm-256color", "-b", "0", "+sb", "-geometry", "100x45", "-e"), "cells"),
    "xterm of 16 colours": (("xterm", "-tn", "xterm", "-b", "0", "+sb", "-geometry", "100x45", "-e"), "words"),
    "mlterm": (("mlterm", "--geometry", "100x45", "-O", "none", "-e"), "sixel"),
    "kitty": (("kitty", "--config", "NONE", "-o", "remember_window_size=no", "-o", "initial_window_width=100c",
               "-o", "initial_window_height=45c"), "kitty"),
}  # fmt: skip
"""How each is started, and the way of pictures that it is to be found to know."""
LONGEST_START: Final = 25.0


def missing() -> list[str]:
    """Why nothing can be tried."""
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    terminals = [command[0] for command, _ in TERMINALS.values()]
    return lacking + ([] if any(map(shutil.which, terminals)) else [" or ".join(dict.fromkeys(terminals))])


@contextmanager
def display() -> Iterator[str]:
    """A screen that nobody sees."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1200x1000x24", "-nolisten", "tcp"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def ways(command: Sequence[str], way: str) -> str:
    """The way that is right for the version that is installed."""
    if command[0] != "kitty":
        return way
    said = subprocess.run(["kitty", "--version"], check=True, capture_output=True, text=True).stdout
    version = re.search(r"(\d+)\.(\d+)", said)
    return "kitty" if version and (int(version[1]), int(version[2])) >= (0, 28) else "cells"


def shoot(screen: str) -> Image.Image:
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        subprocess.run(["import", "-window", "root", file.name], check=True, env={**os.environ, "DISPLAY": screen})
        with Image.open(file.name) as image:
            return image.convert("RGB")


def tried(name: str, screen: str, folder: Path) -> list[str]:
    """What is wrong in one terminal."""
    command, way = TERMINALS[name]
    way = ways(command, way)
    told = folder / f"{name}.json"
    told.unlink(missing_ok=True)
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "XDG_RUNTIME_DIR")
    environment = {each: os.environ[each] for each in kept if each in os.environ}
    environment |= {"DISPLAY": screen, "LC_ALL": "C.UTF-8", "LIBGL_ALWAYS_SOFTWARE": "1", "COLORTERM": "truecolor"}
    process = subprocess.Popen(
        [*command, *SHOWN, str(told)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + LONGEST_START
        while not told.exists():
            if time.monotonic() > end or process.poll() is not None:
                shoot(screen).save(folder / f"{name}.png")
                return ["the app did not come up"]
            time.sleep(0.1)
        found = json.loads(told.read_text(encoding="utf-8"))
        problems = [] if found["way"] == way else [f"shows {found['way']}, not {way}"]
        for moment, seconds in (("at first", 0.0), ("after a toast", 4.5)):
            time.sleep(seconds)
            shot = shoot(screen)
            shot.save(folder / f"{name}, {moment}.png")
            if way != "words" and (wrong := wrong_blocks(shot)):
                problems.append(f"{moment} {len(wrong)} blocks are not as meant, the first at {wrong[0]}")
        print(f"{name}: {found['name'] or 'no name'}, {found['way']}: {'; '.join(problems) or 'as meant'}")
        return problems
    finally:
        process.terminate()
        process.wait()


def main(folder: Path) -> int:
    if lacking := missing():
        print(f"NOTHING WAS TRIED: this machine lacks {', '.join(lacking)}.", file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    failed = False
    with display() as screen:
        for name, (command, _) in TERMINALS.items():
            if shutil.which(command[0]) is None:
                print(f"NOT TRIED: {name}, which is not installed.", file=sys.stderr)
            else:
                failed |= bool(tried(name, screen, folder))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="terminals-"))))
