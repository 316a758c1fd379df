"""The temperature: which way probabilities move with it, by how much, and what the model stores.

Radford et al. 2021, arXiv:2103.00020, section 2.3: the logits are the cosines times exp(t), t a learned parameter:

    p_i / p_j = exp(s (cos_i - cos_j)),    s = exp(t) = 1 / temperature

Axes: t texts.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from labs.bench import Draw, Facts, Number, OneOf, Show, Variants, Whole, later
from labs.clip.common import AnyClip, Clip, Own, own_captions, scale, stated
from labs.clip.scenes import captions_table, listed, note_vocabulary, picture_of, see, show_picture, strip
from labs.clip.zero_shot import showing_of
from labs.exercise import stream
from labs.protocol import ParamError, Params
from labs.scenes.showings import SHOWINGS, showing

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from labs.clip import space
    from labs.models import clip_checkpoint
    from labs.models.clip_checkpoint import Checkpoint
else:
    torch, space = later("torch"), later("labs.clip.space")
    clip_checkpoint = later("labs.models.clip_checkpoint")

MOVES: Final = ("it rises", "it falls", "it stays the same")
CHANGES: Final = {
    "double": "the logit scale is doubled",
    "halve": "the logit scale is halved",
    "cooler": "the temperature is lowered to a quarter",
    "warmer": "the temperature is raised fourfold",
    "add": "5 is added to every logit",
}


@contextlib.contextmanager
def logit_scale(clip: Checkpoint, parameter: float) -> Iterator[None]:
    """The model with another value of its parameter logit_scale, for the time being."""
    kept = clip.model.logit_scale.data.clone()
    clip.model.logit_scale.data.fill_(parameter)
    try:
        yield
    finally:
        clip.model.logit_scale.data.copy_(kept)


class Temperature(Own):
    """Which way a probability moves with the temperature."""

    name, title, covers = "clip.temperature", "Turn the temperature", "2.4-05 2.4-10"
    change = OneOf(*CHANGES, help="what is done to the logits")
    asked = OneOf(
        *("winner", "loser"),
        draw=("winner", "winner", "loser"),
        help="whose probability is asked for: that of the nearest or of the farthest caption",
    )
    prompt = (
        "{who} compares {subject} with {count} captions ({listed}). Then {changed}. Which way does the probability of "
        "{whose} move?"
    )
    answer_type, options, is_shuffled = "choice", MOVES, False
    hints = (
        "A larger logit scale is a lower temperature: it stretches the distances between the logits.",
        "Softmax sees only differences of logits. Which of them change, and in whose favour?",
    )

    def facts(self) -> Facts:
        index = undecided_showing(self.seed)
        scene, drawn = showing(index)
        compared = own_captions(self.captions) or drawn
        return {
            "index": index,
            "compared": compared,
            "count": len(compared),
            "who": self.called(),
            "subject": "your picture" if self.picture else f"a drawn picture of {scene.caption}",
            "listed": "; ".join(f"“{caption}”" for caption in compared),
            "changed": CHANGES[self.change],
            "whose": "the winner" if self.asked == "winner" else "the caption in last place",
        }

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {before:.3%} before, {after:.3%} after."
        if self.change == "add":
            slip = f"thought a constant matters: {measured} Softmax ignores what is added to all logits alike."
        elif self.asked == "loser":
            slip = f"took the last for the first: {measured} What sharpens the winner drains the others."
        else:
            slip = f"turned the temperature round: {measured} Large scale = low temperature = sharper."
        same = f"thought only the order counts: {measured} The order stays, but the probabilities do not."
        return {MOVES[2]: same, MOVES[0]: slip, MOVES[1]: slip}

    def look(self, show: Show) -> None:
        show_picture(show, self.picture, self.index)

    def run(self, show: Show) -> str:
        """Run the model before and after the change and compare the probability."""
        clip = clip_checkpoint.checkpoint(self.model)
        image, content = see(show, self.picture, clip, self.index)
        show.progress(0.3, "comparing, before and after")
        before = space.compare(clip, [image], self.compared)
        factor = {"double": 2, "halve": 0.5, "cooler": 4, "warmer": 0.25}.get(self.change, 1)
        with logit_scale(clip, float(clip.model.logit_scale) + math.log(factor)):
            after = space.compare(clip, [image], self.compared)
        logits = after.logits + (5 if self.change == "add" else 0)
        chances, changed = (one.double().softmax(dim=1)[0] for one in (before.logits, logits))
        at = int(before.logits[0].argmax() if self.asked == "winner" else before.logits[0].argmin())
        apart = float(log_odds(logits[0], at) - log_odds(before.logits[0], at))
        moved = MOVES[2] if abs(apart) < 1e-4 else MOVES[0] if apart > 0 else MOVES[1]
        was, now = float(chances[at]), float(changed[at])
        note_vocabulary(show, clip, self.compared)
        show.line(
            f"logits {tuple(before.logits.shape)} before -> {listed(before.logits[0].tolist())}",
            f"after, where {CHANGES[self.change]} -> {listed(logits[0].tolist())}",
            f"the probability of “{self.compared[at]}” goes from {was:.4g} to {now:.4g}: {moved}",
        )
        captions_table(show, before, self.compared)
        show.picture("picture", image.resize((256, 256), resample=0), content, content)
        temperatures = torch.logspace(-2.3, 0, 40)
        curves = (before.cosines / temperatures[:, None]).softmax(dim=1)  # (40, t)
        series = {caption: curves[:, i].tolist() for i, caption in enumerate(self.compared)}
        title = "Probability of each caption against the temperature"
        show.curve(title, "temperature (1 / logit scale)", "probability", temperatures.tolist(), series)
        show.fact(before=was, after=now)
        return moved


def log_odds(logits: Tensor, at: int) -> Tensor:
    """ln p / (1 - p) of one of the captions, exact even where p is nearly 0 or 1: (t,) -> ()."""
    others = torch.cat([logits[:at], logits[at + 1 :]])  # (t - 1,)
    return logits[at] - others.logsumexp(dim=0)


def undecided_showing(seed: int) -> int:
    """A showing whose best caption is not so far ahead that no change could be seen."""
    return stream(seed, "undecided showing").choice([index for index, _ in leads()])


def leads() -> list[tuple[int, float]]:
    """How many times as probable the best caption of each showing is as the next, where that is worth asking."""
    ratios = stated()["showing_leads"]
    return [(index, float(ratios[index])) for index in range(SHOWINGS) if 1.15 <= ratios[index] <= 60]


class Odds(Clip):
    """By how much the winner's lead grows with the logit scale."""

    name, title, covers = "clip.odds", "Raise the odds", "2.4-05"
    factor = Number(2.0, 0.1, 5, draw=(0.25, 0.5, 2, 3), help="what the logit scale is multiplied by")
    added = ("shown",)
    shown = Whole(-1, 0, SHOWINGS - 1, help="which of the fixed showings; -1: drawn from the seed")
    prompt = (
        "At a logit scale of {scale:.2f} the tiny CLIP finds “{first}” {before:.3g} times as probable as “{second}”. "
        "The scale is multiplied by {factor:g}. How many times as probable is it then?"
    )
    answer_type, unit, tolerance_percent = "number", "times", "max(1, 1.2 × factor)"
    tolerance_reason = "the ratio is given with three digits, and a power multiplies its error"
    hints = (
        "The ratio of two softmax probabilities is exp(scale × difference of the cosines).",
        "Multiplying the exponent by a number raises the ratio to that power.",
    )
    right = "before^factor"
    slips = {
        "before × factor": "multiplied: The logits are multiplied, not the probabilities: the ratio is raised to that "
        "power.",
        "before / factor": "divided: The logits are multiplied, not the probabilities: the ratio is raised to that "
        "power.",
        "before if factor ≠ 1": "left it: The order stays, but a larger scale widens the ratio and a smaller one "
        "narrows it.",
        "before^(1 / factor) if factor ≠ 1": "inverse power: That is what multiplying the temperature would do; the "
        "scale is its inverse.",
        "before × exp(factor)": "multiplied by e: The factor multiplies the exponent that is there; it is not added to "
        "it.",
        "before + factor": "added: Nothing is added: the ratio is raised to that power.",
    }

    @classmethod
    def settled(cls, params: Params, draw: Draw) -> Params:
        if int(params["shown"]) >= 0:
            return params
        factor = float(params["factor"])
        fitting = [(index, ratio) for index, ratio in leads() if 1.2 <= ratio**factor <= 2_000]
        if not fitting:
            raise ParamError("factor", "leaves no showing whose odds are worth asking")
        return {**params, "shown": draw.stream("showing").choice(fitting)[0]}

    def facts(self) -> Facts:
        cosines, captions = stated()["showing_cosines"][self.shown], showing(self.shown)[1]
        first, second, *_ = sorted(range(len(cosines)), key=lambda i: -cosines[i])
        before = float(stated()["showing_leads"][self.shown])
        return {"scale": scale(), "first": captions[first], "second": captions[second], "before": before}

    def run(self, show: Show) -> float:
        """The ratio of the two best probabilities under another logit scale."""
        clip = clip_checkpoint.checkpoint()
        scene, captions = showing(self.shown)
        image = picture_of(scene, "showing", self.shown)
        show.progress(0.4, "comparing, before and after")
        before = space.compare(clip, [image], captions)
        with logit_scale(clip, float(clip.model.logit_scale) + math.log(self.factor)):
            after = space.compare(clip, [image], captions)
        first, second = before.logits[0].topk(2).indices.tolist()
        was, now = (float(one.probabilities[0, first] / one.probabilities[0, second]) for one in (before, after))
        gap = float(before.cosines[0, first] - before.cosines[0, second])
        show.line(f"cosines -> {tuple(before.cosines.shape)}: the two best are {gap:.4f} apart")
        show.line(f"before, at a scale of {before.scale:.2f}: {was:.4g} times; after, at {after.scale:.2f}: {now:.4g}")
        captions_table(show, before, captions)
        captions_table(show, after, captions)
        show.picture("picture", strip([image], ["the picture"]), f"The picture: {scene.caption}", scene.caption)
        return now


class LogitScale(AnyClip):
    """What the stored parameter does to the cosines."""

    name, title, covers = "clip.logit_scale", "Read the logit scale", "2.4-05 6.3-02"
    parameter = Number(
        2.66,
        -2,
        5,
        draw=(0, 0.7, 1, 1.61, 2, 2.3, 2.66, 3, 3.5, 3.91, 4, 4.61),
        help="the stored parameter logit_scale",
    )
    wanted = Variants(
        {
            "scale": {
                "question": "By what number are the cosines multiplied?",
                "right": "exp(parameter)",
                "slips": {
                    "exp(−parameter)": "took one for the other: That is the temperature: one over what was asked for."
                },
            },
            "temperature": {
                "question": "Which temperature τ (cosines are divided by it) is that?",
                "right": "exp(−parameter)",
                "slips": {
                    "exp(parameter)": "took one for the other: That is the factor on the cosines: one over what "
                    "was asked for."
                },
            },
        },
        draw=("scale", "scale", "temperature"),
        help="what is asked for: the factor on the cosines, or the temperature",
    )
    prompt = "The parameter logit_scale of {who} is set to {parameter:g}. {question}"
    answer_type, tolerance_percent = "number", 1.0
    tolerance_reason = "two or three digits are enough; one percent allows for rounding"
    hints = (
        "The parameter is stored as a logarithm, so that the factor stays positive whatever the optimizer does.",
        "The factor is exp(parameter); the temperature is one over the factor.",
    )
    slips = {
        "parameter": "forgot the exponential: That is the parameter as it is stored; the model takes its exponential.",
        "10^parameter": "took powers of ten: The logarithm is the natural one, not that of base ten.",
        "2^parameter": "took powers of two: The logarithm is the natural one, not that of base two.",
        "1 / parameter": "forgot the exponential: That is one over the parameter; take the exponential first.",
    }

    def facts(self) -> Facts:
        return {"who": self.called("the"), "question": self.chosen("question")}

    def run(self, show: Show) -> float:
        """Set the parameter, run the model, and divide its logits by its cosines."""
        clip = clip_checkpoint.checkpoint(self.model)
        index = showing_of(self.seed)
        scene, captions = showing(index)
        show.progress(0.4, "running the model")
        with logit_scale(clip, self.parameter):
            found = space.compare(clip, [picture_of(scene, "showing", index)], captions)
        ratio = float((found.logits * found.cosines).sum() / found.cosines.square().sum())
        show.line(
            f"logits -> {tuple(found.logits.shape)}: {listed(found.logits[0].tolist())}",
            f"cosines -> {tuple(found.cosines.shape)}: {listed(found.cosines[0].tolist(), 3)}",
            f"each logit is {ratio:.4f} times its cosine; as a temperature that is {1 / ratio:.4f}",
            "The paper starts at a temperature of 0.07 (parameter 2.66) and holds the factor at 100 at most (4.61).",
        )
        captions_table(show, found, captions)
        return ratio if self.wanted == "scale" else 1 / ratio


EXERCISES: Final = (Temperature, Odds, LogitScale)
