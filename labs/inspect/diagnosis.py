"""Which lens failed? What each experiment leaves open, what it costs, and what an answer is worth.

Standard library only: whoever has the results can judge, without any model. The lens that failed is the one whose part,
replaced by the reference's, brings the recall back. The rule's limits were fixed before the boards on which the cards
of `inspection` and `inspection_faults` measured it were drawn.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

Lens: TypeAlias = Literal["eye", "translator", "reasoner", "workflow"]
LENSES: Final[tuple[Lens, ...]] = get_args(Lens)
Answer: TypeAlias = Literal["eye", "translator", "reasoner", "workflow", "not decided"]
Experiment: TypeAlias = Literal["probe", "crops", "told", "reset", "zoom", "asked", "blank"]
Fault: TypeAlias = Literal[
    "one shot",
    "blur",
    "low resolution",
    "haze",
    "channels",
    "one token",
    "untrained bridge",
    "98% healthy",
    "no concept",
]
LENS_OF: Final[Mapping[Fault, Lens]] = {
    "one shot": "workflow",
    "blur": "eye",
    "low resolution": "eye",
    "haze": "eye",
    "channels": "eye",
    "one token": "translator",
    "untrained bridge": "translator",
    "98% healthy": "reasoner",
    "no concept": "reasoner",
}
"""What may be planted, and the lens it belongs to. A camera is booked with the eye: crops do not bring it back."""

COINS: Final = 6
PRICES: Final[Mapping[Experiment, int]] = {
    "probe": 2, "crops": 2, "told": 1, "reset": 1, "zoom": 1, "asked": 1, "blank": 0,
}  # fmt: skip
THRIFTY: Final = 4
"""Coins a right answer may cost for full marks, and that "not decided" must have cost to count."""

WHOLE: Final = 0.85
"""An AUC from which on burned boards rank before healthy ones."""
LOST_ON_THE_WAY: Final = 0.05
"""How far below the probe's AUC the answer's may lie if nothing was lost between eye and answer."""
UNDERSTOOD: Final = 0.5

POOL: Final = 60
"""Pairs of boards that the sets are drawn from."""
SHOWN: Final = 25
"""Pairs of one set."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an experiment gave on the system at hand, and on the reference with the same boards.

    The value is an AUC for probe, crops and reset; a share of the burned boards for told, zoom and asked; a margin in
    nats for blank. `besides` holds what else is shown: a recall, false alarms.
    """

    value: float
    reference: float
    besides: Mapping[str, float] = field(default_factory=dict)


def boards_of(seed: int, number: int = SHOWN) -> list[int]:
    """The numbers of the pairs in a set, from `POOL`; the same seed gives the same set."""
    return random.Random(f"{seed}:inspection set").sample(range(POOL), number)


def draw_fault(chance: random.Random) -> Fault:
    """A fault to plant: the lens first, so that each is as likely as another, then one of its faults."""
    lens = chance.choice(LENSES)
    return chance.choice([fault for fault, its_lens in LENS_OF.items() if its_lens == lens])


def spent(bought: Iterable[Experiment]) -> int:
    """Coins that these experiments cost."""
    return sum(PRICES[experiment] for experiment in bought)


def affordable(bought: Collection[Experiment]) -> list[Experiment]:
    """Experiments that were not run yet and that what is left of the coins pays for."""
    left = COINS - spent(bought)
    return [experiment for experiment, price in PRICES.items() if experiment not in bought and price <= left]


def still_open(values: Mapping[Experiment, float]) -> frozenset[Lens]:
    """The lenses that the values of the experiments that were run leave open.

    - probe: below `WHOLE` the burn is not in what the eye says: eye or workflow. Otherwise translator or reasoner.
    - crops: the answer's AUC once crops are taken. `WHOLE` again: all but the workflow and the reasoner are cleared, as
      neither a poor camera nor a broken bridge ranks boards right. Not whole: eye or translator.
    - reset: the answer's AUC, which no threshold touches. As whole as the probe's: the order survived, so what is wrong
      is the reasoner's habit, not what reaches it. Otherwise not the reasoner.
    - told: still wrong when told in words is the reasoner. Right when told says nothing: a reasoner that learned that
      nearly all boards are healthy is right then, too.
    - zoom: wrong on a close view is not the workflow. Right says nothing: strong evidence beats every weak fault.
    - asked, blank: nothing; nearly all systems say the same.
    """
    left = set(LENSES)
    probe = values.get("probe")
    if probe is not None:
        left &= {"translator", "reasoner"} if probe >= WHOLE else {"eye", "workflow"}
    if "crops" in values:
        left &= {"workflow", "reasoner"} if values["crops"] >= WHOLE else {"eye", "translator"}
    if "told" in values and values["told"] < UNDERSTOOD:
        left &= {"reasoner"}
    if "reset" in values:
        needed = WHOLE if probe is None or probe < WHOLE else probe - LOST_ON_THE_WAY
        left &= {"reasoner"} if values["reset"] >= needed else {"eye", "translator", "workflow"}
    if "zoom" in values and values["zoom"] < UNDERSTOOD:
        left -= {"workflow"}
    return frozenset(left)


def next_experiment(values: Mapping[Experiment, float]) -> Experiment | None:
    """What the rule runs next: the probe; then crops if it is low, else told and, if that is right, the ranking.

    None once the rule has spoken.
    """
    if "probe" not in values:
        return "probe"
    if values["probe"] < WHOLE:
        return None if "crops" in values else "crops"
    if "told" not in values:
        return "told"
    return None if values["told"] < UNDERSTOOD or "reset" in values else "reset"


def diagnose(values: Mapping[Experiment, float]) -> Lens:
    """What the rule says, given the values of all experiments that it runs.

    Raises:
        KeyError: an experiment that the rule needs is missing.
    """
    if values["probe"] < WHOLE:
        return "workflow" if values["crops"] >= WHOLE else "eye"
    if values["told"] < UNDERSTOOD or values["reset"] >= values["probe"] - LOST_ON_THE_WAY:
        return "reasoner"
    return "translator"


def score(said: Answer, planted: Lens, values: Mapping[Experiment, float]) -> int:
    """The grade of an answer, from 1 to 5, given the planted lens and what the experiments that were bought gave.

    Right is 5, or 4 if it cost more than `THRIFTY`. "not decided" is 3 where so much was spent and more than one lens
    is truly open, else 2. A wrong lens is 2 if what was bought left it open, 1 if it contradicted it.
    """
    coins, left = spent(values), still_open(values)
    if said == "not decided":
        return 3 if coins >= THRIFTY and len(left) > 1 else 2
    if said == planted:
        return 5 if coins <= THRIFTY else 4
    return 2 if said in left else 1


def auc(burned: Sequence[float], healthy: Sequence[float]) -> float:
    """The chance that a burned board scores above a healthy one; ties count half.

    Raises:
        ZeroDivisionError: one of the two is empty.
    """
    wins = sum((b > h) + 0.5 * (b == h) for b in burned for h in healthy)
    return wins / (len(burned) * len(healthy))


def threshold_for(healthy: Sequence[float], false_alarms: float = 0.05) -> float:
    """The threshold that at most that share of healthy boards scores above.

    Raises:
        IndexError: there are no boards.
    """
    ordered = sorted(healthy, reverse=True)
    return ordered[int(false_alarms * len(ordered))]
