"""What an eye has learned: from how many digits, from one patch or all, where it looks, how finely it measures.

Dosovitskiy et al. 2021, arXiv:2010.11929, section 4.3 (data) and appendix D.8 (attention):

    A = softmax(Q Kᵀ / √d_h),    z' = A V + z

Axes: b pictures, h heads, n patches, d values of a token.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from labs.bench import Facts, OneOf, Show, Whole, later
from labs.eyes.common import SCENES, SHOWN, Eye, OneEye, box, grey, named, scenes, shape_logits, shapes_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn import functional

    from labs.clip import scenes as drawn
    from labs.eyes import nets, sights
    from labs.models import digits
    from labs.scenes.captions import Scene
else:
    torch, functional = later("torch"), later("torch.nn.functional")
    nets, sights, drawn = later("labs.eyes.nets"), later("labs.eyes.sights"), later("labs.clip.scenes")
    digits = later("labs.models.digits")

_SCENES: Final = "a small ViT, trained on drawn scenes of one thing"
MUCH: Final = "more than twice as much as to other patches"
SOME: Final = "more, but less than twice as much"
NONE: Final = "no more than to other patches"


class Classifier(Eye):
    """How good a linear classifier is that is trained now."""

    name, title, sections, covers = "eyes.classifier", "Train a classifier of digits", "0.1", "0.1-01"
    truth, source = "own model", "Bishop 2006, section 4.3.4"
    measured_on = "a linear classifier, trained when it is asked for"
    learned_from = Whole(100, 10, 1500, draw=(10, 20, 50, 100, 300, 1500), help="digits it learns from")
    steps = Whole(100, 1, 300, draw=(100, 200), help="steps of gradient descent, each over all its digits")
    prompt = (
        "A linear classifier learns from {learned_from} handwritten digits in {steps} steps of gradient descent: each "
        "pixel votes for each of ten digits. How many of 100 digits that it never saw does it name right?"
    )
    unit, tolerance = "of 100 digits", 10
    tolerance_reason = "other digits would give a few more or fewer"
    hints = (
        "With ten digits of each kind, how many ways to write a 7 has it seen?",
        "Its own digits it soon names nearly all right. Asked is how it does on others.",
    )
    slips = {
        "own": "gave the training score: That is how many of its own digits it names right, in percent.",
        "10": "thought it only guesses: Guessing gives 10; even a few examples are better than that.",
        "100 − right": "counted the misread: Asked is how many are named right.",
    }

    def run(self, show: Show) -> int:
        """Train a linear classifier and count what it names right of digits it never saw."""
        pictures, labels = digits.digits()
        chosen = torch.randperm(digits.TRAINING)[: self.learned_from]
        unseen = digits.TRAINING + torch.randperm(len(labels) - digits.TRAINING)[:SHOWN]
        x, y = pictures[chosen].flatten(1), labels[chosen]  # (b, 64)
        votes, wanted = torch.zeros(64, 10), functional.one_hot(y, 10)
        losses = []
        for _ in range(self.steps):
            shares = (x @ votes).softmax(1)  # (b, 10)
            votes = votes - 0.2 * x.T @ (shares - wanted) / len(x)
            losses.append(float(functional.nll_loss(shares.clamp(min=1e-9).log(), y)))
        right = (pictures[unseen].flatten(1) @ votes).argmax(1) == labels[unseen]
        own = float(((x @ votes).argmax(1) == y).float().mean()) * 100
        show.shapes("64 pixels vote for ten digits", x, votes, shares)
        show.line(f"of its own digits it names {own:.0f}% right, of 100 others {int(right.sum())}")
        show.curve("Learning", "step", "loss", range(self.steps), {"loss": losses})
        weight = votes.T.reshape(10, 1, 8, 8)
        images = [grey(one / one.abs().max()) for one in weight]
        votes_of = [f"for {digit}" for digit in range(10)]
        show.picture("votes", drawn.strip(images, votes_of), "Which pixels vote for which digit", "ten weight maps")
        show.fact(own=own)
        return int(right.sum())


class Data(OneEye):
    """How good an eye is that learned from so many digits."""

    name, title, sections, covers = "eyes.data", "Feed a ViT and a CNN", "2.1 2.3", "2.3-05 2.1-06"
    learned_from = Whole(100, choices=(30, 100, 300, 1500), draw=(30, 100, 300, 1500), help="digits it learned from")
    prompt = (
        "A {eye} learned from {learned_from} handwritten digits and from nothing else. How many of 100 "
        "other digits does it name right?"
    )
    unit, tolerance = "of 100 digits", 5
    tolerance_reason = "other digits would give a few more or fewer"
    hints = (
        "From 1,500 digits both name more than 90 of 100 right.",
        "That neighbours belong together is built into a CNN. A ViT must learn it, from examples.",
    )
    slips = {
        "other": "took it for the other eye: So many the other one names right that learned from as many.",
        "from_all": "took it for full training: So many it names right after 1,500 digits.",
        "10": "thought it only guesses: Guessing gives 10 of 100.",
        "100 − right": "counted the misread: Asked is how many are named right.",
    }

    def run(self, show: Show) -> int:
        """Count what each eye names right that learned from as many digits."""
        pictures, labels = sights.held_out(SHOWN, self.seed)
        sizes = nets.LEARNED_FROM
        found = {
            eye: [
                int((nets.trained(eye.lower(), f"digits_{size}")(pictures).argmax(1) == labels).sum()) for size in sizes
            ]
            for eye in ("ViT", "CNN")
        }
        rows = [(f"{size:,}", found["ViT"][at], found["CNN"][at]) for at, size in enumerate(sizes)]
        show.table("Right of the same 100 digits", "learned from | ViT | CNN", rows)
        show.curve("Hunger for data", "digits learned from", "right of 100", sizes, found)
        other = found["CNN" if self.eye == "ViT" else "ViT"][sizes.index(self.learned_from)]
        show.fact(other=other, from_all=found[self.eye][-1])
        return int(named(show, self.eye, f"digits_{self.learned_from}", pictures, labels).sum())


class OnePatch(Eye):
    """How many digits are named from a few of their patches."""

    name, title, sections, covers = "eyes.one_patch", "Read a digit from one patch", "0.7", "0.7-03"
    measured_on = "a small ViT that was trained on digits of which it got from 1 to 16 patches"
    patches = Whole(1, 1, 16, draw=(1, 1, 2, 3, 4, 6, 8, 16), help="patches that the eye gets, of 16")
    prompt = (
        "A ViT was trained to name digits from whatever patches it gets, from 1 to all 16. Now it gets {patches} of "
        "the 16 patches, picked by chance, of each of 100 digits it never saw. How many does it name right?"
    )
    unit, tolerance = "of 100 digits", 10
    tolerance_reason = "other digits and patches would give a few more or fewer"
    hints = (
        "From all 16 it names about 90 right; guessing gives 10.",
        "A corner of the page is empty in every digit. What does a stroke in the middle rule out?",
    )
    slips = {
        "10": "thought a patch says nothing: Guessing gives 10; a patch rules some digits out.",
        "from_all if patches ≠ 16": "took the part for the whole: So many it names right from all 16 patches.",
        "from_all × patches / 16 if patches ≠ 16": "shared it out: Patches tell together what none tells alone, and "
        "repeat each other.",
        "100 − right": "counted the misread: Asked is how many are named right.",
    }

    def run(self, show: Show) -> int:
        """Give a ViT some patches of each digit and count what it names right."""
        pictures, labels = sights.held_out(SHOWN, self.seed)
        net = nets.vit("scraps")
        order = torch.rand(len(labels), 16).argsort(1)
        found = []
        for count in range(1, 17):
            show.progress(count / 17, f"{count} patches")
            found.append(int((from_patches(net, pictures, order[:, :count]) == labels).sum()))
        seen = from_patches(net, pictures, order[:, : self.patches])
        show.line(f"{tuple(pictures.shape)} -> ({len(labels)}, {self.patches}, 48) -> ({len(labels)},): digits named")
        show.curve("From one patch to all", "patches", "right of 100", range(1, 17), {"ViT": found})
        hidden = (order.argsort(1) >= self.patches).reshape(-1, 1, 4, 4)
        hidden = hidden.repeat_interleave(nets.PATCH_PX, 2).repeat_interleave(nets.PATCH_PX, 3)
        images = [grey(one.masked_fill(gone, 0.0)) for one, gone in zip(pictures[:10], hidden[:10], strict=True)]
        texts = [f"{label}, read as {one}" for label, one in zip(labels[:10].tolist(), seen.tolist(), strict=False)]
        show.picture("scraps", drawn.strip(images, texts), "What the eye got; grey is no token", "; ".join(texts))
        show.fact(from_all=found[-1])
        return int((seen == labels).sum())


def from_patches(net: nets.Vit, pictures: Tensor, kept: Tensor) -> Tensor:
    """The digits named from some patches of each picture: (b, 1, 16, 16) and their numbers (b, k) -> (b,)."""
    tokens = net.patches(pictures).flatten(2).transpose(1, 2) + net.positions[:, 1:]  # (b, 16, d)
    tokens = tokens[torch.arange(len(kept))[:, None], kept]  # (b, k, d)
    x = torch.cat([(net.class_token + net.positions[:, :1]).expand(len(kept), -1, -1), tokens], 1)
    for layer in net.layers:
        x, _ = layer(x)
    named_as: Tensor = net.head(net.norm(x[:, 0])).argmax(1)
    return named_as


class Distractors(OneEye):
    """How many things are still named beside bright distractors."""

    name, title, covers = "eyes.distractors", "Distract an eye", "2.6-12 2.6-13"
    measured_on = "a small ViT and a small CNN, trained on drawn scenes of one thing"
    spots = Whole(3, 0, 8, draw=(1, 2, 3, 4, 6), help="bright spots beside the thing")
    prompt = (
        "A {eye} names the shape of the one thing in a drawn scene, one of eight, more than 90 of 100 right. Now "
        "{spots} bright white spots of 5 × 5 px (of 32 × 32) lie beside the thing and cover none of it. For what "
        "percentage of {scenes} scenes does it still name the thing's shape?"
    )
    answer_type, unit, tolerance = "number", "%", 10
    tolerance_reason = "other scenes would give a few percent more or less"
    hints = (
        "Which part of the picture is the most salient now?",
        "Its training scenes had one thing each, so it never learned to leave anything aside.",
    )
    slips = {
        "alone": "took it for undistracted: So many it names right without the spots.",
        "12.5": "thought it only guesses: Guessing gives 12.5%.",
        "cropped if apart": "cropped first: So many it names right once all but the thing is painted over.",
        "100 − right": "counted the misread: Asked is how many are named right.",
    }

    def facts(self) -> Facts:
        return {"scenes": SCENES}

    def run(self, show: Show) -> float:
        """Add bright spots beside the thing and count what is still named right."""
        pictures, things = scenes(SCENES, self.seed)
        busy, cropped = pictures.clone(), pictures.clone()
        chance = random.Random(self.seed)
        for at, scene in enumerate(things):
            rows, columns = box(scene)
            for row, column in free_places(chance, rows, columns, self.spots):
                busy[at, :, row : row + 5, column : column + 5] = 1.0
            cropped[at] = pictures[at].mean((1, 2), keepdim=True)
            cropped[at, :, rows, columns] = pictures[at, :, rows, columns]
        shapes = shapes_of(things)
        shown = {"alone": pictures, "busy": busy, "cropped": cropped}
        found = {name: shape_logits(self.eye, one).argmax(1) == shapes for name, one in shown.items()}
        shares = {name: float(one.float().mean()) * 100 for name, one in found.items()}
        show.shapes("eight shapes each", busy, shape_logits(self.eye, busy))
        show.table("Shapes named right", "shown | %", [(name, f"{share:.0f}") for name, share in shares.items()])
        left = [mass_on(one, things) for one in (pictures, busy)]
        show.line(f"The ViT's class token: {left[0]:.0%} of its attention on the thing alone, {left[1]:.0%} with spots")
        texts = ["right" if one else "wrong" for one in found["busy"][:10]]
        show.picture("busy", drawn.strip([grey(one) for one in busy[:10]], texts), "Distracted", "; ".join(texts))
        show.fact(alone=shares["alone"], cropped=shares["cropped"])
        return shares["busy"]


def free_places(chance: random.Random, rows: slice, columns: slice, count: int) -> list[tuple[int, int]]:
    """Where spots of 5 × 5 px go that do not touch the thing; fewer where there is no room."""
    last = nets.SCENE_PX - 5
    places = [
        (row, column)
        for row in range(last + 1)
        for column in range(last + 1)
        if row + 5 <= rows.start or row >= rows.stop or column + 5 <= columns.start or column >= columns.stop
    ]
    return chance.sample(places, min(count, len(places)))


def mass_on(pictures: Tensor, things: Sequence[Scene]) -> float:
    """The share of the class token's attention, in the last layer, that lies on the things' patches."""
    attention = nets.vit("scenes").look(pictures)[1][-1].mean(1)[:, 0, 1:]  # (b, n)
    on = torch.stack([patches_of(scene) for scene in things]).flatten(1)  # (b, n)
    return float((attention * on).sum(1).div(attention.sum(1)).mean())


def patches_of(scene: Scene) -> Tensor:
    """Which patches of a scene hold some of its thing: (8, 8)."""
    rows, columns = box(scene)
    on = torch.zeros(8, 8, dtype=torch.bool)
    size = nets.PATCH_PX
    on[rows.start // size : -(-rows.stop // size), columns.start // size : -(-columns.stop // size)] = True
    return on


class Attention(Eye):
    """How much more one patch looks at the thing than elsewhere."""

    name, title, sections, covers = "eyes.attention", "Follow one patch's attention", "2.2", "2.2-13 2.2-14"
    source, measured_on = "Dosovitskiy et al. 2021, arXiv:2010.11929, appendix D.8", _SCENES
    layer = Whole(1, 1, 3, draw=(1, 2, 3), help="layer, of three")
    place = OneOf("in the middle of the thing", "in the corner farthest from it", help="the patch that looks")
    prompt = (
        "A ViT of three layers has learned to name the one thing in drawn scenes. Take one patch {place}: in layer "
        "{layer}, averaged over its heads and over 40 scenes, how much attention does it give to a patch of the thing, "
        "compared with a patch of the ground?"
    )
    answer_type, options, is_shuffled = "choice", (NONE, SOME, MUCH), False
    hints = (
        "Each row of the attention sums to 1, over all patches and the class token; even spreading is one share each.",
        "What must a layer gather to name the thing, and can a patch of plain ground help with it?",
    )
    slips = {"*": ": Measured: {times:.1f} times as much as to a patch of the ground."}

    def run(self, show: Show) -> str:
        """The attention of one patch on the thing's patches against that on the others."""
        pictures, things = scenes(40, self.seed)
        layers = nets.vit("scenes").look(pictures)[1]
        on = torch.stack([patches_of(scene) for scene in things])  # (b, 8, 8)
        middle = torch.tensor([[scene.things[0].y, scene.things[0].x] for scene in things]) / 8  # in patches
        corners = torch.tensor([[0, 0], [0, 7], [7, 0], [7, 7]])
        far = corners[torch.cdist(middle, corners + 0.5).argmax(1)]  # (b, 2)
        at = middle.long().clamp(max=7) if self.place.startswith("in the middle") else far
        index = 1 + at[:, 0] * 8 + at[:, 1]  # the class token stands first
        rows = [one.mean(1)[torch.arange(len(index)), index, 1:] for one in layers]  # (b, n) a layer
        ratios = [float(thing_against_ground(row, on.flatten(1))) for row in rows]
        times = ratios[self.layer - 1]
        show.shapes("how the patches look at each other, and the row of the one asked", layers[0], rows[0])
        show.table("Thing against ground", "layer | times", [(i + 1, f"{one:.2f}") for i, one in enumerate(ratios)])
        maps = [row.reshape(8, 8) / row.max() * 2 - 1 for row in rows[self.layer - 1][:5]]
        heat = [grey(-one.repeat_interleave(4, 0).repeat_interleave(4, 1)[None]) for one in maps]
        images = [*(grey(one) for one in pictures[:5]), *heat]
        texts = [f"row {r + 1}, column {c + 1}" for r, c in at[:5].tolist()]
        caption = "Scenes, and below where that one patch looks: the brighter, the more"
        show.picture("attention", drawn.strip(images, [*texts, *texts]), caption, "five scenes and attention maps")
        show.fact(times=times)
        return NONE if times <= 1 else SOME if times <= 2 else MUCH


def thing_against_ground(attention: Tensor, on: Tensor) -> Tensor:
    """The mean attention to a patch of the thing over that to one of the ground: (b, n), (b, n) -> ()."""
    return ((attention * on).sum(1) / on.sum(1)).mean() / ((attention * ~on).sum(1) / (~on).sum(1)).mean()


class Line(Eye):
    """How far off a measured line is at a resolution."""

    name, title, sections, covers = "eyes.line", "Measure a line", "3.4", "3.4-14"
    source, measured_on = "LeCun et al. 1998", "a small CNN, trained to measure drawn lines"
    resolution = Whole(16, 4, 64, draw=(8, 12, 16, 24, 32, 48, 64), help="side of the picture in px")
    prompt = (
        "A CNN has learned to measure lines of 12 to 52 px in pictures of 64 × 64 px; it is off by about 1 px. Now the "
        "pictures are shrunk to {resolution} × {resolution} px and enlarged again before it sees them. By how many px "
        "(of the 64) is it off on average, over 50 lines?"
    )
    answer_type, unit, tolerance, tolerance_percent = "number", "px", 1.0, 35
    tolerance_reason = "a good estimate of an error is within a third of it"
    hints = (
        "How many px of the original does one px of the shrunk picture cover?",
        "Thin lines fade as well: the ink spreads over the whole larger pixel.",
    )
    slips = {
        "64 / resolution if apart": "gave the size of a pixel: So many px one px covers; the eye weighs many of them.",
        "sharp if apart": "took it for sharp: That is its error on sharp pictures.",
    }

    def run(self, show: Show) -> float:
        """The mean error of measured lengths at a resolution."""
        pictures, lengths = sights.lines(50, torch.Generator().manual_seed(self.seed))
        net = nets.trained("cnn", "lines")
        sides = sorted({8, 16, 64, self.resolution})
        shown = {side: sights.shrunk(pictures, side) for side in sides}
        measured = {side: net(one)[:, 0] * nets.LINE_PX for side, one in shown.items()}  # (b,) px
        errors = {side: float((one - lengths).abs().mean()) for side, one in measured.items()}
        show.shapes("a length each", shown[self.resolution], measured[self.resolution])
        show.curve("Falling resolution", "side in px", "mean error in px", sides, {"CNN": errors.values()})
        rows = [
            (f"{lengths[i]:.1f}", *(f"{measured[side][i]:.1f}" for side in (64, self.resolution))) for i in range(5)
        ]
        show.table("Some lines", f"length | at 64 px | at {self.resolution} px", rows)
        images = [grey(one).resize((80, 80)) for one in (*pictures[:5], *shown[self.resolution][:5])]
        texts = [f"{one:.0f} px" for one in (*lengths[:5], *measured[self.resolution][:5])]
        show.picture("lines", drawn.strip(images, texts), "Lines as drawn and as seen, with what is measured", "lines")
        show.fact(sharp=errors[64])
        return errors[self.resolution]


EXERCISES: Final = (Classifier, Data, OnePatch, Distractors, Attention, Line)
