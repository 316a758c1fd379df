"""Zero-shot use: which caption wins and how surely, labels as prompts, pairs never seen together.

Radford et al. 2021, arXiv:2103.00020, section 3.1: a class is put as a caption, and the nearest caption names the
picture.

    p(t | I) = softmax_t(exp(s) · cos(I_e, T_e))

Axes: b pictures, t texts, k templates, d dimensions of the shared space.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from labs.bench import Draw, Facts, OneOf, Show, Text, Whole, later
from labs.clip.common import AnyClip, Clip, Own, own_captions, scale, stated
from labs.clip.scenes import (
    as_list,
    captions_table,
    embed_set,
    note_vocabulary,
    picture_of,
    see,
    share,
    show_picture,
    strip,
)
from labs.exercise import stream
from labs.options import read_option
from labs.protocol import Evidence, ParamError, Params, Problem, Verdict
from labs.scenes.captions import (
    COLOURS,
    HELD_OUT,
    PAIRS,
    RELATIONS,
    SEEN,
    SHAPES,
    Pair,
    Scene,
    name,
    one,
    place_alike,
    place_related,
    place_single,
    put,
)
from labs.scenes.showings import SHOWINGS, showing

if TYPE_CHECKING:
    import torch

    from labs.clip import space
    from labs.models import clip_checkpoint
else:
    torch, space = later("torch"), later("labs.clip.space")
    clip_checkpoint = later("labs.models.clip_checkpoint")

PERCENT_POINTS: Final = 10.0
A_FORECAST: Final = "a forecast of a measured share: within 10 points you know what the model can do"


def showing_of(seed: int, count: int = SHOWINGS) -> int:
    """Which of the fixed showings a seed shows."""
    return stream(seed, "showing").randrange(count)


# --- One picture and its captions -------------------------------------------------------------------------------------


class Caption(Own):
    """Which caption wins for a picture."""

    name, title, covers = "clip.caption", "Which caption wins", "2.4-04 2.4-05 2.4-10 0.2-01"
    prompt = "{who} compares {subject} with these captions: {listed}. Which one wins?"
    answer_type, is_shuffled = "choice", False
    hints = (
        "Nothing is looked up: the caption whose embedding has the largest cosine with the picture's wins.",
        "Where no caption is quite true, weigh what each gets right: the colour, the shape, the number of things.",
    )

    def facts(self) -> Facts:
        index = showing_of(self.seed)
        scene, drawn = showing(index)
        compared = own_captions(self.captions) or drawn
        return {
            "index": index,
            "truth_told": scene.caption,
            "compared": compared,
            "who": self.called(),
            "subject": "your picture" if self.picture else f"a drawn picture of {scene.caption}",
            "listed": "; ".join(f"“{caption}”" for caption in compared),
        }

    def chosen(self, name: str) -> object:
        return self.compared if name == "options" else super().chosen(name)

    def known(self) -> Mapping[str, str]:
        if not self.measured:
            return {}
        shares = dict(zip(self.compared, numbers(self.measured, "probabilities"), strict=True))
        right = str(self.names["right"])
        whys = {}
        for caption in self.compared:
            judged = f"The model gives “{caption}” {shares[caption]:.1%} and “{right}” {shares[right]:.1%}"
            wrong = "" if self.picture or self.captions else what_is_wrong(self.truth_told, caption)
            judged = judged.replace("{", "{{").replace("}", "}}")
            whys[caption] = f"{wrong}: {judged}; here the {wrong}." if wrong else f": {judged}."
        return whys

    def look(self, show: Show) -> None:
        show_picture(show, self.picture, self.index)

    def run(self, show: Show) -> str:
        """The caption whose embedding lies nearest to the picture's."""
        clip = clip_checkpoint.checkpoint(self.model)
        image, content = see(show, self.picture, clip, self.index)
        show.progress(0.4, "comparing")
        found = space.compare(clip, [image], self.compared)
        winner: str = self.compared[int(found.logits[0].argmax())]
        note_vocabulary(show, clip, self.compared)
        show_shapes(show, found)
        show.line(
            f"The largest of {len(self.compared)} cosines is that of “{winner}”: {float(found.cosines.max()):.3f}"
        )
        captions_table(show, found, self.compared)
        chance = float(found.probabilities[0].max())
        larger = image.resize((256, 256), resample=0)
        show.picture("picture", larger, f"{content}: “{winner}” wins with {chance:.1%}", content)
        show.fact(probabilities=as_list(found.probabilities[0]), cosines=as_list(found.cosines[0]))
        return winner


def numbers(measured: Mapping[str, Any], name: str) -> list[float]:
    """A list of numbers among the measured facts, which travel as text."""
    return [float(one) for one in measured[name]]


def show_shapes(show: Show, found: space.Compared) -> None:
    """From pictures and captions to logits, in shapes."""
    pictures, texts = (tuple(shape) for shape in found.shapes)
    show.line(f"picture -> {pictures}, captions -> {texts}, each of length 1")
    show.line(f"{pictures} @ {texts[::-1]} -> {tuple(found.cosines.shape)}: the cosines")
    show.line(f"times exp(logit_scale), {found.scale:.2f}: the logits")


def what_is_wrong(truth: str, caption: str) -> str:
    """What a caption of a showing gets wrong: `colour is wrong`; empty if nothing."""
    *_, true_colour, true_shape = truth.split()
    first, colour, shape = caption.split()
    wrong = [
        part
        for part, is_bad in (
            ("number", first not in {"a", "an"}),
            ("colour", colour != true_colour),
            ("shape", not shape.startswith(true_shape)),
        )
        if is_bad
    ]
    return f"{' and the '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} wrong" if wrong else ""


class Probability(Clip):
    """What probability cosines and the logit scale make."""

    name, title, covers = "clip.probability", "From cosines to a probability", "2.4-05 2.4-10"
    shown = Whole(-1, 0, SHOWINGS - 1, help="which of the fixed showings; -1: drawn from the seed")
    added = ("shown", "at")
    at = Whole(-1, 0, 3, help="place of the caption asked for, from 0; -1: drawn from the seed")
    prompt = (
        "A picture has these cosines with four captions: {listed}. The logit scale is {scale:.2f}. What probability, "
        "in percent, does the model give to “{asked}”?"
    )
    answer_type, unit, tolerance = "number", "%", 1.5
    tolerance_reason = "the cosines are given to three decimals, which moves a probability by up to one point"
    hints = (
        "The logits are the cosines times the logit scale.",
        "Softmax over the four captions: exp(logit), divided by the sum of all four.",
    )
    right = "100 × exp(scale × mine) / (exp(scale × c1) + exp(scale × c2) + exp(scale × c3) + exp(scale × c4))"
    slips = {
        "100 × exp(mine) / (exp(c1) + exp(c2) + exp(c3) + exp(c4)) if apart": "forgot the logit scale: That is "
        "softmax over the bare cosines: multiply them by the logit scale first.",
        "100 × exp(ln(scale) × mine) / (exp(ln(scale) × c1) + exp(ln(scale) × c2) + exp(ln(scale) × c3) + "
        "exp(ln(scale) × c4)) if apart": "used the parameter: That takes the stored parameter for the scale; the model "
        "multiplies by its exponential.",
        "100 / (1 + exp(−scale × mine)) if apart": "took a sigmoid: That is a sigmoid, as in SigLIP; CLIP's captions "
        "compete in a softmax.",
        "100 × mine / (c1 + c2 + c3 + c4) if apart": "shared out the cosines: That shares out the cosines; softmax "
        "shares out their exponentials.",
        "100 × mine if apart": "gave the cosine: That is the cosine, not a probability.",
        "25 if apart": "shared evenly: That would be chance; the cosines differ.",
        **{
            f"100 × exp(scale × c{n}) / (exp(scale × c1) + exp(scale × c2) + exp(scale × c3) + exp(scale × c4)) if "
            f"place ≠ {n}": "another caption: That is another caption's probability."
            for n in (1, 2, 3, 4)
        },
    }

    @classmethod
    def settled(cls, params: Params, draw: Draw) -> Params:
        shown, at = int(params["shown"]), int(params["at"])
        if shown < 0 or at < 0:
            shown, at = unsure_showing(draw.stream("unsure showing"), shown, at)
        return {"shown": shown, "at": at}

    def facts(self) -> Facts:
        cosines, captions = stated()["showing_cosines"][self.shown], showing(self.shown)[1]
        both = zip(captions, cosines, strict=True)
        return {
            "listed": ", ".join(f"“{caption}” {cosine:.3f}" for caption, cosine in both),
            "scale": scale(),
            "asked": captions[self.at],
            "place": self.at + 1,
            "mine": cosines[self.at],
            **{f"c{n}": cosine for n, cosine in enumerate(cosines, 1)},
        }

    def run(self, show: Show) -> float:
        """Softmax over the logits of one picture."""
        clip = clip_checkpoint.checkpoint()
        scene, captions = showing(self.shown)
        image = picture_of(scene, "showing", self.shown)
        show.progress(0.4, "comparing")
        found = space.compare(clip, [image], captions)
        show_shapes(show, found)
        logit, chance = float(found.logits[0, self.at]), float(found.probabilities[0, self.at])
        show.line(f"the logit of “{self.asked}” is {logit:.2f}, its share of the exponentials {chance:.4f}")
        captions_table(show, found, captions)
        show.picture("picture", strip([image], ["the picture"]), f"The picture: {scene.caption}", scene.caption)
        show.fact(probabilities=as_list(found.probabilities[0]), cosines=as_list(found.cosines[0]))
        return 100 * chance


def unsure_showing(chance: random.Random, shown: int, at: int) -> tuple[int, int]:
    """A showing in which the model is not quite sure, and the place of a caption it does not rule out.

    One of the two may be given, the other is -1; a showing in which the model is sure is then asked about as it is.
    """
    places = {
        (index, place): likely
        for index, cosines in enumerate(stated()["showing_cosines"])
        for place, likely in enumerate(softmax(cosines, scale()))
        if shown in (-1, index) and at in (-1, place)
    }
    unsure = [both for both, likely in places.items() if 0.03 <= likely <= 0.97]
    return chance.choice(unsure or list(places))


def softmax(cosines: Sequence[float], factor: float) -> list[float]:
    """The shares of the exponentials."""
    powers = [math.exp(factor * cosine) for cosine in cosines]
    return [power / sum(powers) for power in powers]


# --- Names never seen together ----------------------------------------------------------------------------------------


class Unseen(Clip):
    """How well pairs of colour and shape are named that were never seen together."""

    name, title, covers = "clip.unseen", "Name what was never seen together", "2.4-08 2.4-09 2.4-10"
    labels = OneOf(
        "pairs", "colours", "shapes", draw=("pairs", "pairs", "colours", "shapes"), help="what is to be named"
    )
    pairs = OneOf(
        "unseen", "seen", draw=("unseen", "unseen", "seen"), help="pairs held out of the training, or seen in it"
    )
    prompt = (
        "The tiny CLIP classifies new pictures {which}. Its {count} labels are {such}. In how many percent of the "
        "pictures is the nearest label right?"
    )
    answer_type, unit, tolerance, tolerance_reason = "number", "%", PERCENT_POINTS, A_FORECAST
    hints = (
        "Guessing would be right once in {count} times. Has the model learned names, or parts that combine?",
        "Colour and shape each have a direction of their own in the shared space; a new pair only adds the two.",
    )
    slips = {
        "0": "expected nothing: A classifier trained on labels would fail; CLIP puts a new label together from its "
        "words.",
        "100 / count": "took chance: That is guessing; the shared space does far better on labels it never saw.",
    }

    def facts(self) -> Facts:
        seed, is_unseen = self.seed, self.pairs == "unseen"
        such = {
            "pairs": f"all 64 pairs, such as “{one(stream(seed, 'pair').choice(SEEN))}”",
            "colours": f"the 8 colours, such as “something {stream(seed, 'colour').choice(COLOURS)}”",
            "shapes": f"the 8 shapes, such as “a {stream(seed, 'shape').choice(SHAPES)}”",
        }
        pair = " ".join(stream(seed, "example").choice(HELD_OUT if is_unseen else SEEN))
        which = (
            f"of pairs it never saw together (it knows the words of “{pair}”, and things of that colour and of that "
            "shape)"
            if is_unseen
            else f"of pairs it was trained on, such as “{pair}”"
        )
        return {"count": 64 if self.labels == "pairs" else 8, "such": such[self.labels], "which": which}

    def run(self, show: Show) -> float:
        """The share of new pictures whose nearest label is right, for pairs seen together or held out."""
        clip = clip_checkpoint.checkpoint()
        pairs = HELD_OUT if self.pairs == "unseen" else SEEN
        truth = [pair for pair in pairs for _ in range(112 // len(pairs))]
        salt = f"zero-shot {self.pairs}"
        scenes = singles(truth, salt)
        pictures = embed_set(clip, salt, scenes, show)
        prompts, right = {
            "pairs": ([one(pair) for pair in PAIRS], [PAIRS.index(pair) for pair in truth]),
            "colours": ([f"something {colour}" for colour in COLOURS], [COLOURS.index(pair[0]) for pair in truth]),
            "shapes": ([f"a {shape}" for shape in SHAPES], [SHAPES.index(pair[1]) for pair in truth]),
        }[self.labels]
        show.progress(0.95, "classifying")
        classifier = space.put_labels(clip, [prompts])
        found = space.classify(pictures, classifier)
        hits = found == torch.tensor(right)
        show.line(f"{tuple(pictures.shape)} @ {tuple(classifier.T.shape)} -> ({len(truth)}, {len(prompts)}) cosines")
        show.line(f"the nearest label is right for {int(hits.sum())} of {len(truth)} pictures, {share(hits):.1f}%")
        show.line(f"guessing among {len(prompts)} labels: {100 / len(prompts):.1f}%")
        wrong = [i for i, hit in enumerate(hits.tolist()) if not hit]
        rows = [(one(truth[i]), prompts[int(found[i])]) for i in wrong[:12]]
        show.table("Wrong ones" if wrong else "No wrong ones", "picture | nearest label", rows)
        shown = (wrong + list(range(0, len(truth), len(truth) // 5)))[:5]
        images = [picture_of(scenes[i], salt, i) for i in shown]
        alt = "; ".join(f"{one(truth[i])}, named “{prompts[int(found[i])]}”" for i in shown)
        caption = "Pictures and their nearest labels, the wrong ones first"
        show.picture("named", strip(images, [prompts[int(found[i])] for i in shown]), caption, alt)
        return share(hits)


def singles(pairs: Sequence[Pair], salt: str) -> list[Scene]:
    """Fixed scenes of one thing each."""
    return [place_single(random.Random(f"clip {salt}:{i}"), pair) for i, pair in enumerate(pairs)]


# --- Prompts ----------------------------------------------------------------------------------------------------------

SHOWN: Final = ("one thing", "three alike", "a thing beside a red star")
PROMPT_SETS: Final = {
    "“a {}”": ("a {}",),
    "“three {s}”": ("three {s}",),
    "“a {} and a red star”": ("a {} and a red star",),
    "“something {colour}”": ("something {colour}",),
    "“a {shape}”": ("a {shape}",),
    "the mean of “something {colour}” and “a {shape}”": ("something {colour}", "a {shape}"),
    "the mean of “a {}” and “three {s}”": ("a {}", "three {s}"),
    "the mean of “a {}”, “three {s}” and “a {} and a red star”": ("a {}", "three {s}", "a {} and a red star"),
}
"""How the labels of a zero-shot classifier are put, and the templates whose embeddings are averaged for it."""
_INSTANCE: Final = ("blue", "circle")


class Template(Text):
    """A prompt of the learner's own, with a place for the label."""

    def __init__(self) -> None:
        super().__init__(
            default="a {}",
            draw=(
                "a {}",
                "{}",
                "a photo of a {}",
                "three {s}",
                "{s}",
                "a {} left of a red star",
                "a {} and a red star",
            ),
            help="a prompt with {} where the label goes, or {s} for its plural, such as “a photo of a {}”",
        )

    def settled(self, value: object) -> str:
        template = " ".join(str(value).split())
        rest = template.replace("{}", "").replace("{s}", "")
        if template.count("{}") + template.count("{s}") != 1 or "{" in rest or "}" in rest:
            raise ParamError(self.name, "must hold {} once, where the label goes, or {s} for its plural")
        if len(template) > 200:
            raise ParamError(self.name, "has at most 200 characters")
        return template


class Prompted(AnyClip):
    """What the exercises on prompts share."""

    covers = "2.4-10 2.4-11"
    shown = OneOf(*SHOWN, help="what the pictures show")

    def named_right(self, show: Show, ways: Mapping[str, Sequence[str]]) -> list[float]:
        """How many of the same pictures each way of putting the 64 labels names right, in percent."""
        clip = clip_checkpoint.checkpoint(self.model)
        truth = [pair for pair in PAIRS for _ in range(2 if clip.tiny else 1)]
        scenes = scenes_shown(self.shown, truth)
        pictures = embed_set(clip, f"prompts {self.shown}", scenes, show)
        right = torch.tensor([PAIRS.index(pair) for pair in truth])
        shares, rows, first = [], [], right
        for count, (way, templates) in enumerate(ways.items()):
            show.progress(0.9 + 0.1 * count / len(ways), f"putting the labels as {way}")
            classifier = space.put_labels(clip, [[put(template, pair) for pair in PAIRS] for template in templates])
            named = space.classify(pictures, classifier)
            first = named if count == 0 else first
            shares.append(share(named == right))
            rows.append((way, put(templates[0], PAIRS[4]), f"{shares[-1]:.1f}%"))
        note_vocabulary(show, clip, [put(template, PAIRS[0]) for templates in ways.values() for template in templates])
        show.line(f"{len(truth)} pictures, {'two' if clip.tiny else 'one'} of each pair")
        show.line(f"{tuple(pictures.shape)} @ ({pictures.shape[1]}, 64) -> ({len(truth)}, 64): 64 cosines each")
        show.line(*(f"{way}: {percent}" for way, _, percent in rows))
        show.table("Named right", "prompts | for instance | right", rows)
        some = list(range(0, len(truth), len(truth) // 5))[:5]
        images = [picture_of(scenes[i], f"prompts {self.shown}", i) for i in some]
        labels = [name(PAIRS[int(first[i])]) for i in some]
        alt = "; ".join(f"{one(truth[i])}, named {label}" for i, label in zip(some, labels, strict=True))
        show.picture("named", strip(images, labels), f"Some of the pictures, as named with {next(iter(ways))}", alt)
        return shares


class Prompts(Prompted):
    """How well a prompt of one's own names what is on pictures."""

    name, title = "clip.prompts", "Classify with a prompt of your own"
    template = Template()
    prompt = (
        "{who} names pictures that show {shown} by the nearest of 64 prompts, made from “{template}”: “{label}” and so "
        "on. In how many percent is the colour and shape right?"
    )
    answer_type, unit, tolerance, tolerance_reason = "number", "%", PERCENT_POINTS, A_FORECAST
    hints = (
        "Words around the label that move all 64 prompts the same way change little, even words it never read.",
        "What costs is a prompt that speaks of another kind of picture: one thing, several alike, or two things.",
    )
    slips = {
        "100 / 64": "took chance: That is guessing among 64.",
        "plain": "took the caption's form: That is what the plain “a …” reaches; the words around the label count.",
    }

    def facts(self) -> Facts:
        return {"who": self.called(), "label": put(self.template, stream(self.seed, "label").choice(SEEN))}

    def run(self, show: Show) -> float:
        """The share of pictures named right with the learner's template."""
        shares = self.named_right(show, {f"“{self.template}”": (self.template,), "“a {}”": ("a {}",)})
        show.fact(plain=shares[-1])
        return shares[0]


class Ensemble(Prompted):
    """Which way of putting the labels names most pictures right."""

    name, title = "clip.ensemble", "Which prompts name best"
    sets = Whole(3, 2, 5, draw=(3, 4), help="how many ways are compared")
    prompt = (
        "Pictures show {shown}. The label blue circle, and 63 others like it, can be put to {who} in these ways: "
        "{listed}. Which names most pictures right? (A mean is taken of the embeddings.)"
    )
    answer_type, is_shuffled = "choice", False
    hints = (
        "A prompt helps as far as it looks like the captions such pictures had in training.",
        "A mean of prompts is safe where you do not know what comes; a prompt that fits beats it.",
    )

    def facts(self) -> Facts:
        ways = tuple(map(worded_way, stream(self.seed, "sets").sample(list(PROMPT_SETS), self.sets)))
        return {"ways": ways, "listed": "; ".join(ways), "who": self.called("the")}

    def chosen(self, name: str) -> object:
        return self.ways if name == "options" else super().chosen(name)

    def known(self) -> Mapping[str, str]:
        if not self.measured:
            return {}
        shares = dict(zip(self.ways, numbers(self.measured, "accuracies"), strict=True))
        right = str(self.names["right"])
        return {way: f": It reaches {shares[way]:.1f}%; {right} reaches {shares[right]:.1f}%." for way in self.ways}

    @classmethod
    def check(cls, problem: Problem, answer: str, evidence: Evidence) -> Verdict:
        """The best way; one that ties with it is right as well."""
        verdict = super().check(problem, answer, evidence)
        picked = read_option(answer, problem.options)
        if verdict.correct or picked is None:
            return verdict
        shares = dict(zip(problem.options, numbers(evidence.facts, "accuracies"), strict=True))
        is_level = shares[picked] == shares[str(evidence.value)]
        return Verdict(True, "Right, level with another.") if is_level else verdict

    def run(self, show: Show) -> str:
        """The way of putting the labels that names most pictures right."""
        shares = self.named_right(show, {way: prompts_of(way) for way in self.ways})
        show.fact(accuracies=[repr(one) for one in shares])
        best: str = self.ways[shares.index(max(shares))]
        return best


def worded_way(way: str) -> str:
    """A way of putting labels, with a blue circle for the label."""
    return put(way, _INSTANCE)


def prompts_of(option: str) -> tuple[str, ...]:
    """The templates of an option as it was worded."""
    return next(templates for way, templates in PROMPT_SETS.items() if worded_way(way) == option)


def scenes_shown(kind: str, pairs: Sequence[Pair]) -> list[Scene]:
    """Scenes that show each of the pairs alone, three times, or beside a red star (a red star: beside a blue ring)."""
    if kind == SHOWN[0]:
        return singles(pairs, "prompts")
    scenes = []
    for index, pair in enumerate(pairs):
        chance = random.Random(f"clip prompts {kind}:{index}")
        other = ("blue", "ring") if pair == ("red", "star") else ("red", "star")
        is_beside = kind == SHOWN[2]
        scenes.append(
            place_related(chance, pair, other, chance.choice(RELATIONS)) if is_beside else place_alike(chance, pair, 3)
        )
    return scenes


EXERCISES: Final = (Caption, Probability, Unseen, Prompts, Ensemble)
