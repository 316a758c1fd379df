"""What the exercises on trained eyes share: which eye looks, and the pictures it was shown, the misread ones first."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from labs.bench import Exercise, OneOf, Show, Truth, later

if TYPE_CHECKING:
    import torch
    from PIL import Image
    from torch import Tensor

    from labs.clip import scenes as drawn
    from labs.eyes import nets, sights
    from labs.scenes.captions import Scene
else:
    torch, Image = later("torch"), later("PIL.Image")
    nets, sights, drawn = later("labs.eyes.nets"), later("labs.eyes.sights"), later("labs.clip.scenes")

SHOWN: Final = 100
"""Pictures an eye is tried on, so that what it names right is a percentage."""
SCENES: Final = 40
_ENLARGED: Final = 5


class Eye(Exercise):
    """What all exercises of this family share."""

    sections, source = "2.6", "Dosovitskiy et al. 2021, arXiv:2010.11929, eq. 1 to 4 and section 4.3"
    truth: ClassVar[Truth] = "trained model"
    measured_on = "a small ViT and a small CNN, trained on handwritten digits"
    libraries = ("torch", "numpy", "pillow")
    kept_digits = 6


class OneEye(Eye):
    """Those on one of the two eyes."""

    eye = OneOf("ViT", "CNN", help="the eye: a transformer over patches, or convolutions")


def named(show: Show, eye: str, task: str, pictures: Tensor, labels: Tensor) -> Tensor:
    """Which digits an eye names right, (b,); it writes down some of them, the misread ones first."""
    show.progress(0.3, f"the {eye} looks")
    logits = nets.trained(eye.lower(), task)(pictures)  # (b, 10)
    show.shapes(f"the {eye} names each picture", pictures, logits)
    right: Tensor = logits.argmax(1) == labels
    show.line(f"right: {int(right.sum())} of {len(labels)}")
    sure = logits.softmax(1).amax(1)
    first = right.to(torch.int64).argsort(stable=True)[:10]
    images = [grey(pictures[i]) for i in first]
    texts = [f"{labels[i]}, read as {logits[i].argmax()}" for i in first]
    show.picture("seen", drawn.strip(images, texts), "What the eye saw, the misread ones first", "; ".join(texts))
    show.table(
        "Some of the pictures",
        "digit | read as | sure",
        [(int(labels[i]), int(logits[i].argmax()), f"{sure[i]:.0%}") for i in first],
    )
    return right


def grey(picture: Tensor) -> Image.Image:
    """(1, h, w) from -1 (paper) to 1 (ink) as a picture, or (3, h, w) from -1 to 1."""
    light = picture if len(picture) == 3 else -picture
    pixels = ((light.clamp(-1, 1) + 1) * 127.5).to(torch.uint8).permute(1, 2, 0).numpy()
    image = Image.fromarray(pixels.squeeze())
    return image.resize((image.width * _ENLARGED, image.height * _ENLARGED), Image.Resampling.NEAREST)


def scenes(count: int, seed: int) -> tuple[Tensor, list[Scene]]:
    """So many fresh scenes of one thing, (b, 3, 32, 32), drawn by the seed."""
    from labs.scenes.captions import COLOURS, SHAPES, place_single

    things, pictures = [], []
    for index in range(count):
        chance = random.Random(f"eyes {seed}:{index}")
        things.append(place_single(chance, (chance.choice(COLOURS), chance.choice(SHAPES))))
        pictures.append(sights.scene_pixels(things[-1], chance))
    return torch.stack(pictures), things


def box(scene: Scene) -> tuple[slice, slice]:
    """The rows and columns of a scene's picture of 32 px that its thing lies in."""
    thing = scene.things[0]
    sides = [(max(0, int((at - 1.1 * thing.radius) / 2)), round((at + 1.1 * thing.radius) / 2) + 1) for at in
             (thing.y, thing.x)]  # fmt: skip
    return slice(*sides[0]), slice(*sides[1])


def shapes_of(things: Sequence[Scene]) -> Tensor:
    """The numbers of the things' shapes, (b,)."""
    from labs.scenes.captions import SHAPES

    return torch.tensor([SHAPES.index(one.things[0].pair[1]) for one in things])


def shape_logits(eye: str, pictures: Tensor) -> Tensor:
    """What an eye takes each scene's shape for: (b, 3, 32, 32) -> (b, 8)."""
    from labs.scenes.captions import COLOURS

    logits: Tensor = nets.trained(eye.lower(), "scenes")(pictures)
    return logits[:, len(COLOURS) :]
