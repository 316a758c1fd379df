"""What an eye makes of a picture that is hidden in part, moved, blurred, turned, dark, small, or none at all.

Naseer et al. 2021, "Intriguing Properties of Vision Transformers", arXiv:2105.10497; Hendrycks and Dietterich 2019,
"Benchmarking Neural Network Robustness to Common Corruptions", arXiv:1903.12261. The eyes were trained on upright,
sharp, complete digits alone.

Axes: b pictures, c channels, h rows, w columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from labs.bench import Facts, OneOf, Show, Variants, Whole, later
from labs.eyes.common import SCENES, SHOWN, OneEye, box, grey, named, scenes, shape_logits

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from labs.clip import scenes as drawn
    from labs.eyes import nets, sights
else:
    torch = later("torch")
    nets, sights, drawn = later("labs.eyes.nets"), later("labs.eyes.sights"), later("labs.clip.scenes")

_CORRUPTIONS: Final = "Hendrycks and Dietterich 2019, arXiv:1903.12261"
_OCCLUSION: Final = "Naseer et al. 2021, arXiv:2105.10497, section 3.1"
_BEST: Final = "digits_1500"


class Damaged(OneEye):
    """Those that count how many of 100 damaged digits are still named right."""

    unit, tolerance = "of 100 digits", 10
    tolerance_reason = "other digits would give a few more or fewer"
    slips = {
        "unhurt": "took it for unhurt: That is how many it names undamaged; the damage costs some.",
        "10": "gave up on it: Guessing alone names 10 of 100; something is left to see.",
        "100 − right": "counted the misread: Asked is how many are named right.",
    }

    def count(self, show: Show, damaged: Tensor, whole: Tensor, labels: Tensor) -> int:
        """How many damaged digits are named right; how many whole ones stands beside it."""
        right = int(named(show, self.eye, _BEST, damaged, labels).sum())
        unhurt = int((nets.trained(self.eye.lower(), _BEST)(whole).argmax(1) == labels).sum())
        show.line(f"of the same digits undamaged: {unhurt} of {len(labels)}")
        show.fact(unhurt=unhurt)
        return right


class Masks(Damaged):
    """How many digits are still read with some patches hidden."""

    name, title, covers, source = "eyes.masks", "Hide patches of a digit", "2.6-06", _OCCLUSION
    hidden = Whole(8, 1, 15, draw=(1, 2, 3, 4, 5, 6, 8, 10, 12), help="hidden patches, of 16")
    prompt = (
        "A {eye} trained on 1,500 complete digits looks at 100 digits of 16 × 16 px that it never saw. In each, "
        "{hidden} of the 16 patches of 4 × 4 px, picked by chance, are painted grey. How many does it still name right?"
    )
    hints = (
        "Undamaged it names more than 90 right. Which patches of a digit hold no ink at all?",
        "Half of the patches gone takes away more than half of the right answers' certainty, but not every answer.",
    )

    def run(self, show: Show) -> int:
        """Paint patches grey and count what is still named right."""
        whole, labels = sights.held_out(SHOWN, self.seed)
        order = torch.rand(len(whole), 16).argsort(1)  # (b, 16): a fresh order of the patches for each picture
        seen = (order >= self.hidden).reshape(-1, 1, 4, 4)
        seen = seen.repeat_interleave(nets.PATCH_PX, 2).repeat_interleave(nets.PATCH_PX, 3)  # (b, 1, 16, 16)
        return self.count(show, whole * seen, whole, labels)


class Shift(Damaged):
    """How many digits are still read when they are moved."""

    name, title, sections, covers = "eyes.shift", "Move a digit", "2.1 2.3 2.6", "2.1-02 2.3-02"
    pixels = Whole(3, 1, 8, draw=(1, 2, 3, 4, 5, 6), help="how far the digits are moved, in px of 16")
    direction = OneOf("right", "left", "down", "up", help="where to")
    prompt = (
        "A {eye} was trained on 1,500 digits of 16 × 16 px in the middle of the picture, moved by one pixel at most. "
        "Now 100 digits it never saw are moved {pixels} px {direction}. How many does it still name right?"
    )
    hints = (
        "A convolution's map moves along with the picture. What reads the map at the end?",
        "The last layer of both eyes has its own weights for each place, and those places hold something else now.",
    )
    slips = {
        "unhurt": "took it for unmoved: That is how many it names in the middle; its last layer knows places.",
        "10": "gave up on it: Guessing alone names 10 of 100.",
        "100 − right": "counted the misread: Asked is how many are named right.",
    }

    def run(self, show: Show) -> int:
        """Move the digits and count what is still named right."""
        whole, labels = sights.held_out(SHOWN, self.seed)
        down, right = {"right": (0, 1), "left": (0, -1), "down": (1, 0), "up": (-1, 0)}[self.direction]
        damaged = sights.moved(whole, down * self.pixels, right * self.pixels)
        show.line(f"a pixel differs by {float((damaged - whole).square().mean().sqrt()):.2f} of 2 from where it was")
        return self.count(show, damaged, whole, labels)


class Conditions(Damaged):
    """How many digits are still read under what users' pictures go through."""

    name, title, source = "eyes.conditions", "Blur, turn, darken a digit", _CORRUPTIONS
    sections, covers = "2.6", "2.6-04"
    condition = Variants(
        {
            "blur": {"says": "blurred by a Gaussian of {blur_px} px"},
            "rotation": {"says": "turned by {degrees}°"},
            "darkness": {"says": "photographed in the dark, so that {light}% of the light is left"},
            "noise": {"says": "covered with Gaussian noise as strong as the step from paper to ink"},
            "inversion": {"says": "white on black instead of black on white"},
        },
        help="what happens to the pictures",
    )
    blur_px = Whole(2, 1, 4, draw=(1, 2, 3), help="standard deviation of the blur in px")
    degrees = Whole(45, 5, 180, draw=(15, 30, 45, 60, 90), help="turn, counter-clockwise, in degrees")
    light = Whole(25, 5, 90, draw=(10, 25, 50), help="light that is left, in percent")
    prompt = (
        "A {eye} was trained on 1,500 upright, sharp, black digits on white paper. 100 digits it never saw are {says}. "
        "How many does it still name right? (On clean ones: more than 90.)"
    )
    hints = (
        "Was anything like that in its training data?",
        "Compare with what the training did show: a pixel to and fro. The farther from it, the fewer.",
    )

    def facts(self) -> Facts:
        numbers = {"blur_px": self.blur_px, "degrees": self.degrees, "light": self.light}
        return {"says": str(self.chosen("says")).format_map(numbers)}

    def run(self, show: Show) -> int:
        """Damage the digits and count what is still named right."""
        whole, labels = sights.held_out(SHOWN, self.seed)
        match self.condition:
            case "blur":
                damaged = sights.blurred(whole, self.blur_px)
            case "rotation":
                damaged = sights.turned(whole, self.degrees)
            case "darkness":
                damaged = 1 - (1 - whole) * self.light / 100  # 1 is ink, black
            case "noise":
                damaged = whole + 2 * torch.randn(whole.shape)
            case _:
                damaged = -whole
        return self.count(show, damaged, whole, labels)


class SmallText(Damaged):
    """How many digits are read that were small and turned."""

    name, title, covers, source = "eyes.text", "Read small, turned text", "2.6-10 2.6-11", _CORRUPTIONS
    height = Whole(4, 2, 16, draw=(2, 3, 4, 5, 6), help="height of a digit in the picture, in px")
    degrees = Whole(0, 0, 90, draw=(0, 0, 15, 30, 45), help="turn in degrees")
    prompt = (
        "On a photo of a label each digit is only {height} px high and turned by {degrees}°. A {eye} that learned to "
        "read upright digits of 16 × 16 px gets each one cut out and enlarged to 16 × 16. How many of 100 does it name "
        "right?"
    )
    hints = (
        "How many pixels are left to tell a 3 from an 8? Enlarging adds none.",
        "Its own digits have 8 × 8 pixels of detail. Turned ones it never saw.",
    )

    def run(self, show: Show) -> int:
        """Turn the digits, shrink them, enlarge them again, and count what is named right."""
        whole, labels = sights.held_out(SHOWN, self.seed)
        return self.count(show, sights.shrunk(sights.turned(whole, self.degrees), self.height), whole, labels)


class Confidence(OneEye):
    """How sure an eye is of what is no digit."""

    name, title, source = "eyes.confidence", "How sure an eye is of nothing", "Guo et al. 2017, arXiv:1706.04599"
    sections, covers = "5.5 2.6", "5.5-04"
    shown = OneOf("noise", "patches of digits, shuffled", "stripes", help="what the eye is shown")
    prompt = (
        "A {eye} that knows ten digits is shown 200 pictures that are none: {shown}. Its softmax must spread 100% over "
        "the ten digits. How large is the largest share, on average, in percent?"
    )
    answer_type, unit, tolerance = "number", "%", 10
    tolerance_reason = "other pictures would give a few percent more or less"
    hints = (
        "Is there an output that says “none of them”?",
        "Nothing in training taught it to doubt. It follows whichever logit happens to be the largest.",
    )
    slips = {
        "10": "expected doubt: Even shares would be 10%. No training ever asked for doubt.",
        "100": "expected certainty: Its logits are lower than on a digit, so it is not wholly sure.",
        "on_digits": "gave that of real digits: That is how sure it is of digits it never saw.",
    }

    def run(self, show: Show) -> float:
        """The mean of the largest probability on pictures that are no digits."""
        digits, _ = sights.held_out(200, self.seed)
        match self.shown:
            case "noise":
                pictures = torch.rand(digits.shape) * 2 - 1
            case "stripes":
                places = torch.arange(16.0)[None, None, None, :] * (0.3 + torch.rand(200, 1, 1, 1))
                pictures = (places + 6 * torch.rand(200, 1, 1, 1)).sin().expand_as(digits)
            case _:
                cut = digits.reshape(200, 4, 4, 4, 4).permute(0, 1, 3, 2, 4).reshape(200, 16, 4, 4)
                cut = cut[torch.arange(200)[:, None], torch.rand(200, 16).argsort(1)]
                pictures = cut.reshape(200, 4, 4, 4, 4).permute(0, 1, 3, 2, 4).reshape(200, 1, 16, 16)
        net = nets.trained(self.eye.lower(), _BEST)
        sure, named_as = net(pictures).softmax(1).max(1)  # (b,)
        on_digits = float(net(digits).softmax(1).amax(1).mean()) * 100
        show.shapes(f"the {self.eye} names each picture and says how sure it is", pictures, sure)
        show.line(f"on real digits it is {on_digits:.1f}% sure on average")
        texts = [f"{digit}: {share:.0%}" for digit, share in zip(named_as[:10].tolist(), sure.tolist(), strict=False)]
        strip = drawn.strip([grey(one) for one in pictures[:10]], texts)
        show.picture("nothing", strip, "No digits, and what it names them", "; ".join(texts))
        show.fact(on_digits=on_digits)
        return float(sure.mean()) * 100


class Grounded(OneEye):
    """How many answers change when the thing is covered."""

    name, title, sections, covers = "eyes.grounded", "Cover what the answer is about", "0.3 2.6", "0.3-06 2.6-06"
    source, measured_on = _OCCLUSION, "a small ViT and a small CNN, trained on drawn scenes of one thing"
    covered = OneOf("the thing", "a piece of ground of the same size", help="what is painted over")
    prompt = (
        "A {eye} names the shape of the one thing in a drawn scene, one of eight. In {scenes} scenes {covered} is "
        "painted over in the colour of the ground. For what percentage of them does its answer change?"
    )
    answer_type, unit, tolerance = "number", "%", 10
    tolerance_reason = "other scenes would give a few percent more or less"
    hints = (
        "An answer that stays anchored in the pixels changes with the pixels it is about, and with no others.",
        "With nothing to see it must still name one of eight shapes.",
    )
    slips = {
        "100 − right": "counted those that stay: Asked is how often the answer changes.",
        "sure": "gave the certainty: That is how sure it still is, in percent.",
        "50": ": Look at where the evidence lies: on the thing, all of it.",
    }

    def facts(self) -> Facts:
        return {"scenes": SCENES}

    def run(self, show: Show) -> float:
        """Paint over and compare the answers."""
        pictures, things = scenes(SCENES, self.seed)
        painted = pictures.clone()
        for picture, scene in zip(painted, things, strict=True):
            rows, columns = box(scene)
            ground = picture.clone()
            ground[:, rows, columns] = torch.nan
            if self.covered != "the thing":  # as large a piece on the other side
                rows, columns = opposite(rows), opposite(columns)
            rest = picture[:, rows, columns] if self.covered == "the thing" else ground[:, rows, columns]
            paint = ground.nanmean((1, 2), keepdim=True).expand_as(rest)
            picture[:, rows, columns] = torch.where(rest.isnan(), picture[:, rows, columns], paint)
        before, after = shape_logits(self.eye, pictures), shape_logits(self.eye, painted)  # (b, 8)
        changed = before.argmax(1) != after.argmax(1)
        sure = float(after.softmax(1).amax(1).mean()) * 100
        show.shapes("eight shapes each, before and after", pictures, after)
        show.line(f"{int(changed.sum())} of {len(changed)} answers change; it is still {sure:.0f}% sure on average")
        texts = ["changed" if one else "stays" for one in changed[:5]]
        images = [grey(one) for one in (*pictures[:5], *painted[:5])]
        show.picture("painted", drawn.strip(images, ["before"] * 5 + texts), "Before and after", "; ".join(texts))
        show.fact(sure=sure)
        return float(changed.float().mean()) * 100


def opposite(span: slice) -> slice:
    """A span of a picture of 32 px, mirrored at its middle."""
    return slice(nets.SCENE_PX - span.stop if span.stop < nets.SCENE_PX else 0, nets.SCENE_PX - span.start)


EXERCISES: Final = (Masks, Grounded, Shift, Conditions, SmallText, Confidence)
