"""Where the shared space breaks: left and right, counting, binding, and what the embedding dropped.

Radford et al. 2021, arXiv:2103.00020, section 6; Thrush et al. 2022, "Winoground", arXiv:2204.03162; Yuksekgonul et al.
2023, "When and why vision-language models behave like bags-of-words", arXiv:2210.01936.

Axes: b pictures, t captions, d dimensions of the shared space.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from labs.bench import Facts, OneOf, Show, Whole, later
from labs.clip.common import AnyClip, Clip
from labs.clip.scenes import as_list, embed_set, picture_of, pictures_of, share, show_scene, strip
from labs.exercise import stream
from labs.scenes.captions import (
    COLOURS,
    NUMBERS,
    OPPOSITE,
    RELATIONS,
    SEEN,
    SHAPES,
    Scene,
    Thing,
    many,
    one,
    place_alike,
    place_related,
    place_single,
)

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor

    from labs.clip import space
    from labs.models import clip_checkpoint
    from labs.models.clip_checkpoint import Checkpoint
else:
    np, torch, space = later("numpy"), later("torch"), later("labs.clip.space")
    clip_checkpoint = later("labs.models.clip_checkpoint")

BANDS: Final = ("below 60%, little better than chance", "from 60% to 90%", "above 90%")
TASKS: Final = ("left or right", "above or below", "colour", "shape", "one or many", "four or five", "which has which")
READERS: Final = ("from both", "from the patch tokens only", "from the embedding only", "from neither")
KNOWS_FROM: Final = 0.5
"""R² from which a probe is said to read its target."""
_PROBED: Final = (500, 300)
"""Pictures a probe learns from, and those it is measured on."""


# --- Two captions that differ in one thing ----------------------------------------------------------------------------


class Breaks(AnyClip):
    """How often the right one of two captions wins that differ in one thing."""

    name, title = "clip.breaks", "Find where the space breaks"
    sections, covers = "2.4 2.6 1.4 5.5", "2.6-07 2.6-09 3.4-12 5.5-05 1.3-05"
    task = OneOf(*TASKS, help="what the two captions differ in")
    prompt = (
        "{who} chooses between two captions of a drawn picture that differ in one thing, such as “{true}” and "
        "“{other}”. How often does the true one win? (Guessing: 50%.)"
    )
    answer_type, options, is_shuffled = "choice", BANDS, False
    hints = (
        "What must an embedding keep, to tell the pictures of a training batch apart by their captions?",
        "A batch seldom holds two captions that differ in this alone. What no negative punishes is not learned.",
    )
    slips = {
        BANDS[0]: "thought too little of it: Measured: {accuracy:.0f}% of {pictures} pictures. This the embedding "
        "keeps.",
        BANDS[1]: ": Measured: {accuracy:.0f}% of {pictures} pictures.",
        BANDS[2]: "trusted it too much: Measured: {accuracy:.0f}% of {pictures} pictures. A high score on pictures as "
        "a whole hides this.",
    }

    def facts(self) -> Facts:
        true, other = example(self.task, self.seed)
        return {"who": self.called(), "true": true, "other": other}

    def run(self, show: Show) -> str:
        """How often the true one of two captions wins that differ in one thing."""
        clip = clip_checkpoint.checkpoint(self.model)
        accuracy, count = judge_task(show, clip, self.task, (self.true, self.other))
        show.fact(accuracy=accuracy, pictures=count)
        return BANDS[0] if accuracy < 60 else BANDS[1] if accuracy <= 90 else BANDS[2]


def example(task: str, seed: int) -> tuple[str, str]:
    """A pair of captions that differ in what a task asks."""
    chance = stream(seed, "example")
    (colour, shape), (other_colour, other_shape) = chance.sample(SEEN, 2)
    while other_colour == colour or other_shape == shape:
        other_colour, other_shape = chance.choice(SEEN)
    a, b = one((colour, shape)), one((other_colour, other_shape))
    return {
        "colour": (a, one((other_colour, shape))),
        "shape": (a, one((colour, other_shape))),
        "left or right": (f"{a} left of {b}", f"{a} right of {b}"),
        "above or below": (f"{a} above {b}", f"{a} below {b}"),
        "one or many": (a, many((colour, shape), 4)),
        "four or five": (many((colour, shape), 4), many((colour, shape), 5)),
        "which has which": (f"{a} and {b}", f"{one((other_colour, shape))} and {one((colour, other_shape))}"),
    }[task]


def judge_task(show: Show, clip: Checkpoint, task: str, shown: tuple[str, str]) -> tuple[float, int]:
    """The share, in percent, of a fixed set of pictures whose true caption beats the other one; and how many."""
    scenes, captions = task_set(task, 120 if clip.tiny else 40)
    pictures = embed_set(clip, f"task {task}", scenes, show)
    show.progress(0.95, "choosing between two captions")
    texts = task_captions(clip, task, len(scenes))
    right = space.choose(pictures, texts) == 0
    accuracy = share(right)
    show.line(
        f"{tuple(pictures.shape)} with {tuple(texts.shape)} -> ({len(scenes)}, 2): two cosines a picture",
        f"captions such as “{shown[0]}” against “{shown[1]}”",
        f"the true one wins for {int(right.sum())} of {len(scenes)} pictures, {accuracy:.1f}%; guessing: 50%",
    )
    wrong_first = right.to(torch.int64).argsort(stable=True)[:5].tolist()
    rows = [(*captions[i], "true" if right[i] else "other") for i in wrong_first]
    show.table("Some of the pictures", "true caption | other caption | won", rows)
    images = [picture_of(scenes[i], f"task {task}", i) for i in wrong_first]
    labels = ["true won" if right[i] else "other won" for i in wrong_first]
    alt = "; ".join(captions[i][0] for i in wrong_first)
    show.picture("judged", strip(images, labels), "Some of the pictures, the misjudged ones first", alt)
    return accuracy, len(scenes)


def task_set(task: str, count: int) -> tuple[list[Scene], list[tuple[str, str]]]:
    """Fixed scenes of a task, each with its true caption and the other one."""
    scenes, captions = [], []
    for index in range(count):
        chance = random.Random(f"clip task {task}:{index}")
        scenes.append(task_scene(task, chance))
        captions.append(captions_of(task, scenes[-1], chance))
    return scenes, captions


def captions_of(task: str, scene: Scene, chance: random.Random) -> tuple[str, str]:
    """The true caption of a task's scene, and one that differs in what the task asks."""
    first, last = scene.things[0].pair, scene.things[-1].pair
    match task:
        case "colour":
            other = one((chance.choice([colour for colour in COLOURS if colour != first[0]]), first[1]))
        case "shape":
            other = one((first[0], chance.choice([shape for shape in SHAPES if shape != first[1]])))
        case "one or many":
            other = many(first, 4) if len(scene.things) == 1 else one(first)
        case "four or five":
            other = many(first, 9 - len(scene.things))
        case "which has which":
            return f"{one(first)} and {one(last)}", f"{one((last[0], first[1]))} and {one((first[0], last[1]))}"
        case _:
            assert scene.relation
            other = f"{one(first)} {OPPOSITE[scene.relation]} {one(last)}"
    return scene.caption, other


def task_scene(task: str, chance: random.Random) -> Scene:
    """A scene of a task, of pairs the model was trained on, whichever way their colours are put."""
    a, b = chance.sample(SEEN, 2)
    while a[0] == b[0] or a[1] == b[1] or not {(a[0], b[1]), (b[0], a[1])} <= set(SEEN):
        a, b = chance.sample(SEEN, 2)
    match task:
        case "colour" | "shape":
            return place_single(chance, a)
        case "one or many":
            return place_alike(chance, a, chance.choice((1, 4)))
        case "four or five":
            return place_alike(chance, a, chance.choice((4, 5)))
        case "left or right":
            return place_related(chance, a, b, chance.choice(("left of", "right of")))
        case "above or below":
            return place_related(chance, a, b, chance.choice(("above", "below")))
        case _:
            return place_related(chance, a, b, chance.choice(("left of", "right of", "above", "below")))


@lru_cache(maxsize=16)
def task_captions(clip: Checkpoint, task: str, count: int) -> Tensor:
    """(b, 2, d): the true caption of each picture, and the other one."""
    _, captions = task_set(task, count)
    embedded = clip.embed_texts([caption for both in captions for caption in both])
    return embedded.reshape(count, 2, -1)


# --- Counting ---------------------------------------------------------------------------------------------------------


class Counting(AnyClip):
    """How often a number of things is named right."""

    name, title, sections, covers = "clip.counting", "Count by caption", "2.4 2.6", "2.6-07 2.6-08 3.4-10"
    count = Whole(3, 1, 5, draw=(1, 2, 3, 4, 5), help="how many things are on the pictures")
    prompt = (
        "New pictures show {word} {things} of one kind, such as {such}. {who} chooses among the five captions for one "
        "to five of them. In how many percent does it choose the true number?"
    )
    answer_type, unit, tolerance = "number", "%", 12.0
    tolerance_reason = "a forecast of a share measured on 100 pictures, whose own error is some 4 points"
    hints = (
        "Guessing is right in 20%. One is easily told from many; which numbers look most alike?",
        "The tiny CLIP was trained on such captions with numbers in them; web captions seldom count.",
    )
    slips = {
        "20 if apart": "took chance: That is guessing among five; the model does better, though not equally well for "
        "each number.",
        **{
            f"named_{n}": f"another number: That is how often {word} is named right."
            for n, word in enumerate(NUMBERS, 1)
        },
    }

    def facts(self) -> Facts:
        pair = stream(self.seed, "pair").choice(SEEN)
        return {
            "word": NUMBERS[self.count - 1],
            "things": "thing" if self.count == 1 else "things",
            "such": one(pair) if self.count == 1 else many(pair, self.count),
            "who": self.called(),
        }

    def run(self, show: Show) -> float:
        """How often each number of things wins among the captions of one to five."""
        clip = clip_checkpoint.checkpoint(self.model)
        each = 100 if clip.tiny else 12
        shares, rows = [], []
        for number in range(1, 6):
            pairs = [random.Random(f"clip counting {number} pair:{i}").choice(SEEN) for i in range(each)]
            scenes = [
                place_alike(random.Random(f"clip counting {number}:{i}"), pair, number) for i, pair in enumerate(pairs)
            ]
            pictures = embed_set(clip, f"counting {number}", scenes, show)
            show.progress(0.1 + 0.16 * number, f"{NUMBERS[number - 1]} things")
            picked = space.choose(pictures, numbered_captions(clip)[[SEEN.index(pair) for pair in pairs]])
            shares.append(share(picked == number - 1))
            rows.append((NUMBERS[number - 1], *(int((picked == other).sum()) for other in range(5))))
            if number == self.count:
                images = [picture_of(scene, f"counting {number}", i) for i, scene in enumerate(scenes[:5])]
                labels = [f"named {NUMBERS[int(i)]}" for i in picked[:5]]
                alt = "; ".join(scene.caption for scene in scenes[:5])
        show.line(f"({each}, {pictures.shape[1]}) with ({each}, 5, {pictures.shape[1]}) -> ({each}, 5) cosines")
        show.line(*(f"{word}: named right in {value:.0f}%" for word, value in zip(NUMBERS, shares, strict=False)))
        show.line("guessing: 20%")
        show.table("How often each number was chosen", f"on the picture | {' | '.join(NUMBERS[:5])}", rows)
        show.picture("counted", strip(images, labels), f"Pictures of {self.word}, and the number that won", alt)
        show.fact(**{f"named_{n}": value for n, value in enumerate(shares, 1)})
        return shares[self.count - 1]


@lru_cache(maxsize=2)
def numbered_captions(clip: Checkpoint) -> Tensor:
    """(56, 5, d): the captions of one to five things of each pair of the training."""
    texts = [one(pair) if count == 1 else many(pair, count) for pair in SEEN for count in range(1, 6)]
    return clip.embed_texts(texts).reshape(len(SEEN), 5, -1)


# --- Binding ----------------------------------------------------------------------------------------------------------


class Binding(AnyClip):
    """Whether the colours stay with their shapes."""

    name, title = "clip.binding", "Which colour goes with which shape"
    sections, covers = "2.4 2.6", "2.6-07 2.4-13"
    prompt = "A drawn picture shows {shown}. {who} compares it with “{first}” and “{second}”. Which one wins?"
    answer_type, is_shuffled = "choice", False
    hints = (
        "Both captions hold the same colours and the same shapes. Only which colour goes with which shape differs.",
        "One vector for the whole picture may hold a bag of features. Does the training ever punish a swap?",
    )

    def facts(self) -> Facts:
        scene, (first, second) = binding_scene(self.seed), binding_captions(self.seed)
        true = " and ".join(one(thing.pair) for thing in scene.things)
        return {
            "scene": scene,
            "shown": scene.caption,
            "first": first,
            "second": second,
            "true": true,
            "who": self.called(),
        }

    def chosen(self, name: str) -> object:
        return (self.first, self.second) if name == "options" else super().chosen(name)

    def known(self) -> Mapping[str, str]:
        measured = "Over {pictures} such pictures the true caption wins in {accuracy:.0f}%."
        return {
            option: f"trusted the binding: Here the swapped caption wins. {measured}"
            if option == self.true
            else f"expected a bag of features: Here the true caption wins. {measured}"
            for option in (self.first, self.second)
        }

    def look(self, show: Show) -> None:
        show_scene(show, self.scene, "binding", self.seed)

    def run(self, show: Show) -> str:
        """Whether the true caption or the one with swapped colours lies nearer to this picture."""
        clip = clip_checkpoint.checkpoint(self.model)
        options = (self.first, self.second)
        accuracy, count = judge_task(show, clip, "which has which", example("which has which", self.seed))
        show.progress(0.95, "this picture")
        image = picture_of(self.scene, "binding", self.seed)
        picture, captions = clip.embed_pictures([image]), clip.embed_texts(options)
        winner: str = options[int(space.choose(picture, captions[None])[0])]
        cosines = (picture @ captions.T)[0]
        show.line(f"this picture: {tuple(picture.shape)} @ {tuple(captions.T.shape)} -> (1, 2)")
        show.line(*(f"“{option}”: {cosine:.4f}" for option, cosine in zip(options, cosines.tolist(), strict=True)))
        show.line(f"nearest: “{winner}”, {'the true one' if winner == self.true else 'the swapped one'}")
        show.picture("picture", strip([image], ["the picture"]), self.shown, self.shown)
        show.fact(accuracy=accuracy, pictures=count, cosines=as_list(cosines))
        return winner


def binding_scene(seed: int) -> Scene:
    """Two things that differ in colour and shape; with colours swapped they are pairs the model was trained on, too."""
    chance = stream(seed, "binding")
    while True:
        a, b = chance.sample(SEEN, 2)
        if a[0] != b[0] and a[1] != b[1] and {(a[0], b[1]), (b[0], a[1])} <= set(SEEN):
            return place_related(chance, a, b, chance.choice(RELATIONS))


def binding_captions(seed: int) -> tuple[str, str]:
    """The true caption of the scene, and the one with the colours swapped; in an order drawn from the seed."""
    (colour_a, shape_a), (colour_b, shape_b) = (thing.pair for thing in binding_scene(seed).things)
    true = f"{one((colour_a, shape_a))} and {one((colour_b, shape_b))}"
    swapped = f"{one((colour_b, shape_a))} and {one((colour_a, shape_b))}"
    return (true, swapped) if stream(seed, "order").random() < 0.5 else (swapped, true)


# --- What the eye knows -----------------------------------------------------------------------------------------------


class Probe(Clip):
    """From where a linear probe can read something: the patch tokens or the projected embedding."""

    name, title = "clip.probe", "What the eye knows and the embedding dropped"
    sections, covers = "2.4 2.6", "2.4-13 2.5-03 2.6-07 1.4-02 1.4-05 5.5-05"
    target = OneOf(
        *("across", "down", "colour", "size", "chance"),
        help="what a linear probe is to read: where a thing stands, its colour, its size, or chance",
    )
    prompt = (
        "Pictures show one thing each, such as a {shape}. A linear probe is to read {read}: once from the 64 patch "
        "tokens of the tiny CLIP's second-last layer, once from its projected embedding. From which does it succeed on "
        "new pictures (R² of at least 0.5)?"
    )
    answer_type, options, is_shuffled = "choice", READERS, False
    hints = (
        "Patch tokens keep their places. Does any caption say what is asked here, so that the embedding needs it?",
        "A probe can only read what is there: contrastive training keeps in the embedding what captions speak of.",
    )

    def facts(self) -> Facts:
        colour = stream(self.seed, "colour").choice(COLOURS)
        read = {
            "across": "how far right the thing stands",
            "down": "how far down the thing stands",
            "colour": f"whether the thing is {colour}",
            "size": "how large the thing is",
            "chance": "a number that was drawn at random for each picture",
        }
        return {"colour": colour, "read": read[self.target], "shape": stream(self.seed, "shape").choice(SHAPES)}

    def known(self) -> Mapping[str, str]:
        why = {
            READERS[3]: "Nothing in the picture tells it, and a probe measured on new pictures shows that.",
            READERS[1]: "No caption speaks of it, so the embedding did not need it; the tokens still know.",
            READERS[2]: "On the grid it stands elsewhere in each picture: one linear map of all places cannot follow.",
            READERS[0]: "It is there in both.",
        }.get(str(self.names.get("right")), "")
        measured = "Measured R²: patch tokens {r2_patches:.2f}, embedding {r2_embedding:.2f}."
        trusted = ("trusted both", "trusted the patch tokens alone", "trusted the embedding alone", "trusted neither")
        return {reader: f"{name}: {measured} {why}" for reader, name in zip(READERS, trusted, strict=True)}

    def run(self, show: Show) -> str:
        """R² of a linear probe from the patch tokens and from the embedding."""
        clip = clip_checkpoint.checkpoint()
        learn, _ = _PROBED
        show.progress(0.05, "features of the pictures")
        patches, embedding, scenes = features_of(clip, show)
        target = torch.tensor(self.targets(scenes))
        show.progress(0.9, "two linear probes")
        r2 = [
            space.linear_probe((x[:learn], target[:learn]), (x[learn:], target[learn:])) for x in (patches, embedding)
        ]
        knows = [value >= KNOWS_FROM for value in r2]
        answer = READERS[0] if all(knows) else READERS[1] if knows[0] else READERS[2] if knows[1] else READERS[3]
        show.line(
            f"{len(scenes)} pictures of one thing: {learn} to learn from, {len(scenes) - learn} to measure on",
            f"second-last layer (b, 1+64, 96) -> without the class token (b, 64, 96) -> {tuple(patches.shape)}",
            f"class token -> norm -> projection -> {tuple(embedding.shape)}",
            f"R² from the patch tokens {r2[0]:.3f}, from the embedding {r2[1]:.3f}: {answer}",
        )
        rows = [("patch tokens", f"{r2[0]:.3f}"), ("embedding", f"{r2[1]:.3f}")]
        show.table("A linear probe", "reads | R²", rows)
        images = [picture_of(scene, "probe", i) for i, scene in enumerate(scenes[:5])]
        caption = "Some of the pictures and the number the probe is to read"
        alt = "; ".join(scene.caption for scene in scenes[:5])
        show.picture("probed", strip(images, [f"{value:.1f}" for value in target[:5].tolist()]), caption, alt)
        show.fact(r2_patches=r2[0], r2_embedding=r2[1])
        return answer

    def targets(self, scenes: Sequence[Scene]) -> list[float]:
        """What the probe is to read, a number a picture."""
        drawn = np.random.default_rng(self.seed % 2**63).standard_normal(len(scenes))
        read: Callable[[int, Thing], float] = {
            "across": lambda _, thing: thing.x,
            "down": lambda _, thing: thing.y,
            "colour": lambda _, thing: float(thing.pair[0] == self.colour),
            "size": lambda _, thing: thing.radius,
            "chance": lambda i, _: float(drawn[i]),
        }[self.target]
        return [read(i, scene.things[0]) for i, scene in enumerate(scenes)]


_kept: list[tuple[Tensor, Tensor, Sequence[Scene]]] = []


def features_of(clip: Checkpoint, show: Show) -> tuple[Tensor, Tensor, Sequence[Scene]]:
    """Patch tokens (b, 64 * 96) and embeddings (b, 64) of the probe's pictures; worked out once a worker."""
    if not _kept:
        scenes = []
        for index in range(sum(_PROBED)):
            chance = random.Random(f"clip probe:{index}")
            scenes.append(place_single(chance, chance.choice(SEEN)))
        pictures = pictures_of(scenes, "probe")
        tokens = []
        for start in range(0, len(pictures), 50):
            show.progress(0.1 + 0.7 * start / len(pictures), f"tokens of {len(pictures)} pictures")
            pixels = clip.to_pixels(pictures[start : start + 50])
            layers = clip.model.vision_model(pixel_values=pixels, output_hidden_states=True).hidden_states
            tokens.append(layers[-2][:, 1:].flatten(1))  # (b, 1+n, 96) -> (b, n, 96) -> (b, n * 96)
        _kept.append((torch.cat(tokens), clip.embed_pictures(pictures), scenes))
    return _kept[0]


EXERCISES: Final = (Breaks, Counting, Binding, Probe)
