"""A GAN trained while one waits: how many of 25 clusters it finds, and what brings the lost ones back.

Goodfellow et al. 2014, arXiv:1406.2661; Mescheder et al. 2018, "Which Training Methods for GANs do actually
Converge?", arXiv:1801.04406 (R1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from labs.bench import Exercise, Facts, Number, OneOf, Show, Whole, later
from labs.denoising.frames import generator_of
from labs.protocol import AnswerType

if TYPE_CHECKING:
    from labs.denoising import sampling
    from labs.gan import training
else:
    training, sampling = later("labs.gan.training"), later("labs.denoising.sampling")

FEW: Final = "under 10 of the 25"
SOME: Final = "10 to 17"
MOST: Final = "18 or more"
MORE: Final = "at least 5 clusters more"
ALIKE: Final = "about as many, within 5 either way"
FEWER: Final = "at least 5 clusters fewer"
REMEDIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "R1": {"penalty": 0.1},
    "no momentum": {"momentum": 0.0},
    "a wider generator": {"width": 128},
    "twice as long": {"iterations": 1_600},
}
TOLD: Final = {
    "R1": "with R1, a penalty of 0.1 on the discriminator's slope at real samples",
    "no momentum": "with Adam's momentum β₁ = 0 in place of 0.9",
    "a wider generator": "with hidden layers of 128 in place of 64 in the generator",
    "twice as long": "for 1,600 iterations in place of 800",
}
HELPS: Final = ("R1", "no momentum")


class Live(Exercise):
    """What the exercises that train share."""

    sections, source = "4.1", "Goodfellow et al. 2014, arXiv:1406.2661; Mescheder et al. 2018, arXiv:1801.04406"
    truth, measured_on = "own model", "two small networks, trained for this showing"
    libraries = ("torch", "pillow")
    needs_gradients, seconds_allowed = True, 120.0
    answer_type: ClassVar[AnswerType] = "choice"
    is_shuffled = False


class Modes(Live):
    """How many clusters a GAN covers."""

    name, title = "gan.modes", "Count the clusters a GAN finds (trains for a second)"
    covers = "4.1-04 4.1-08 4.1-09 4.1-10"
    momentum = Number(0.9, 0, 0.95, draw=(0.9, 0.9, 0.0), help="Adam's momentum β₁ in both networks")
    critic_steps = Whole(1, 1, 5, draw=(1, 1, 1, 3), help="steps of the discriminator for each of the generator")
    run_seed = Whole(0, 0, 9_999, draw=range(100), help="seed of the training")
    prompt = (
        "The data are 25 clusters of points in the plane. A GAN learns them in 800 iterations, {steps} of the "
        "discriminator for each of the generator, with Adam's momentum β₁ = {momentum:g} (seed {run_seed}). How many "
        "clusters hold at least 10 of 2,500 samples of its generator?"
    )
    options = (FEW, SOME, MOST)
    hints = (
        "The generator is paid for each sample that passes. Is it ever paid for variety?",
        "Momentum carries the generator past the place where the discriminator has just caught up.",
    )

    def facts(self) -> Facts:
        return {"steps": "one step" if self.critic_steps == 1 else f"{self.critic_steps} steps"}

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {modes} of 25; another seed gives another number."
        whys = {"*": f": {measured}"}
        if self.names.get("right") == FEW:
            return whys | {MOST: f"expected variety: Nothing in the loss asks for it. {measured}"}
        if self.names.get("right") == MOST:
            return whys | {FEW: f"took collapse for a law: It depends on how the two are trained. {measured}"}
        return whys

    def run(self, show: Show) -> str:
        """Train both networks and count the clusters that the generator's samples cover."""
        found = training.train(self.run_seed, show.progress, momentum=self.momentum, critic_steps=self.critic_steps)
        film(show, found, "film", f"β₁ = {self.momentum:g}")
        show.line(f"{found.modes} of 25 clusters are covered; {found.good:.0%} of the samples lie near one")
        losses_of(show, found)
        show.fact(modes=found.modes)
        return FEW if found.modes < 10 else SOME if found.modes < 18 else MOST


def film(show: Show, found: training.Trained, name: str, caption: str) -> None:
    """The real clusters and the generator's samples on the way, from the left."""
    real = training.real(600, generator_of(0, "real"))
    show.shapes("noise becomes points of the plane", real, found.films[-1])
    image = sampling.scatter([real, *found.films], side=70)
    last = training.bars(training.covered(found.films[-1])[0])
    show.picture(name, image, f"The data, then samples as training goes on: {caption}", f"Samples by cluster: {last}")


def losses_of(show: Show, found: training.Trained) -> None:
    """Both losses over the training."""
    of_critic, of_maker = zip(*found.losses, strict=True)
    places = range(0, 20 * len(found.losses), 20)
    series = {"discriminator": of_critic, "generator": of_maker}
    show.curve("Neither loss tells how good the samples are", "iteration", "loss", places, series)


class Remedy(Live):
    """What brings lost clusters back."""

    name, title = "gan.remedy", "What brings lost clusters back (trains for some seconds)"
    covers = "4.1-08 4.1-09"
    remedy = OneOf(
        *REMEDIES, draw=("R1", "R1", "no momentum", "a wider generator", "twice as long"), help="what is changed"
    )
    run_seed = Whole(0, 0, 9_999, draw=range(0, 100, 2), help="seed of the first of two trainings")
    prompt = (
        "A GAN learns 25 clusters of points in 800 iterations, with Adam's momentum β₁ = 0.9. It is trained again "
        "{told}, everything else alike. How many clusters does it cover then, on the mean of two seeds ({run_seed} and "
        "the next)?"
    )
    options = (MORE, ALIKE, FEWER)
    hints = (
        "What goes wrong is not that the generator is too small, or stops too early.",
        "Does the change calm the chase between the two networks?",
    )

    def facts(self) -> Facts:
        return {"told": TOLD[self.remedy]}

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {before:g} clusters before, {after:g} after."
        whys = {"*": f": {measured}"}
        if self.remedy not in HELPS and self.names.get("right") != MORE:
            return whys | {MORE: f"more of the same: The chase goes on, wider or longer. {measured}"}
        if self.remedy in HELPS and self.names.get("right") == MORE:
            return whys | {ALIKE: f"missed the chase: Damping it lets both settle, and clusters stay found. {measured}"}
        return whys

    def run(self, show: Show) -> str:
        """Train with and without the change, from two seeds each."""
        plain, changed = [], []
        for place in range(2):
            seed = self.run_seed + place
            plain.append(training.train(seed, part_of(show, place / 2)))
            changed.append(training.train(seed, part_of(show, place / 2 + 0.25), **REMEDIES[self.remedy]))
        before, after = (sum(one.modes for one in runs) / len(runs) for runs in (plain, changed))
        film(show, plain[0], "plain", "as it was")
        film(show, changed[0], "changed", self.remedy)
        rows = [(self.run_seed + at, a.modes, b.modes) for at, (a, b) in enumerate(zip(plain, changed, strict=True))]
        show.table("Clusters covered of 25", f"seed | as it was | {self.remedy}", rows)
        losses_of(show, changed[0])
        show.fact(before=before, after=after)
        return MORE if after - before >= 5 else FEWER if after - before <= -5 else ALIKE


def part_of(show: Show, start: float) -> Callable[[float, str], None]:
    """Progress of a quarter of the work."""
    return lambda share, text: show.progress(start + share / 4, text)


EXERCISES: Final = (Modes, Remedy)
