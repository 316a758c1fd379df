"""What the terminal can show: it is asked while the app takes it over; the environment speaks where it does not answer.

The question is written before the first paint and its answers are read by the thread that reads the keys, so that
nothing waits for them and no key is lost: what is no answer goes on to the app.

Sources: xterm's control sequences (XTVERSION, DA1, XTWINOPS), https://invisible-island.net/xterm/ctlseqs/; the graphics
protocol of Kitty, https://sw.kovidgoyal.net/kitty/graphics-protocol/.
"""

from __future__ import annotations

import os
import re
import select
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

Way: TypeAlias = Literal["kitty", "sixel", "cells", "words"]
OVERRIDE: Final = "STUDYTUI_PICTURES"
QUESTION: Final = "\x1b[>q\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c"
"""Name and version; whether a picture of one pixel could be shown in Kitty's way; a cell in px; and DA1, which every
terminal answers, and last."""
LISTEN_SECONDS: Final = 2.0
"""How long answers are looked for among the keys. Until they come the environment decides."""
IDLE_SECONDS: Final = 0.05
"""What began like an answer and has not gone on for so long was typed: the escape key, for one."""
_SIXEL: Final = "4"
_OLDEST_KITTY: Final = (0, 28)
"""From here on Kitty shows pictures at Unicode placeholders, which scroll and are covered as text is."""
_KITTY_TERMS: Final = ("xterm-kitty", "xterm-ghostty")
_SIXEL_TERMS: Final = ("foot", "foot-extra", "mlterm", "contour", "yaft-256color")
_SIXEL_PROGRAMS: Final = ("WezTerm", "iTerm.app", "mintty", "contour")
_KONSOLE_WITH_SIXEL: Final = 220_400
_ANSWER: Final = re.compile(
    r"\x1bP>\|(?P<name>[^\x1b]*)\x1b\\"
    r"|\x1b_Gi=31;(?P<graphics>[^\x1b]*)\x1b\\"
    r"|\x1b\[6;(?P<height>\d+);(?P<width>\d+)t"
    r"|\x1b\[\?(?P<device>[\d;]*)c"
)
_BEGUN: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|P[^\x1b]*\x1b?|_[^\x1b]*\x1b?)?\Z")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a terminal said of itself. `cell_px` is the width and height of a cell, where it told."""

    name: str = ""
    graphics: bool = False
    sixel: bool = False
    cell_px: tuple[int, int] | None = None

    @property
    def has_placeholders(self) -> bool:
        """Pictures can stand at Unicode placeholders; others that know Kitty's graphics do not know these."""
        kitty = re.match(r"kitty\((\d+)\.(\d+)", self.name)
        new_enough = kitty is not None and (int(kitty[1]), int(kitty[2])) >= _OLDEST_KITTY
        return self.graphics and (new_enough or self.name.lower().startswith("ghostty"))


def way(
    environ: Mapping[str, str], answers: Answers | None = None, *, is_web: bool = False, has_few_colours: bool = False
) -> Way:
    """How pictures are shown: `STUDYTUI_PICTURES` decides, else the terminal's answers, else its name.

    In a browser, tmux and screen the half-block cells are used, since none passes pictures through unasked; sixteen
    colours are too few for these, and Kitty's pictures are found by a colour.
    """
    match environ.get(OVERRIDE, ""):
        case "kitty" | "sixel" | "cells" | "words" as chosen:
            return chosen
    if is_web or _is_multiplexed(environ):
        found: Way = "cells"
    elif answers is not None:
        found = "kitty" if answers.has_placeholders else "sixel" if answers.sixel else "cells"
    else:
        found = _named(environ)
    return "words" if has_few_colours and found != "sixel" else found


def _named(environ: Mapping[str, str]) -> Way:
    """What terminals of this name can."""
    term, konsole = environ.get("TERM", ""), environ.get("KONSOLE_VERSION", "")
    if term in _KITTY_TERMS:
        return "kitty"
    if term in _SIXEL_TERMS or environ.get("TERM_PROGRAM") in _SIXEL_PROGRAMS:
        return "sixel"
    return "sixel" if konsole.isdecimal() and int(konsole) >= _KONSOLE_WITH_SIXEL else "cells"


def is_askable(environ: Mapping[str, str]) -> bool:
    """Whether to ask: not where the answer is known, nor where a part of the question would be shown or obeyed.

    tmux and screen take Kitty's question for a title, Apple's Terminal prints it.
    """
    known = environ.get(OVERRIDE, "") in ("kitty", "sixel", "cells", "words")
    return not (known or _is_multiplexed(environ) or environ.get("TERM_PROGRAM") == "Apple_Terminal")


def _is_multiplexed(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("TMUX") or environ.get("STY") or environ.get("TERM", "").startswith(("screen", "tmux")))


class Listener:
    """Takes the answers out of what comes from the terminal."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.is_done = False
        """The last answer has come."""
        self._held = ""

    @property
    def is_within(self) -> bool:
        """Something has begun and not ended."""
        return bool(self._held)

    def take(self, text: str) -> str:
        """The part of the text that is for the app; the beginning of an answer is held until it goes on."""
        whole, self._held = self._held + text, ""
        passed = _ANSWER.sub(self._note, whole)
        if begun := _BEGUN.search(passed):
            passed, self._held = passed[: begun.start()], begun[0]
        return passed

    def give_up(self) -> str:
        """What is held: it was no answer."""
        held, self._held = self._held, ""
        return held

    def _note(self, match: re.Match[str]) -> str:
        if match["name"] is not None:
            self.answers = replace(self.answers, name=match["name"])
        elif match["graphics"] is not None:
            self.answers = replace(self.answers, graphics=match["graphics"] == "OK")
        elif match["height"] is not None:
            size = int(match["width"]), int(match["height"])
            self.answers = replace(self.answers, cell_px=size if all(size) else None)
        else:
            self.answers = replace(self.answers, sixel=_SIXEL in match["device"].split(";")[1:])
            self.is_done = True
        return ""


def ask(driver: Any, answered: Callable[[Answers], object]) -> None:
    """Ask the terminal of a driver of Textual's, in the thread of its keys; hand keys typed meanwhile to the app.

    Raises:
        UnicodeDecodeError: what was typed is no UTF-8.
    """
    from textual._xterm_parser import XTermParser

    if not os.isatty(driver.fileno):
        return
    driver.write(QUESTION)
    driver.flush()
    listener, parser = Listener(), XTermParser()
    decode = getincrementaldecoder("utf-8")().decode
    end = time.monotonic() + LISTEN_SECONDS

    def texts() -> Iterator[str]:
        while time.monotonic() < end and not driver.exit_event.is_set():
            if select.select([driver.fileno], [], [], IDLE_SECONDS)[0]:
                if not (data := os.read(driver.fileno, 4096)):
                    return
                yield listener.take(decode(data))
            else:
                yield listener.give_up()
            if listener.is_done and not listener.is_within:
                return

    def hand_on(text: str) -> None:
        for event in (*(parser.feed(text) if text else ()), *parser.tick()):
            driver.process_message(event)

    for text in texts():
        hand_on(text)
    hand_on(listener.give_up())
    for event in parser.feed(""):  # an escape key that still waits for what might follow
        driver.process_message(event)
    if listener.is_done:
        answered(listener.answers)
