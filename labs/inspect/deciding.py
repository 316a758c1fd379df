"""Deciding on what was measured: priors, rare burns, what people look at, slices of the failures, the week's metric.

Axes: b boards, v views of each.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from labs.bench import Facts, OneOf, Show, Stated, Variants, Whole, later
from labs.inspect.common import BANDS, Inspection, band, figure
from labs.inspect.looking import seen_otherwise
from labs.protocol import ParamError

if TYPE_CHECKING:
    from labs.inspect import kept
    from labs.inspect.kept import Named
else:
    kept = later("labs.inspect.kept")


# --- Priors -----------------------------------------------------------------------------------------------------------


class Prior(Inspection):
    """What a reasoner loses that learned how rare burns are, and what it does not."""

    name, title = "inspect.prior", "What a prior does to every margin (first time about two seconds)"
    covers = "1.2-10 1.2-11 1.4-07 1.4-08 3.5-09 6.1-06"
    asked = Variants(
        {
            "shift": {
                "prompt": "A reasoner learned from boards of which half were healthy. A copy is tuned further with "
                "{healthy}% healthy boards, everything else is kept. By how many nats does the margin of “burned” over "
                "“looks fine” fall, in the median of {number} healthy boards seen whole?",
                "answer_type": "number",
                "unit": "nats",
                "tolerance": 0.8,
                "tolerance_reason": "a forecast: a tuning of 200 steps does not reach the log-odds exactly",
                "slips": {
                    "healthy / (100 − healthy)": "gave the odds: A margin is a logarithm, so a prior adds the "
                    "logarithm of its odds.",
                    "log10(healthy / (100 − healthy))": "took the logarithm of base ten: Nats are natural logarithms.",
                    "0 if apart": "took the evidence alone: The pictures stayed as they are, but the margin weighs "
                    "them against what is usual.",
                },
                "hints": (
                    "Bayes: log of posterior odds = log of prior odds + log of the likelihood ratio.",
                    "The odds were 1 : 1, their logarithm is 0. What are they with {healthy}% healthy boards?",
                ),
            },
            "recall": {
                "prompt": "A reasoner that learned from boards of which half were healthy says burned of "
                "{alone:.0f}% of the boards with burns of {size} px, seen whole, where that is the likelier word. A "
                "copy is tuned further with {healthy}% healthy boards. Of how many of these boards does it say burned?",
                "answer_type": "choice",
                "options": BANDS,
                "slips": seen_otherwise("Measured: {found:.0f}%. With a threshold set anew it finds {again:.0f}%."),
                "hints": (
                    "Each margin falls by about the same. For which burns was it high enough?",
                    "In the view such a burn is {in_view:g} px wide.",
                ),
            },
        },
        help="what is asked: how far margins fall, or what is still found",
    )
    size = Whole(24, choices=(16, 24, 32, 40), draw=(16, 24, 32, 40), help="diameter of the burn in px of the board")
    number = Whole(200, choices=(100, 150, 200), draw=(100, 150, 200), help="healthy boards that are compared")
    is_shuffled = False

    def facts(self) -> Facts:
        return {
            "healthy": 98,
            "in_view": self.size / 4,
            "alone": 100 * figure("recall", f"one_shot_50_healthy_likelier_word_{self.size}_px"),
        }

    def run(self, show: Show) -> float | str:
        """Margins of the same boards before and after, and what is found where the likelier word decides."""
        before, after = (
            kept.margins_of(show, reasoner, "healthy", "one shot")[: self.number].flatten()
            for reasoner in ("reference", "98% healthy")
        )
        fell = before - after
        show.shapes("margins before, after, and how far they fell", before, after, fell)
        show.line(
            f"median {fell.median():.2f} nats, smallest {fell.min():.2f}, largest {fell.max():.2f}",
            f"correlation before and after: {statistics.correlation(before.tolist(), after.tolist()):.3f}",
        )
        show.equals("ln(healthy / (100 − healthy))", "nats are the log-odds")
        burned = kept.margins_of(show, "98% healthy", f"tokens {self.size}", "one shot")
        found = kept.share_above(burned, 0.0)
        again = kept.share_above(burned, kept.threshold_of(show, "98% healthy"))
        show.line(
            f"says burned of {found:.0f}% of {len(burned)} boards with burns of {self.size} px, "
            f"of {again:.0f}% with a threshold set anew on 200 healthy boards"
        )
        show.fact(found=found, again=again)
        return statistics.median(fell.tolist()) if self.asked == "shift" else band(found)


# --- Rare burns -------------------------------------------------------------------------------------------------------

SYSTEMS: Final[Mapping[str, Named]] = {
    "the reference": "reference",
    "shown whole only": "one shot",
    "with a prior": "98% healthy",
    "through a blurred camera": "blur",
    "with a bridge of one token": "one token",
}


class AWeek(Inspection):
    """A week's boards, and a system whose recall and false alarms are known."""

    system = OneOf(*SYSTEMS, help="which system")
    week = Whole(2000, 500, 20000, draw=(1000, 2000, 5000), multiple_of=500, help="boards a week")
    per_mille = Whole(10, 2, 200, draw=(4, 10, 20, 40), multiple_of=2, help="burned ones in a thousand")
    prompt = (
        "{week} boards a week, {per_mille} in 1,000 of them burned. An inspection system ({system}) says burned of "
        "{r}% of the burned and of {f}% of the healthy boards. "
    )
    answer_type = "number"

    def facts(self) -> Facts:
        named = SYSTEMS[self.system]
        return {
            "r": Stated(100 * figure(named, "says_burned")),
            "f": Stated(100 * figure(named, "false_alarms")),
            "burned": self.week * self.per_mille / 1000,
        }

    def measure(self, show: Show) -> tuple[float, float]:
        """The share of burned and of healthy boards that the system says are burned, in percent."""
        system = kept.named(SYSTEMS[self.system])
        margins = kept.margins_of(show, SYSTEMS[self.system], "pool", system.workflow)
        burned, healthy = margins[: kept.POOL], margins[kept.POOL :]
        found, alarms = kept.share_above(burned, system.threshold), kept.share_above(healthy, system.threshold)
        show.shapes("margins of burned boards, of healthy ones", burned, healthy)
        show.line(f"above {system.threshold:.2f} nats: {found:.2f}% of the burned, {alarms:.2f}% of the healthy boards")
        return found, alarms


class Rare(AWeek):
    """Accuracy beside the recall of what is rare."""

    name, title = "inspect.rare", "Accuracy where burns are rare (first time some seconds)"
    covers = "1.2-14 1.2-15 1.2-16 3.5-11 3.5-12"
    asked = Variants(
        {
            "accuracy": {
                "prompt": AWeek.prompt + "What is its accuracy?",
                "right": "(per_mille × r + (1000 − per_mille) × (100 − f)) / 1000",
                "slips": {
                    "r if apart": "gave the recall: Accuracy counts the healthy boards, too, and they are nearly all.",
                    "(r + 100 − f) / 2": "weighed both alike: Burned boards are rare, so healthy ones decide.",
                    "100 − per_mille / 10 if apart": "that of saying fine always: That system finds nothing, and has "
                    "this accuracy.",
                },
                "hints": (
                    "Right are the burned boards it finds and the healthy ones it lets pass.",
                    "Weigh the two shares by how many boards there are of each.",
                ),
                "tolerance": 0.2,
            },
            "precision": {
                "prompt": AWeek.prompt + "Of 100 of its alarms, how many are burned boards?",
                "right": "100 × per_mille × r / (per_mille × r + (1000 − per_mille) × f)",
                "slips": {
                    "r if apart": "gave the recall: That is the share of the burned boards that raise an alarm.",
                    "100 − f": "turned it round: That is the share of healthy boards without an alarm.",
                    "100 × r / (r + f)": "forgot how rare burns are: There are far more healthy boards to be wrong on.",
                },
                "hints": (
                    "How many alarms come from burned boards, and how many from healthy ones?",
                    "A small share of very many can be more than a large share of few.",
                ),
                "tolerance": 1.0,
            },
        },
        help="what is asked: accuracy, or the share of alarms that are real",
    )
    unit = "%"
    tolerance_reason = "rounding"

    def fits(self) -> None:
        if self.asked == "precision" and self.f < 1:
            raise ParamError("system", "raises no false alarms, so each of its alarms is real")

    def run(self, show: Show) -> float:
        """Accuracy, or precision, of the measured shares at the week's mixture."""
        found, alarms = self.measure(show)
        burned = self.week * self.per_mille / 1000
        healthy = self.week - burned
        hits, false = burned * found / 100, healthy * alarms / 100
        show.table(
            "A week's boards",
            "boards | says burned | says fine",
            [
                ("burned", f"{hits:.1f}", f"{burned - hits:.1f}"),
                ("healthy", f"{false:.1f}", f"{healthy - false:.1f}"),
            ],
        )
        show.line(f"a system that always says fine has an accuracy of {100 * healthy / self.week:.1f}%")
        if self.asked == "accuracy":
            return 100 * (hits + healthy - false) / self.week
        return 100 * hits / (hits + false)


# --- Triage -----------------------------------------------------------------------------------------------------------


class Triage(AWeek):
    """What people look at, against what is missed."""

    name, title = "inspect.triage", "Send the uncertain boards to people (first time some seconds)"
    covers = "1.3-06 1.4-11 6.4-04 6.4-08 6.4-09 6.6-05"
    asked = Variants(
        {
            "people": {
                "prompt": AWeek.prompt + "People look at what it calls burned. How many boards a week is that?",
                "right": "(burned × r + (week − burned) × f) / 100",
                "slips": {
                    "burned × r / 100 if apart": "forgot the false alarms: Healthy boards raise alarms, too, and there "
                    "are many of them.",
                    "week × r / 100": "took all boards for burned: Only {per_mille} in 1,000 are.",
                },
                "hints": (
                    "Who raises alarms? Count the burned and the healthy boards apart.",
                    "There are {burned:g} burned boards in a week.",
                ),
            },
            "missed": {
                "prompt": AWeek.prompt + "People look at what it calls burned, and overlook nothing. How many burned "
                "boards a week are shipped?",
                "right": "burned × (100 − r) / 100",
                "slips": {
                    "burned × r / 100 if apart": "counted those found: Those people see.",
                    "burned if apart": "counted all burned boards: Some raise an alarm.",
                    "0 if apart": "trusted the people: They can only find what is shown to them.",
                },
                "hints": (
                    "People see nothing of a board that raises no alarm.",
                    "There are {burned:g} burned boards in a week.",
                ),
            },
        },
        help="what is asked: the boards that people look at, or the burns that are missed",
    )
    unit, tolerance_percent, tolerance, tolerance_reason = "boards", 2.0, 0.05, "rounding"

    def run(self, show: Show) -> float:
        """Boards above the threshold, and burned ones below, at the week's mixture; and at other thresholds."""
        found, alarms = self.measure(show)
        burned = self.week * self.per_mille / 1000
        healthy = self.week - burned
        system = kept.named(SYSTEMS[self.system])
        margins = kept.margins_of(show, SYSTEMS[self.system], "pool", system.workflow)
        people, missed = [], []
        for nats in range(-6, 10):
            above = [kept.share_above(half, float(nats)) for half in (margins[: kept.POOL], margins[kept.POOL :])]
            people.append((burned * above[0] + healthy * above[1]) / self.week)
            missed.append(burned * (100 - above[0]) / 100)
        show.curve(
            "What other thresholds would do",
            "boards that people look at, %",
            "burned boards missed a week",
            people[::-1],
            {"missed": missed[::-1]},
        )
        if self.asked == "people":
            return (burned * found + healthy * alarms) / 100
        return burned * (100 - found) / 100


# --- Slices -----------------------------------------------------------------------------------------------------------

SLICES: Final[Mapping[str, tuple[str, Named]]] = {
    "as usual": ("sizes 24", "reference"),
    "small burns": ("sizes 16", "reference"),
    "out of focus": ("sizes 24", "blur"),
    "in dim light": ("dim 24", "reference"),
    "turned by a quarter": ("turned 24", "reference"),
}
"""Boards and system of each slice; a blurred camera stands for a lens out of focus."""


class Slices(Inspection):
    """Which slice of the failures to fix first."""

    name, title = "inspect.slices", "Which slice to fix first (first time about four seconds)"
    covers = "1.3-05 2.6-04 6.4-04 6.4-05 6.6-07"
    usual = Whole(600, 100, 2000, draw=(400, 600, 900), help="burned boards a year with nothing special")
    small = Whole(40, 5, 500, draw=(10, 40, 90), help="those with burns of 16 px in place of 24")
    soft = Whole(40, 5, 500, draw=(10, 40, 90), help="those whose photo is out of focus")
    dim = Whole(120, 5, 500, draw=(60, 120, 240), help="those with three fifths of the light")
    turned = Whole(120, 5, 500, draw=(60, 120, 240), help="those that lie turned by a quarter")
    prompt = (
        "Of a year's burned boards, {usual} come as usual (burns of 24 px, seen whole); {small} have burns of 16 px, "
        "{soft} are photographed out of focus, {dim} in dim light, {turned} are turned by a quarter. The threshold "
        "stays. In which slice are most burns missed, so that it comes first?"
    )
    answer_type, options, is_shuffled = "choice", tuple(SLICES), False
    hints = (
        "What counts is boards × share missed: neither the worst share alone nor the largest slice.",
        "Which of these takes away the detail that tells a burn from a dark plug?",
    )
    slips = {
        "as usual": "took the largest slice: Missed are {usual_missed:.0f} of it, and {most:.0f} in the slice {right}.",
        "*": ": Most are missed in the slice {right}: {most:.0f}.",
    }

    def run(self, show: Show) -> str:
        """Boards of each slice times the share that is missed."""
        counts = dict(zip(SLICES, (self.usual, self.small, self.soft, self.dim, self.turned), strict=True))
        threshold = kept.threshold_of(show, "reference")
        missed, rows = {}, []
        for name, (boards, system) in SLICES.items():
            share = 100 - kept.share_above(kept.margins_of(show, system, boards, "one shot"), threshold)
            missed[name] = counts[name] * share / 100
            rows.append((name, counts[name], f"{share:.0f}%", f"{missed[name]:.0f}"))
        show.line(f"{len(SLICES)} slices, 50 boards of each -> margins above {threshold:.2f} nats or not")
        show.table("A year by slices", "slice | boards | share missed | missed", rows)
        first = max(missed, key=lambda name: missed[name])
        show.fact(usual_missed=missed["as usual"], most=missed[first])
        return first


# --- The metric of the week -------------------------------------------------------------------------------------------

METRICS: Final = ("recall", "false alarms", "share of alarms that are real", "accuracy")
CHANGES: Final[Mapping[str, tuple[Named, float]]] = {
    "the camera gets out of focus": ("blur", 0.05),
    "the reasoner is tuned with 98% healthy boards": ("98% healthy", 0.05),
    "the threshold is set for 1% false alarms": ("reference", 0.01),
    "the threshold is set for 20% false alarms": ("reference", 0.2),
    "five times as many boards are burned": ("reference", 0.05),
}
"""The system afterwards, and the share of false alarms that the reference's threshold was set for."""


class Weekly(Inspection):
    """Which metric moves when something changes."""

    name, title = "inspect.weekly", "Which metric moves (first time about three seconds)"
    covers = "1.2-15 3.5-11 3.5-12 6.4-03 6.4-04 6.6-07"
    change = OneOf(*CHANGES, help="what happens")
    per_mille = Whole(10, 2, 100, draw=(5, 10, 20), help="burned boards in a thousand")
    prompt = (
        "Boards are seen whole, and {per_mille} in 1,000 have a burn of 24 px. One week {change}; nothing else is "
        "touched. Which of four weekly figures moves most, in percentage points?"
    )
    answer_type, options, is_shuffled = "choice", METRICS, False
    hints = (
        "Recall looks at burned boards alone, false alarms at healthy ones alone; the other two mix them.",
        "Accuracy is made by healthy boards. What is made of few boards moves far.",
    )
    slips = {
        "accuracy": "watched accuracy: It moves by {accuracy:.1f} points; {right} by {most:.1f}.",
        "*": ": Measured: {right} moves most, by {most:.1f} points.",
    }

    def run(self, show: Show) -> str:
        """Each metric before and after."""
        system, false_alarms = CHANGES[self.change]
        times = 5 if self.change.startswith("five times") else 1
        usual = kept.threshold_of(show, "reference")
        threshold = kept.threshold_of(show, "reference", false_alarms=false_alarms)
        before = weekly(show, "reference", usual, self.per_mille / 1000)
        after = weekly(show, system, threshold, times * self.per_mille / 1000)
        moved = {name: abs(after[name] - before[name]) for name in METRICS}
        show.line(f"50 burned and 200 healthy boards -> thresholds {usual:.2f} and {threshold:.2f} nats")
        rows = [(name, f"{before[name]:.1f}%", f"{after[name]:.1f}%", f"{moved[name]:.1f}") for name in METRICS]
        show.table("The week before and after", "metric | before | after | moved by", rows)
        first = max(moved, key=lambda name: moved[name])
        show.fact(accuracy=moved["accuracy"], most=moved[first])
        return first


def weekly(show: Show, system: Named, threshold: float, burned: float) -> dict[str, float]:
    """The four metrics, in percent, where a share of the boards is burned."""
    recall = kept.share_above(kept.margins_of(show, system, "sizes 24", "one shot"), threshold)
    alarms = kept.share_above(kept.margins_of(show, system, "healthy", "one shot"), threshold)
    hits, false = burned * recall, (1 - burned) * alarms
    real = 100 * hits / (hits + false) if hits + false else math.nan
    return dict(zip(METRICS, (recall, alarms, real, hits + (1 - burned) * (100 - alarms)), strict=True))


EXERCISES: Final = (Prior, Rare, Triage, Slices, Weekly)
