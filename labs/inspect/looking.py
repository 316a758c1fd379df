"""Looking closer: the size of a burn, crops and their false alarms, thresholds, tokens, and where the evidence lies.

Axes: b boards, v views of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from labs.bench import Facts, OneOf, Picture, Show, Variants, Whole, later
from labs.inspect.common import BANDS, LOOKS, Inspection, band, card, figure

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image, ImageDraw

    from labs import pictures
    from labs.clip import scenes
    from labs.inspect import kept
    from labs.inspect.kept import Named
    from labs.scenes import burns
    from labs.scenes.burns import Box, Window
else:
    np, Image, ImageDraw = later("numpy"), later("PIL.Image"), later("PIL.ImageDraw")
    pictures, scenes = later("labs.pictures"), later("labs.clip.scenes")
    kept, burns = later("labs.inspect.kept"), later("labs.scenes.burns")

SIZES_PX: Final = (8, 12, 16, 24, 32, 40)
WAYS: Final = tuple(LOOKS)
COUNTED: Final = ("in none", "in one or two", "in three to six", "in more than six")
SAYS: Final = ("looks fine", "burned")
CAPTIONS: Final = {"margins": "Margins in nats", "probe": "What the probe reads"}


def seen_otherwise(percent: str) -> Mapping[str, str]:
    """What to say to a band that was not measured; `percent` is the words that say what was."""
    return {
        BANDS[0]: f"thought too little of it: {percent}",
        BANDS[1]: f": {percent}",
        BANDS[2]: f"trusted it too much: {percent}",
    }


# --- Size -------------------------------------------------------------------------------------------------------------


class Size(Inspection):
    """How many burns of a size are found."""

    name, title = "inspect.size", "How small a burn is found (first time about three seconds)"
    covers = "1.2-02 1.2-03 1.2-12 1.4-10 1.5-02 2.6-02 2.6-03 2.6-13 6.1-07"
    workflow = OneOf(*WAYS, help="how a board is looked at")
    size = Whole(12, choices=SIZES_PX, draw=SIZES_PX, help="diameter of the burn in px of the board")
    prompt = (
        "50 boards of 256 px have one burn each, {size} px across. An inspection system looks at {how}; every view "
        "is shrunk to 64 px. Its threshold lets 5% of healthy boards raise an alarm. In how many of these boards does "
        "it find the burn?"
    )
    answer_type, options, is_shuffled = "choice", BANDS, False
    hints = (
        "How many px wide is the burn in the view that shows it largest?",
        "The eye cuts a view of 64 px into 8 × 8 patches of 8 px. A burn of half a patch may still be told apart.",
    )
    slips = seen_otherwise(
        "Measured: {found:.0f}%. In the view that shows it largest the burn is {in_view:.0f} px wide."
    )

    def facts(self) -> Facts:
        look = LOOKS[self.workflow]
        return {"how": look.words, "side": look.side_px, "in_view": self.size * 64 / look.side_px}

    def run(self, show: Show) -> str:
        """The share of boards with a view whose margin lies above the threshold."""
        margins = kept.margins_of(show, "reference", f"sizes {self.size}", self.workflow)
        threshold = float(card()["stated"]["thresholds"][self.workflow])
        found = kept.share_above(margins, threshold)
        show.shapes("margins of the views -> the highest of each board", margins, margins.amax(dim=1))
        show.equals("size × 64 / side", "px wide is the burn in the view that shows it largest")
        show.line(f"margin above {threshold:.2f} nats: {found:.0f}% of {len(margins)} boards")
        scores = card()["scores"]
        show.curve(
            "Burns found at 5% false alarms, as measured when the system was trained",
            "diameter of the burn, px",
            "found, %",
            SIZES_PX,
            {way: [100 * scores[f"recall_{way.replace(' ', '_')}_{px}_px"] for px in SIZES_PX] for way in WAYS},
        )
        show.fact(found=found)
        return band(found)


# --- False alarms -----------------------------------------------------------------------------------------------------


class Alarms(Inspection):
    """What crops cost in false alarms."""

    name, title = "inspect.alarms", "What crops cost in false alarms (first time about three seconds)"
    covers = "1.2-15 1.4-10 1.4-11 1.5-02 6.4-01 6.4-06"
    workflow = OneOf("25 crops", "nine crops", help="how a board is looked at")
    rule = OneOf("the threshold of one shot", "the likelier word", help="what decides whether a view raises an alarm")
    prompt = (
        "Seen whole, {alone} of 100 healthy boards raise a false alarm: {because}. Now the system looks at {how}, "
        "and a board raises an alarm if one of its views does. Nothing else changes. How many of 100 healthy boards "
        "raise an alarm now?"
    )
    answer_type, unit, tolerance = "number", "%", 12.0
    tolerance_reason = "a forecast of a share measured on 60 boards, whose own error is some 6 points"
    hints = (
        "Each view is one more chance to be wrong. Are the views of one board independent of each other?",
        "Many views show nothing that looks like a burn, and those that overlap show the same dark plug twice.",
    )
    slips = {
        "alone": "thought crops are free: Every further view is one more chance of a false alarm.",
        "100 × (1 − (1 − alone / 100)^views) if apart": "took the views for independent: Views of one board overlap, "
        "and most show nothing that a burn is mistaken for.",
        "min(100, alone × views)": "added the views up: Shares of boards do not add; a board that raises two alarms "
        "counts once.",
    }

    def facts(self) -> Facts:
        words = {
            "the threshold of one shot": "its threshold was set so",
            "the likelier word": "it says burned where that is the likelier word",
        }
        key = {"the threshold of one shot": "one_shot_threshold", "the likelier word": "likelier_word"}[self.rule]
        look = LOOKS[self.workflow]
        return {
            "alone": 100 * card()["scores"][f"false_alarms_one_shot_{key}"],
            "because": words[self.rule],
            "how": look.words,
            "views": look.views,
        }

    def run(self, show: Show) -> float:
        """The share of healthy boards with a view above the threshold that was set for whole boards."""
        every = kept.margins_of(show, "reference", "pool", self.workflow)
        healthy = every[len(every) // 2 :]  # the burned boards come first
        by_word = self.rule == "the likelier word"
        threshold = 0.0 if by_word else float(card()["stated"]["thresholds"]["one shot"])
        found = kept.share_above(healthy, threshold)
        whole = kept.share_above(healthy[:, :1], threshold)
        show.shapes("margins of healthy boards -> the highest of each", healthy, healthy.amax(dim=1))
        above = (healthy > threshold).double().mean()
        show.line(
            f"whole boards above {threshold:.2f} nats: {whole:.0f}% of {len(healthy)}",
            f"single views above it: {100 * float(above):.1f}%",
            f"boards with one such view at least: {found:.0f}%",
        )
        own = float(card()["stated"]["thresholds"][self.workflow])
        show.line(
            f"with a threshold of its own, {own:.2f} nats, set on 200 other healthy boards: "
            f"{kept.share_above(healthy, own):.0f}%"
        )
        return found


# --- Thresholds -------------------------------------------------------------------------------------------------------


class Threshold(Inspection):
    """A threshold set on healthy boards, and what it finds."""

    name, title = "inspect.threshold", "Set a threshold on healthy boards (first time about three seconds)"
    covers = "1.2-15 1.4-11 3.5-11 6.4-04 6.4-06"
    asked = Variants(
        {
            "place": {
                "prompt": "A board raises an alarm if its highest margin lies above the threshold. The margins of 200 "
                "healthy boards are put in order, the highest first. Which place has the lowest margin that can be the "
                "threshold if at most {rate}% of them may raise an alarm?",
                "right": "200 × rate / 100 + 1",
                "slips": {
                    "200 × rate / 100": "stopped one early: With that margin {early:.0f} boards lie above, and one "
                    "more may.",
                    "200 − 200 × rate / 100": "counted from below: The boards that raise an alarm are the highest.",
                    "rate": "took percent for boards: {rate}% of 200 boards are {may:.0f}.",
                },
                "hints": ("How many boards are {rate}% of 200?", "The threshold itself lies not above the threshold."),
            },
            "recall": {
                "prompt": "Boards are seen whole, and their burns are {size} px across. A threshold at which 5% of 200 "
                "healthy boards raise an alarm is set anew, for {rate}%. In how many percent of 50 burned boards does "
                "the system find the burn now?",
                "answer_type": "number",
                "unit": "%",
                "tolerance": 15.0,
                "tolerance_reason": "a forecast of a share measured on 50 boards, whose own error is some 7 points",
                "slips": {
                    "at_five if apart": "let it stand still: That is the share at 5%. A threshold trades found burns "
                    "for false alarms.",
                    "rate if rate > 1": "gave the false alarms: Burned boards score higher than healthy ones.",
                },
                "hints": (
                    "A lower threshold finds more, never less.",
                    "Reduced to {in_view:g} px in the view, most such burns, but not all, score above all that is "
                    "healthy.",
                ),
            },
        },
        help="what is asked: the place of the threshold, or what it finds",
    )
    rate = Whole(5, choices=(1, 2, 5, 10, 20), draw=(1, 2, 10, 20), help="false alarms it may raise, in percent")
    size = Whole(20, choices=(20, 24), draw=(20, 24), help="diameter of the burn in px of the board")

    def facts(self) -> Facts:
        may = 200 * self.rate / 100
        return {"may": may, "early": may - 1, "in_view": self.size / 4}

    def run(self, show: Show) -> int | float:
        """The threshold that so many of 200 healthy boards lie above, and the burned boards above it."""
        healthy = kept.margins_of(show, "reference", "healthy", "one shot").amax(dim=1)  # (b,)
        burned = kept.margins_of(show, "reference", f"sizes {self.size}", "one shot")  # (b, 1)
        threshold = kept.threshold_of(show, "reference", false_alarms=self.rate / 100)
        above = int((healthy > threshold).sum())
        show.shapes("200 healthy boards, the highest margin first", healthy, healthy.sort(descending=True).values)
        rates = (1, 2, 5, 10, 20)
        found = [
            kept.share_above(burned, kept.threshold_of(show, "reference", false_alarms=rate / 100)) for rate in rates
        ]
        show.line(f"threshold {threshold:.2f} nats: {above} of {len(healthy)} healthy boards lie above")
        show.curve(f"Burns of {self.size} px, seen whole", "false alarms, %", "found, %", rates, {"found": found})
        show.fact(at_five=found[2])
        return above + 1 if self.asked == "place" else kept.share_above(burned, threshold)


# --- Tokens -----------------------------------------------------------------------------------------------------------


class Tokens(Inspection):
    """What a narrow bridge loses."""

    name, title = "inspect.tokens", "How much a narrow bridge lets through (first time about two seconds)"
    covers = "1.4-05 1.4-06 3.2-03 3.2-04 3.5-08 3.6-04"
    tokens = Whole(4, choices=(16, 4, 1), draw=(16, 4, 1), help="tokens that the bridge makes of a view")
    size = Whole(32, choices=(24, 32, 40), draw=(24, 32, 40), help="diameter of the burn in px of the board")
    prompt = (
        "An eye makes 64 patch tokens of a board shrunk to 64 px; the bridge hands on 16, 4 or 1 of them, means of the "
        "tokens around. Burns are {size} px across, {in_view:g} px in the view, and the bridge is trained for {tokens} "
        "{word}. At 5% false alarms, in how many of 50 burned boards does the system find the burn?"
    )
    answer_type, options, is_shuffled = "choice", BANDS, False
    hints = (
        "How many patches does the burn cover, and over how many is the mean taken?",
        "The reference has 16 tokens: a mean over nothing but its own 2 × 2 patches.",
    )
    slips = seen_otherwise("Measured: {found:.0f}%; each token stands for {merged:.0f} of 64 patches.")

    def facts(self) -> Facts:
        return {
            "in_view": self.size / 4,
            "merged": 64 // self.tokens,
            "word": "token" if self.tokens == 1 else "tokens",
        }

    def run(self, show: Show) -> str:
        """The share of burned boards above a threshold set for this bridge."""
        shares = {}
        for tokens, system in BRIDGES.items():
            margins = kept.margins_of(show, system, f"tokens {self.size}", "one shot")
            threshold = kept.threshold_of(show, system)
            shares[tokens] = kept.share_above(margins, threshold)
            show.line(f"{tokens}: above {threshold:.2f} nats lie {shares[tokens]:.0f}% of {len(margins)} boards")
        show.shapes("margins of boards seen whole -> one each", margins, margins.amax(dim=1))
        show.equals("64 / tokens", "patches stand behind each token")
        found = shares[self.tokens]
        show.fact(found=found)
        return band(found)


BRIDGES: Final[Mapping[int, Named]] = {16: "reference", 4: "four tokens", 1: "one token"}


# --- Where the evidence lies ------------------------------------------------------------------------------------------


class Boxes(Inspection):
    """Whether the view that decides shows the burn, and why IoU is the wrong measure for it."""

    name, title = "inspect.boxes", "Does the answer cite the burn (first time about five seconds)"
    covers = "1.5-06 1.5-08 6.4-07"
    asked = Variants(
        {
            "pointing": {
                "prompt": "Of 60 boards with burns of 8 to 16 px an inspection system finds {recall:.0f}%, by the "
                "highest margin of the whole board and 25 crops of 64 px. Nobody taught it where burns are. In how "
                "many percent of the boards it finds does the view with the highest margin show at least half of the "
                "burn?",
                "answer_type": "number",
                "unit": "%",
                "tolerance": 15.0,
                "tolerance_reason": "a forecast of a share of 43 boards",
                "slips": {
                    "recall": "gave the recall: That is the share of boards that are found at all.",
                    "100 × (64 / 256)²": "took chance: That is the part of the board that a crop shows.",
                },
                "hints": (
                    "What else on a board could give a view a margin as high as a burn does?",
                    "The threshold was set so that few healthy boards have any such view.",
                ),
            },
            "IoU": {
                "prompt": "A crop of 64 px is named as evidence. It shows all of the burn, whose box is {size} px a "
                "side. What is the IoU (intersection over union) of crop and box?",
                "answer_type": "number",
                "tolerance_percent": 3.0,
                "tolerance_reason": "rounding",
                "right": "size² / 64²",
                "slips": {
                    "1": "took pointing for IoU: The crop shows the whole burn, but much more besides.",
                    "size / 64": "compared sides: Intersection and union are areas.",
                },
                "hints": (
                    "Where one box lies within the other, what are intersection and union?",
                    "Both are areas, of {size} × {size} px and of 64 × 64 px.",
                ),
            },
        },
        help="what is asked: whether the deciding view shows the burn, or the IoU of a crop and a burn",
    )
    size = Whole(12, 4, 32, draw=(8, 10, 12, 16, 24), help="side of the burn's box in px, for the IoU")

    def facts(self) -> Facts:
        return {"recall": 100 * figure("reference", "says_burned")}

    def run(self, show: Show) -> float:
        """The deciding view against the box of the burn."""
        margins = kept.margins_of(show, "reference", "pool", "25 crops")
        pairs, windows = kept.bench("pool").pairs, kept.WORKFLOWS["25 crops"]
        burned = margins[: len(pairs)]
        deciding = [windows[view] for view in burned.argmax(dim=1).tolist()]
        shown = [burns.share_in(pair.burn, window) >= 0.5 for pair, window in zip(pairs, deciding, strict=True)]
        found = (burned.amax(dim=1) > kept.named("reference").threshold).tolist()
        cited = [is_shown for is_shown, is_found in zip(shown, found, strict=True) if is_found]
        best = [overlap(pair.burn, window) for pair, window in zip(pairs, deciding, strict=True)]
        show.shapes("margins of burned boards -> the view that decides", burned, burned.argmax(dim=1))
        show.line(
            f"{sum(found)} of {len(found)} boards are found; in {sum(cited)} of them the deciding view shows the burn",
            f"of those missed: {sum(shown) - sum(cited)} of {len(found) - sum(found)}",
            f"highest IoU of a deciding view and its burn: {max(best):.3f}",
        )
        if self.asked == "pointing":
            return 100 * sum(cited) / len(cited)
        return overlap((0.0, 0.0, float(self.size), float(self.size)), (0, 0, 64))


def overlap(box: Box, window: Window) -> float:
    """Intersection over union of a burn's box and the square of a view."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    shared = burns.share_in(box, window) * area
    return shared / (area + window[2] * window[2] - shared)


# --- A board of one's own ---------------------------------------------------------------------------------------------


class Photo(Inspection):
    """Which views of a board look burned to the system: of a drawn one, or of the learner's own photo."""

    name, title = "inspect.photo", "Which views of your own board look burned"
    covers = "1.5-02 1.5-03 2.6-04 6.4-01 6.6-06"
    picture = Picture("your own PNG, JPEG or WebP of a board; empty: a drawn one")
    camera = OneOf("clear", "blur", "low resolution", "haze", help="what stands before the eye")
    copy = OneOf("with a burn of 8 to 16 px", "without a burn", help="which copy of the drawn board")
    board = Whole(0, 0, 59, draw=range(60), help="which drawn board")
    prompt = (
        "{what} is looked at whole and through 25 crops of 64 px with steps of 48 px; every view goes through a camera "
        "({camera}), the eye, the bridge and the reasoner. In how many of the 26 views is “burned” the likelier word?"
    )
    answer_type, options, is_shuffled = "choice", COUNTED, False
    hints = (
        "Crops overlap by 16 px: how many of them can show one small burn?",
        "What looks like a burn through this camera? And what does the eye do with pictures it never learned from?",
    )
    slips = {"*": ": It is in {views:.0f} of 26 views; the highest margin is {highest:.1f} nats."}

    def facts(self) -> Facts:
        drawn = f"Drawn board {self.board} of 256 px, {self.copy},"
        return {"what": "Your picture, resized to 256 × 256 px," if self.picture else drawn}

    def run(self, show: Show) -> str:
        """The margin of each view, and what the frozen probe reads in it."""
        system = kept.named("reference").swap(camera=self.camera)  # type: ignore[arg-type]
        windows = kept.WORKFLOWS["25 crops"]
        if self.picture:
            image, own = pictures.open_picture(Path(self.picture), 256, 256)
            name = Path(self.picture).name
            show.line(f"your picture, {own[0]} × {own[1]} px, resized to 256 × 256 px")
        else:
            pair = kept.pair(self.board)
            image = Image.fromarray((pair.burned if self.copy.startswith("with a") else pair.healthy).pixels)
            name = f"drawn board {self.board}"
        tokens = kept.see(system, burns.views(burns.Board(np.asarray(image), (), None, 1.0), windows))  # (v, 64, 64)
        margins = system.reasoner.margins(system.bridge(tokens))  # (v,)
        read = (tokens @ kept.probe()[:-1] + kept.probe()[-1]).amax(dim=1)  # (v, 64) -> (v,)
        best, says = int(margins.argmax()), int((margins > 0).sum())
        show.shapes("patch tokens of the views -> margins", tokens, margins)
        show.line(
            f"“burned” is likelier in {says} of {len(margins)} views; the highest margin is {margins[best]:.2f} nats",
            f"the frozen probe reads most in view {int(read.argmax())}: {read.max():.2f}; the margin is highest in "
            f"view {best}",
            f"threshold {system.threshold:.2f} nats: it says {SAYS[float(margins[best]) > system.threshold]}",
        )
        marked = image.copy()
        pen = ImageDraw.Draw(marked)
        for left, top, side in windows[1:]:
            pen.rectangle((left, top, left + side - 1, top + side - 1), outline=(120, 130, 140))
        left, top, side = windows[best]
        pen.rectangle((left, top, left + side - 1, top + side - 1), outline=(255, 176, 0), width=3)
        alt = f"{name}, {self.camera} camera: the view from {left} px left and {top} px above, {side} px wide, decides"
        show.picture("crops", marked, "The crops, and the view that decides", alt)
        for what, values in (("margins", margins), ("probe", read)):
            heat = scenes.heat_map(values[1:].view(5, 5))
            show.picture(what, heat, f"{CAPTIONS[what]} of the 25 crops", f"{name}: {CAPTIONS[what]} of the crops")
        show.fact(views=says, highest=float(margins[best]))
        return COUNTED[0] if says == 0 else COUNTED[1] if says <= 2 else COUNTED[2] if says <= 6 else COUNTED[3]


EXERCISES: Final = (Size, Alarms, Threshold, Tokens, Boxes, Photo)
