"""Which lens: what an experiment leaves open, what a new part brings back, and what to try next.

The lens that failed is the part which, replaced by the reference's, brings the recall back.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from labs.bench import Facts, OneOf, Show, Variants, later
from labs.inspect.common import Inspection, figure
from labs.inspect.diagnosis import LENS_OF, LENSES, PRICES, UNDERSTOOD, Experiment, Fault, Lens, still_open
from labs.protocol import ParamError

if TYPE_CHECKING:
    from labs.inspect import kept
else:
    kept = later("labs.inspect.kept")

FAULTS: Final[Mapping[str, Fault]] = {
    "A": "98% healthy",
    "B": "blur",
    "C": "one token",
    "D": "one shot",
    "E": "no concept",
    "F": "channels",
    "G": "untrained bridge",
    "H": "low resolution",
    "I": "haze",
}
"""Systems with a fault, under letters that say nothing."""
PART_OF: Final[Mapping[str, Lens]] = {
    "camera": "eye",
    "bridge": "translator",
    "reasoner": "reasoner",
    "way of looking": "workflow",
}
SAID: Final[Mapping[Experiment, str]] = {
    "probe": "the frozen probe on what its eye says has an AUC of {:.2f}",
    "crops": "with 25 crops its answer has an AUC of {:.2f}",
    "told": "told in words, it says burned of {:.0%} of the burned boards",
    "reset": "whatever the threshold, its answer has an AUC of {:.2f}",
    "zoom": "on a close view, it says burned of {:.0%} of the burns",
}
ON_THE_CARD: Final[Mapping[Experiment, str]] = {
    "probe": "auc_probe",
    "crops": "auc_crops",
    "told": "told_says_burned",
    "reset": "auc_answer",
    "zoom": "zoom_says_burned",
}
FOR_WHAT: Final[Mapping[Experiment, str]] = {
    "probe": "read the eye with the frozen probe",
    "crops": "let it take crops",
    "told": "tell it in words",
    "reset": "look at the ranking of its answers",
    "zoom": "show it a close view",
}


class Lenses(Inspection):
    """Those that name lenses."""

    measured_on = "small inspection systems with a planted fault, and 60 pairs of drawn boards"


def listed(lenses: Iterable[Lens]) -> str:
    """Lenses in words, in the order of the course."""
    found = [lens for lens in LENSES if lens in lenses]
    if len(found) == len(LENSES):
        return "all four"
    return " or ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def on_the_card(fault: Fault, experiments: Iterable[Experiment]) -> dict[Experiment, float]:
    """What experiments gave when the fault was measured for its card."""
    return {experiment: figure(fault, ON_THE_CARD[experiment]) for experiment in experiments}


# --- What one experiment says -----------------------------------------------------------------------------------------


class Told(Lenses):
    """What is still open after one experiment: the lenses of all faults on which it comes out so."""

    name, title = "inspect.told", "Right when told: which lenses stay open (first time some seconds)"
    covers = "1.2-10 1.4-07 1.4-12 1.5-04 3.5-09 3.6-04 6.1-06"
    experiment = OneOf("told", "zoom", help="the experiment: the board told in words, or a close view of the burn")
    outcome = OneOf("right", "wrong", help="what the system says of most burned boards then")
    missed = OneOf(*("5", "10", "15", "20"), help="a share of burned boards that it finds, in percent")
    prompt = (
        "A system finds {missed}% of the burned boards. {done}, it is {outcome} about most of them. Nine systems with "
        "one fault each were tried so. In which lenses are the faults of those that come out like this?"
    )
    answer_type, is_shuffled = "choice", False
    options = (
        "all four",
        "reasoner",
        "eye, translator or workflow",
        "eye, translator or reasoner",
        "workflow",
    )
    hints = (
        "Which parts does the experiment go round? What it goes round cannot have caused the answer.",
        "What does a reasoner say that learned how rare burns are, once the evidence is strong?",
    )
    slips = {
        "eye, translator or workflow": "cleared the reasoner: One that learned that nearly all boards are healthy is "
        "right, too, when the evidence is as strong as that. Left were: {right}.",
        "workflow": "blamed the workflow: A close view is so strong that it also gets past weak eyes, bridges and "
        "priors. Left were: {right}.",
        "*": ": Measured: {right}.",
    }

    def facts(self) -> Facts:
        return {"done": {"told": "Told in words what is on the board", "zoom": "Shown a close view"}[self.experiment]}

    def run(self, show: Show) -> str:
        """The lenses of the faults on which the experiment comes out like this."""
        experiment = cast("Experiment", self.experiment)
        left, rows = set(), []
        for fault, lens in LENS_OF.items():
            value = kept.value_of(show, fault, experiment)
            if (value >= UNDERSTOOD) is (self.outcome == "right"):
                left.add(lens)
            rows.append((fault, lens, f"{value:.0%}"))
        show.line(f"{len(rows)} systems, {kept.POOL} burned boards each -> share of which each says burned")
        show.table("Says burned of the burned boards", "fault | lens | share", rows)
        show.line(f"{self.outcome}: {listed(left)}")
        return listed(left)


# --- What a part brings back ------------------------------------------------------------------------------------------


class Gain(Lenses):
    """Swap a part for the reference's: what the recall becomes."""

    name, title = "inspect.gain", "Swap a part and forecast the recall (first time some seconds)"
    covers = "1.4-04 1.4-05 1.4-07 1.4-09 1.4-12 1.5-01 1.5-09 3.6-01 6.4-06"
    system = OneOf(*FAULTS, help="a system with one fault, under a letter")
    part = OneOf(*PART_OF, help="the part that is replaced by the reference's")
    prompt = (
        "System {system} finds {before:.0f}% of 60 burned boards, the reference {whole:.0f}%. What was tried on it: "
        "{tried}. Its {part} is now replaced by the reference's; a threshold that was set for the faulty part goes "
        "with it. What does the recall do?"
    )
    answer_type, is_shuffled = "choice", False
    options = ("it stays", "it gets half of the way", "it reaches the reference's")
    hints = (
        "Name the lens first. A new part helps if the old one failed, and only then.",
        "Probe low: eye or workflow, and crops tell which. Probe high: told wrong or the order kept means reasoner.",
    )
    slips = {
        "it stays": "cleared the part that failed: Measured after the swap: {after:.0f}%. The fault was: {fault}.",
        "it gets half of the way": "hedged: Measured after the swap: {after:.0f}%. The fault was: {fault}.",
        "it reaches the reference's": "mended what was whole: Measured after the swap: {after:.0f}%. The fault was: "
        "{fault}.",
    }

    def facts(self) -> Facts:
        fault = FAULTS[self.system]
        values = on_the_card(fault, ("probe", "crops", "told", "reset"))
        return {
            "fault": fault,
            "before": 100 * figure(fault, "says_burned"),
            "whole": 100 * figure("reference", "says_burned"),
            "tried": "; ".join(SAID[experiment].format(value) for experiment, value in values.items()),
        }

    def is_wished(self) -> bool:
        """Half of the showings swap the part that failed."""
        failed = LENS_OF[FAULTS[self.system]] == PART_OF[self.part]
        return failed is (random.Random(f"{self.seed}:gain").random() < 0.5)

    def run(self, show: Show) -> str:
        """Recall of the system as it is, and with the reference's part in it."""
        good, bad = kept.named("reference"), kept.named(FAULTS[self.system])
        swapped = {
            "camera": good.swap(bridge=bad.bridge, reasoner=bad.reasoner, workflow=bad.workflow),
            "bridge": good.swap(camera=bad.camera, reasoner=bad.reasoner, workflow=bad.workflow),
            "reasoner": good.swap(camera=bad.camera, bridge=bad.bridge, workflow=bad.workflow),
            "way of looking": good.swap(camera=bad.camera, bridge=bad.bridge, reasoner=bad.reasoner),
        }[self.part]
        is_whole = all(
            getattr(swapped, part) is getattr(good, part) for part in ("camera", "bridge", "reasoner", "workflow")
        )
        mended = swapped.swap(threshold=good.threshold if is_whole else bad.threshold)
        recalls = []
        for system in (bad, mended, good):
            burned = kept.margins_of(show, system, "pool", system.workflow)[: kept.POOL]
            recalls.append(kept.share_above(burned, system.threshold))
        before, after, whole = recalls
        show.line(
            f"{kept.POOL} burned boards -> before {before:.1f}%, after {after:.1f}%, the reference {whole:.1f}%",
            f"the fault was: {self.fault}",
        )
        show.fact(after=after)
        way = (after - before) / (whole - before)
        return self.options[0] if way < 0.25 else self.options[1] if way < 0.75 else self.options[2]


# --- What to try next -------------------------------------------------------------------------------------------------

SETS: Final = (
    ("eye", "workflow"),
    ("translator", "reasoner"),
    ("workflow", "reasoner"),
    ("eye", "translator"),
    ("eye",),
    ("translator",),
    ("reasoner",),
    ("workflow",),
    LENSES,
    ("eye", "translator", "workflow"),
)
BOUGHT: Final = ("probe", "crops", "told", "reset", "zoom", "probe, told", "probe, crops", "told, reset", "zoom, crops")


class Next(Lenses):
    """What was bought so far: what is open, what settles it, and what an outcome would tell."""

    name, title = "inspect.next", "What to try next, and what each outcome tells (first time some seconds)"
    covers = "1.4-01 1.4-02 1.4-05 1.4-07 1.4-09 1.4-12 1.5-01 1.5-09 3.6-04 3.6-05 6.3-04 6.4-06"
    asked = Variants(
        {
            "open": {
                "prompt": "A system misses burns, and one of its lenses is to blame. What was tried: {tried}. Which "
                "lenses are left?",
            },
            "next": {
                "prompt": "A system misses burns, and one of its lenses is to blame. What was tried: {tried}. What is "
                "the cheapest experiment that settles the lens, whatever comes out? (Coins: {prices}.)",
            },
            "if": {
                "prompt": "A system misses burns, and one of its lenses is to blame. What was tried: {tried}. Next "
                "comes this: {then}. Say the outcome is {side_in_words}. Which lenses are left then?",
            },
        },
        help="what is asked: what is left open, what to try next, or what an outcome would tell",
    )
    system = OneOf(*FAULTS, help="a system with one fault, under a letter")
    bought = OneOf(*BOUGHT, help="the experiments that were run")
    following = OneOf(*("crops", "reset", "told", "probe"), help="the experiment that comes next")
    side = OneOf("high", "low", help="how it comes out")
    answer_type, is_shuffled = "choice", False
    hints = (
        "A probe of .85 or more: the burn is in what the eye says. Crops or the ranking as high: only a way of "
        "looking, or a habit of the reasoner, can be to blame.",
        "Right when told, or on a close view, says little: strong evidence gets past every weak fault.",
    )
    slips = {"*": ": Measured: {right}. What was run leaves {left}."}

    def facts(self) -> Facts:
        values = on_the_card(FAULTS[self.system], self.experiments)
        limit = "half or more" if self.side == "high" else "below half"
        auc = "at .85 or more" if self.side == "high" else "below .85"
        following = cast("Experiment", self.following)
        return {
            "values": values,
            "tried": "; ".join(SAID[experiment].format(value) for experiment, value in values.items()),
            "then": FOR_WHAT[following],
            "side_in_words": limit if following == "told" else auc,
            "prices": "; ".join(f"{what} {PRICES[experiment]}" for experiment, what in FOR_WHAT.items()),
        }

    @property
    def experiments(self) -> list[Experiment]:
        """What was run."""
        return cast("list[Experiment]", self.bought.split(", "))

    def fits(self) -> None:
        left = still_open(self.values)
        if self.asked == "next" and (len(left) != 2 or not settling(self.values)):
            raise ParamError("bought", "settles the lens, or leaves what no single experiment settles")
        if self.asked == "if":
            if self.following in self.experiments:
                raise ParamError("following", "was run already")
            then = left_if(self.values, cast("Experiment", self.following), high=self.side == "high")
            if len(left) == 1 or not then:
                raise ParamError("side", "cannot come out so after what was run")

    def answer(self, values: Mapping[Experiment, float]) -> str:
        """The answer that these values give."""
        if self.asked == "open":
            return listed(still_open(values))
        if self.asked == "next":
            return FOR_WHAT[settling(values)[0]]
        return listed(left_if(values, cast("Experiment", self.following), high=self.side == "high"))

    def foretold(self) -> str:
        return self.answer(self.values)

    def offered(self, chance: random.Random) -> Sequence[str]:
        if self.asked == "next":
            return list(FOR_WHAT.values())
        right = self.foretold()
        others = [text for text in map(listed, SETS) if text != right]
        shown = [right, *chance.sample(others, 4)]
        return chance.sample(shown, len(shown))

    def run(self, show: Show) -> str:
        """Run what was bought on the system, and see what its outcomes leave open."""
        fault = FAULTS[self.system]
        values = {experiment: kept.value_of(show, fault, experiment) for experiment in self.experiments}
        beside = {experiment: kept.value_of(show, "reference", experiment) for experiment in self.experiments}
        left = listed(still_open(values))
        show.line(f"{kept.POOL} burned boards and their {kept.POOL} healthy twins -> {len(values)} outcomes")
        rows = [(name, f"{value:.2f}", f"{beside[name]:.2f}") for name, value in values.items()]
        show.table("What was run", "experiment | this system | the reference", rows)
        show.line(f"left open: {left}", f"the fault is: {fault}, so the lens is the {LENS_OF[fault]}")
        show.fact(left=left)
        return self.answer(values)


def left_if(values: Mapping[Experiment, float], experiment: Experiment, *, high: bool) -> frozenset[Lens]:
    """What an outcome would leave open, far above or below its limit."""
    return still_open({**values, experiment: 1.0 if high else 0.0})


def settling(values: Mapping[Experiment, float]) -> list[Experiment]:
    """Experiments that leave one lens at most whatever comes out, the cheapest first."""
    new = [experiment for experiment in FOR_WHAT if experiment not in values]
    found = [one for one in new if all(len(left_if(values, one, high=high)) <= 1 for high in (True, False))]
    return sorted(found, key=lambda one: PRICES[one])


EXERCISES: Final = (Told, Gain, Next)
