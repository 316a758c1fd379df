"""What becomes of a small defect, of a shuffled picture and of a shifted one, once it is cut into patches.

Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", arXiv:2010.11929, equation 1 and section 3.1 ("inductive
bias"): a patch is projected as one, so a defect shares its token with all that lies around it, and only the position
embeddings know where a patch stood:

    z_0 = [x_class; x_p^1 E; ...; x_p^N E] + E_pos,    MSA(P z) = P MSA(z) for every permutation P of the tokens

The encoder is transformers' ViT, small and with random weights: what is measured here is true of any weights. Numbers
are float64, so that "the same" means the same to 1e-9.

Axes: b pictures, c channels, h rows of patches, w columns of patches, n tokens, d values of a token, p side of a patch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from labs.bench import Exercise, Facts, OneOf, Show, Whole, later
from labs.exercise import stream
from labs.protocol import ParamError

if TYPE_CHECKING:
    import numpy as np
    import torch
    from PIL import Image
    from torch import Tensor, nn
    from transformers.models.vit import configuration_vit, modeling_vit
else:
    np, torch, nn = later("numpy"), later("torch"), later("torch.nn")
    modeling_vit = later("transformers.models.vit.modeling_vit")
    configuration_vit = later("transformers.models.vit.configuration_vit")

SAME_TO: Final = 1e-9
"""Largest difference, against the largest value, at which two vectors of float64 count as the same."""
SIDE: Final = 224
SAME: Final = "it stays the same"
CHANGED: Final = "it changes"
MOVED: Final = "the same vectors in another order"
ALL: Final = "all of them survive"
SOME: Final = "most survive, those at an edge do not"
NONE: Final = "none of them survives"
STAGES: Final = (
    "the projected patches, before positions are added",
    "the patch tokens with their positions added",
    "the patch tokens of the last layer",
)
CONVOLUTION: Final = "the map of a 3 × 3 convolution, stride 1, no padding"
PADDED: Final = "the map of a 3 × 3 convolution, stride 1, padded with zeros"
POOLED: Final = "the mean of all patch tokens"
CLASS: Final = "the class token"
TOKENS: Final = "the patch tokens"


class Signal(Exercise):
    """What the exercises of this file share."""

    source = "Dosovitskiy et al. 2021, arXiv:2010.11929, eq. 1 and section 3.1"
    measured_on = "transformers' ViT with random weights, in float64: it holds for any weights"


class Patched(Signal):
    """Those that cut into patches."""

    patch_size = Whole(16, choices=(8, 14, 16, 28, 32), draw=(14, 16, 28, 32), help="side of a patch in px")


# --- A small defect ---------------------------------------------------------------------------------------------------


class Defect(Patched):
    """What share of a patch a defect fills."""

    name, title = "patches.defect", "Measure a defect in its patch"
    sections, covers = "2.3 1.2 2.6", "2.3-06 1.2-04 2.6-02"
    truth, measured_on = "formula", "the pixels of a drawn board before and after the burn"
    defect_px = Whole(4, 1, 32, draw=(2, 3, 4, 5, 6, 8, 10, 12, 16), help="side of the square defect in px")
    prompt = (
        "A burn of {k} × {k} pixels lies within one patch of {p} × {p} pixels on a board of {board} × {board} pixels. "
        "What share of the pixels of that patch does it change, in percent?"
    )
    answer_type, unit = "number", "%"
    tolerance, tolerance_percent = 0.06, 2.0
    tolerance_reason = "a rounded percentage is good enough"
    hints = ("How many pixels has the burn, how many the patch?", "Compare areas: the ratio of the sides, squared.")
    right = "100 × k² / p²"
    slips = {
        "100 × k / p": "compared the sides: That compares the sides; pixels fill areas, so square it.",
        "100 × k² / board²": "compared with the board: That is the share of the board, not of the patch.",
        "100 − 100 × k² / p²": "gave the rest: That is the part that still looks healthy.",
        "k²": "gave pixels: Those are the burned pixels; compare them with the pixels of a patch.",
        "100 × k / p²": "one side only: The burn has two sides.",
        "shift": "gave the token's shift: That is how far the token moves; asked is the share of changed pixels.",
    }

    def facts(self) -> Facts:
        return {"k": self.defect_px, "p": self.patch_size, "board": SIDE}

    def fits(self) -> None:
        if self.k > self.p:
            raise ParamError("defect_px", "must not be larger than the patch it lies in")

    def run(self, show: Show) -> float:
        """The share of its patch that a defect changes, and how far the patch's token moves."""
        from labs.pictures import draw_grid

        p, k = self.p, self.k
        image = board(SIDE, self.seed)
        row, column = SIDE // p // 2, SIDE // p // 2 + 1
        healthy, burned = pixels_of(image), burn(image, row, column, p, k)
        share = changed_share(healthy, pixels_of(burned), p)  # (h, w)
        show.progress(0.4, "embedding the burned board")
        config = configuration_vit.ViTConfig(hidden_size=256, image_size=SIDE, patch_size=p)
        embed = modeling_vit.ViTPatchEmbeddings(config).double()
        sizes = sorted({max(1, p * step // 8) for step in range(1, 9)} | {k})
        place = (column * p, row * p, (column + 1) * p, (row + 1) * p)  # the other patches do not change
        alone = pixels_of(image.crop(place))  # (1, c, p, p)
        moved = {
            side: float(embedding_shift(embed, alone, pixels_of(burn(image, row, column, p, side).crop(place))))
            for side in sizes
        }
        value = float(share.max()) * 100
        show.shapes("the share of changed pixels, a patch", healthy, share)
        show.line(f"{int((share > 0).sum())} of {share.numel()} patches changed: {k**2} of its {p**2} pixels")
        show.line(f"Its token moved by {moved[k]:.1%} of its length, all others not at all")
        show.table(
            f"A burn in a patch of {p} × {p} px",
            "side of the burn | share of the patch | its token moves by",
            [(f"{side} px", f"{side**2 / p**2:.1%}", f"{moved[side]:.1%}") for side in sizes],
        )
        box = ((column - 1) * p, (row - 1) * p, (column + 2) * p, (row + 2) * p)
        show.picture(
            "burn",
            draw_grid(burned.crop(box).resize((336, 336), resample=0), 112, (1, 1)),
            f"The burn of {k} × {k} px in its patch, enlarged with its neighbours",
            f"A burned spot that fills {value:.3g} percent of a patch",
        )
        show.curve(
            "How far the token moves",
            "side of the burn in px",
            "share of the token's length",
            sizes,
            {"shift of the embedding": [moved[side] for side in sizes]},
        )
        show.fact(touched=int((share > 0).sum()), shift=moved[k] * 100)
        return value


def changed_share(healthy: Tensor, defective: Tensor, patch: int) -> Tensor:
    """Which share of its pixels changed, a patch: (1, c, H, W) twice -> (h, w)."""
    differs = (healthy != defective).any(dim=1)[0]  # (H, W)
    return differs.unfold(0, patch, patch).unfold(1, patch, patch).double().mean(dim=(2, 3))


def embedding_shift(embed: modeling_vit.ViTPatchEmbeddings, healthy: Tensor, defective: Tensor) -> Tensor:
    """How far each token moves, against its own length: (1, c, H, W) twice -> (n,)."""
    before: Tensor = embed(healthy)[0]  # (n, d)
    after: Tensor = embed(defective)[0]
    moved: Tensor = (after - before).norm(dim=1) / before.norm(dim=1)
    return moved


class Resize(Signal):
    """How wide a defect is once the photo is resized for the model."""

    name, title = "patches.resize", "Shrink a defect with its photo"
    sections, covers = "2.6 1.2", "2.6-02 6.1-07 1.2-02 1.2-03 1.5-03"
    truth, measured_on = "formula", "a line of pixels, resized as the model's processor does"
    photo_px = Whole(2048, 256, 8192, draw=(1024, 1600, 2048, 3000, 4000), help="side of the photo in px")
    image_size = Whole(224, 112, 1024, draw=(224, 336, 384, 448), help="side the model reads, in px")
    defect_px = Whole(24, 4, 256, draw=(12, 20, 24, 36, 48, 60), help="side of the defect on the photo in px")
    prompt = (
        "On a photo of {photo_px} × {photo_px} pixels a burned part is {defect_px} pixels wide. The model resizes the "
        "photo to {image_size} × {image_size} pixels. How many pixels wide is the burned part then?"
    )
    answer_type, unit, tolerance_percent = "number", "px", 3.0
    tolerance_reason = "the measured width is that of a resampled line; two digits are good enough"
    hints = ("By what factor does the whole side shrink?", "The defect shrinks by the same factor as the photo.")
    right = "defect_px × image_size / photo_px"
    slips = {
        "defect_px": "did not shrink it: That is its width on the photo; resizing shrinks it with all the rest.",
        "photo_px / image_size": "gave the factor: That is the factor by which the side shrinks.",
        "defect_px × (image_size / photo_px)²": "shrank it twice: A width shrinks once; only the area shrinks twice.",
        "(defect_px × image_size / photo_px)²": "gave the area: That is its area in pixels; asked is its width.",
        "defect_px × photo_px / image_size": "enlarged it: The photo becomes smaller, and the defect with it.",
        "defect_px × image_size / photo_px / 16": "gave patches: That is its width in patches of 16 px.",
    }

    def fits(self) -> None:
        if self.image_size >= self.photo_px or self.defect_px > self.photo_px // 4:
            raise ParamError("photo_px", "must be larger than the model's input and four times the defect")

    def run(self, show: Show) -> float:
        """The width of a defect on one line of the photo, after the line was resized."""
        photo, size = self.photo_px, self.image_size
        row = torch.zeros(1, 1, 1, photo)  # one line of the photo: 1 on the defect
        start = photo // 2 - self.defect_px // 2
        row[..., start : start + self.defect_px] = 1
        show.progress(0.3, "resizing the photo")
        line = nn.functional.interpolate(row, size=(1, size), mode="bilinear", antialias=True)  # (1, 1, 1, size)
        width = float(line.sum())
        peak = float(line.max()) ** 2  # rows blend as columns do
        show.shapes("a line of the photo, resized as the model's processor does", row, line)
        show.line(
            f"The darkest pixel of the resized defect keeps {min(peak, 1.0):.0%} of its contrast; "
            f"in a patch of 16 px it fills {min(width**2 / 256, 1):.1%}"
        )
        show.table(
            "The same defect at other sizes of the input",
            "input | defect | share of a 16-px patch",
            [
                (f"{s} px", f"{width * s / size:.2f} px", f"{min((width * s / size) ** 2 / 256, 1):.1%}")
                for s in (224, 336, 448, 672, 1344)
            ],
        )
        return width


# --- Shuffled, shifted, cropped ---------------------------------------------------------------------------------------


class Shuffle(Patched):
    """Whether an output notices that the patches were shuffled."""

    name, title, sections, covers = "patches.shuffle", "Shuffle the patches", "2.2", "2.2-11 2.2-12 6.5-04"
    positions = OneOf("with", "without", draw=("with", "without", "without"), help="position embeddings")
    readout = OneOf(POOLED, CLASS, TOKENS, help="what is compared")
    prompt = (
        "The {count} patches of {p} × {p} pixels of a picture are shuffled and given to the same ViT, run {positions} "
        "position embeddings. What becomes of {readout} it gives out?"
    )
    answer_type, options = "choice", (SAME, CHANGED, MOVED)
    hints = (
        "Does anything but the position embeddings tell a block where a token stands?",
        "Attention adds up over a set; a set has no order.",
    )

    def facts(self) -> Facts:
        return {"p": self.patch_size, "count": (SIDE // self.patch_size) ** 2}

    def known(self) -> Mapping[str, str]:
        if self.positions == "with":
            return {
                "*": "forgot the positions: The position added to each patch stays where it is, so every sum differs."
            }
        return {
            CHANGED: "imagined an order: Without positions a ViT sees a set: attention cannot tell the order.",
            SAME: "thought of the set: As a set it does; but each vector has moved along with its patch.",
            MOVED: "thought of the set: This output is one vector; there is nothing to reorder.",
        }

    def run(self, show: Show) -> str:
        """What the encoder gives out before and after its patches are shuffled, with positions and without."""
        from labs.pictures import draw_grid

        image = board(SIDE, self.seed)
        pixels = pixels_of(image)
        order = torch.randperm(self.count)
        shuffled = shuffle_patches(pixels, self.p, order)
        model = small_vit(SIDE, self.p)
        model.embeddings.position_embeddings.normal_()
        learned = model.embeddings.position_embeddings.clone()
        rows = []
        answers: dict[tuple[str, str], str] = {}
        for done, kept in enumerate(("with", "without")):
            show.progress(done / 2, f"running the encoder {kept} positions")
            model.embeddings.position_embeddings.copy_(learned if kept == "with" else torch.zeros_like(learned))
            before, after = (model(one).last_hidden_state[0] for one in (pixels, shuffled))  # (1+n, d)
            for readout, (old, new, followed) in {
                POOLED: (before[1:].mean(0), after[1:].mean(0), None),
                CLASS: (before[0], after[0], None),
                TOKENS: (before[1:], after[1:], before[1:][order]),
            }.items():
                apart = float((new - old).abs().max())
                led = float("inf") if followed is None else float((new - followed).abs().max())
                answers[kept, readout] = SAME if apart <= SAME_TO else MOVED if led <= SAME_TO else CHANGED
                rows.append((kept, readout, f"{led if led <= SAME_TO else apart:.1e}", answers[kept, readout]))
        answer = answers[self.positions, self.readout]
        show.shapes(f"{self.count} patch tokens and the class token", pixels, before[None])
        show.line(f"{self.positions.capitalize()} position embeddings, {self.readout}: {answer}")
        show.line("Attention and MLP treat every place alike: permuted tokens in, permuted tokens out.")
        show.table("Largest difference", "positions | output | difference | so", rows)
        show.picture("before", draw_grid(image, self.p, None), "The board", "A board")
        shown = draw_grid(image_of(shuffled), self.p, None)
        show.picture("after", shown, "The same patches, shuffled", "The same board with its patches shuffled")
        return answer


def shuffle_patches(pixels: Tensor, patch: int, order: Tensor) -> Tensor:
    """The same patches at other places: (1, c, H, W) -> (1, c, H, W)."""
    columns = nn.functional.unfold(pixels, patch, stride=patch)  # (1, c*p*p, n)
    moved: Tensor = nn.functional.fold(columns[:, :, order], pixels.shape[2:], patch, stride=patch)
    return moved


class Shift(Patched):
    """Which features survive when the camera moves."""

    name, title = "patches.shift", "Say which features survive a shift"
    sections, covers = "2.1 2.3", "2.1-02 2.3-02 2.2-15"
    stage = OneOf(
        *STAGES,
        CONVOLUTION,
        PADDED,
        draw=(STAGES[0], STAGES[0], STAGES[0], *STAGES[1:], CONVOLUTION, PADDED),
        help="which features are compared",
    )
    shift_px = Whole(16, 1, 96, draw=(3, 5, 7, 8, 14, 16, 28, 32, 56, 64), help="how far the camera moves in px")
    prompt = (
        "The camera moves {shift_px} pixels to the right over a board; patches are {p} × {p} pixels, a view is "
        "{side} × {side}. Compare {stage}, for everything still in view. Which of the old features are found again, "
        "unchanged, at their shifted place?"
    )
    answer_type, options = "choice", (ALL, SOME, NONE)
    hints = (
        "Does the grid cut the scene at the same places as before?",
        "Does a feature hold only what lies under it, or also where it stands and what the other tokens said?",
    )

    def facts(self) -> Facts:
        return {"p": self.patch_size, "side": SIDE, "is_aligned": self.shift_px % self.patch_size == 0}

    def known(self) -> Mapping[str, str]:
        cut = (
            "missed the grid: A shift of whole patches cuts the scene at the same places: the same patches."
            if self.is_aligned
            else "took patches for pixels: Every patch is cut elsewhere now and holds other pixels."
        )
        whys = {
            STAGES[0]: cut,
            STAGES[1]: "forgot the positions: A patch that moves gets the position embedding of its new place.",
            STAGES[2]: "forgot attention: Each token has looked at all others and at its position: nothing stays "
            "untouched.",
            CONVOLUTION: "took it for a ViT: A convolution of stride 1 has no coarse grid: its map moves along, pixel "
            "by pixel.",
            PADDED: "forgot the edge: Inside all moves along; where zeros were added at an edge it does not.",
        }
        return {"*": whys[self.stage]}

    def is_wished(self) -> bool:
        return bool(self.is_aligned) == (stream(self.seed, "aligned").random() < 0.5)

    def look(self, show: Show) -> None:
        scene = board(SIDE + self.shift_px, self.seed)
        for name, left in (("before", 0), ("after", self.shift_px)):
            view = scene.crop((left, 0, left + SIDE, SIDE))
            show.picture(name, view, name, f"the camera's view of a drawn circuit board, {name} it moves")

    def run(self, show: Show) -> str:
        """Which features of each stage survive a shift of the camera."""
        from labs.pictures import draw_grid

        p, shift = self.p, self.shift_px
        scene, image = scene_of(self.seed, SIDE + shift)
        before, after = scene[..., :SIDE, :SIDE], scene[..., :SIDE, shift : shift + SIDE]
        model, kernel = small_vit(SIDE, p), torch.randn(8, 3, 3, 3, dtype=torch.float64)
        model.embeddings.position_embeddings.normal_()
        found: dict[str, tuple[int, int, str]] = {}
        for done, one in enumerate((*STAGES, CONVOLUTION, PADDED)):
            show.progress(done / 5, f"comparing {one}")
            places = shift if one in (CONVOLUTION, PADDED) else round(shift / p)
            old, new = (features(one, view, p, model, kernel) for view in (before, after))
            same = survivors(old, new, 0, places)
            kept = int(same.sum())
            found[one] = (kept, same.numel(), ALL if kept == same.numel() else SOME if kept else NONE)
        kept, of, answer = found[self.stage]
        show.line(f"The camera moves {shift} px to the right; a patch is {p} px wide: {shift / p:.3g} patches")
        show.line(f"{self.stage}: {kept:,} of {of:,} features still in view are the same to {SAME_TO:g} -> {answer}")
        show.table(
            f"After a shift of {shift} px",
            "features | the same | of those in view | so",
            [(one, f"{k:,}", f"{n:,}", so) for one, (k, n, so) in found.items()],
        )
        view = draw_grid(image.crop((shift, 0, shift + SIDE, SIDE)), p, None)
        caption = f"The view after the shift of {shift} px, under the same grid"
        show.picture("view", view, caption, "A board under a patch grid")
        return answer


def features(stage: str, pixels: Tensor, patch: int, model: modeling_vit.ViTModel, kernel: Tensor) -> Tensor:
    """One stage of an encoder as a map: (1, c, H, W) -> (d, rows, columns)."""
    side = pixels.shape[-1] // patch
    if stage == CONVOLUTION:
        return nn.functional.conv2d(pixels, kernel)[0]  # (d, H-2, W-2)
    if stage == PADDED:
        return nn.functional.conv2d(pixels, kernel, padding=1)[0]  # (d, H, W)
    tokens: Tensor = {
        STAGES[0]: lambda: model.embeddings.patch_embeddings(pixels),  # (1, n, d)
        STAGES[1]: lambda: model.embeddings(pixels)[:, 1:],
        STAGES[2]: lambda: model(pixels).last_hidden_state[:, 1:],
    }[stage]()
    return tokens[0].mT.reshape(-1, side, side)  # (d, h, w)


def survivors(before: Tensor, after: Tensor, rows: int, columns: int) -> Tensor:
    """Which features of the new view stood in the old one, `rows` and `columns` further on: -> (h, w) bool.

    Only places that both views have are compared.
    """
    old = before[:, rows:, columns:]
    new = after[:, : old.shape[1], : old.shape[2]]
    old = old[:, : new.shape[1], : new.shape[2]]
    return (new - old).abs().amax(dim=0) <= SAME_TO * before.abs().max()


class Crop(Patched):
    """How many of a crop's projected patches the whole picture has, too."""

    name, title = "patches.crop", "Say which features survive a crop"
    sections, covers = "2.1 2.2", "2.1-02 2.2-15 2.2-09"
    crop_size = Whole(
        112, 16, 224, draw=(96, 112, 128, 140, 144, 168), multiple_of="patch_size", help="side of the crop in px"
    )
    left = Whole(0, 0, 208, draw=(0, 16, 28, 32, 40, 56), help="left edge of the crop in px")
    top = Whole(0, 0, 208, draw=(0, 14, 28, 32, 48, 56), help="upper edge of the crop in px")
    prompt = (
        "A picture of {side} × {side} pixels is cropped to the {crop_size} × {crop_size} pixels that begin {left} px "
        "from the left and {top} px from the top. Both are cut into patches of {p} × {p} pixels and projected, without "
        "positions. No two places look alike. How many of the crop's vectors has the whole picture, too?"
    )
    unit = "vectors"
    hints = (
        "Does the crop begin where a patch of the picture begins, from the left and from the top?",
        "If both edges lie on the grid, every patch of the crop is a patch of the picture; if not, none is.",
    )
    right = "(crop_size / p)² × grids_meet"
    slips = {
        "crop if grids_meet = 0": "missed the grid: Those are all patches of the crop, but {off} are no whole patches: "
        "the grids do not meet.",
        "0 if grids_meet = 1": "expected nothing to survive: Both edges lie on the picture's grid: the patches are the "
        "same.",
        "picture": "counted the picture: Those are the patches of the whole picture.",
        "picture − crop if apart": "counted what was cut off: Those are the patches outside the crop.",
        "crop + 1": "counted a class token: No class token takes part in the projection.",
    }

    def facts(self) -> Facts:
        p = self.patch_size
        off = [f"{edge} px" for edge in (self.left, self.top) if edge % p]
        return {
            "p": p,
            "side": SIDE,
            "crop": (self.crop_size // p) ** 2,
            "picture": (SIDE // p) ** 2,
            "grids_meet": int(not off),
            "off": " and ".join(off),
        }

    def fits(self) -> None:
        if max(self.left, self.top) + self.crop_size > SIDE or self.crop_size >= SIDE:
            raise ParamError("crop_size", f"must be whole patches and lie inside the picture of {SIDE} px")

    def is_wished(self) -> bool:
        return bool(self.grids_meet) == (stream(self.seed, "aligned").random() < 0.5)

    def look(self, show: Show) -> None:
        from labs.pictures import draw_grid

        left, top, size = self.left, self.top, self.crop_size
        crop = board(SIDE, self.seed).crop((left, top, left + size, top + size))
        told = f"The crop of {size} × {size} px in its own patches of {self.p} px"
        show.picture("crop", draw_grid(crop, self.p, None), told, "a part of a drawn circuit board, cut by a grid")

    def run(self, show: Show) -> int:
        """How many projected patches of a crop the whole picture has as well."""
        from PIL import ImageDraw

        from labs.pictures import draw_grid

        left, top, size, p = self.left, self.top, self.crop_size, self.p
        scene, image = scene_of(self.seed, SIDE)
        crop = scene[..., top : top + size, left : left + size]
        embed = small_vit(SIDE, p).embeddings.patch_embeddings
        show.progress(0.5, "comparing every patch of the crop with every patch of the picture")
        whole, cut = embed(scene)[0], embed(crop)[0]  # (n, d), (m, d)
        distances = torch.cdist(cut, whole, compute_mode="donot_use_mm_for_euclid_dist")  # the quick way rounds
        nearest = distances.min(dim=1).values  # (m,): distance to the most similar patch of the picture
        kept = int((nearest <= SAME_TO * whole.norm(dim=1).max()).sum())
        show.shapes("the picture", scene, whole)
        show.shapes("the crop", crop, cut)
        show.line(f"It begins {left / p:.4g} patches from the left and {top / p:.4g} patches from above")
        show.line(f"{kept} of its {cut.shape[0]} vectors are vectors of the picture, too")
        outlined = image.copy()
        box = (left, top, left + size - 1, top + size - 1)
        ImageDraw.Draw(outlined).rectangle(box, outline=(255, 64, 190), width=2)
        caption = "The crop, in pink, on the picture's own patch grid"
        show.picture("crop", draw_grid(outlined, p, None), caption, "A crop outlined on a patch grid")
        return kept


# --- Pictures and the encoder -----------------------------------------------------------------------------------------


def small_vit(side: int, patch: int) -> modeling_vit.ViTModel:
    """A ViT of two blocks and 64 values a token, random weights, float64."""
    config = configuration_vit.ViTConfig(
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        image_size=side,
        patch_size=patch,
    )
    model = modeling_vit.ViTModel(config, add_pooling_layer=False)
    nn.Module.eval(model).double()
    return model


def board(side: int, seed: int) -> Image.Image:
    """A drawn board of `side` × `side` px."""
    from labs.scenes.boards import draw_board

    return draw_board(side, side, seed).image


def pixels_of(image: Image.Image) -> Tensor:
    """(1, c, H, W) in -1..1."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].double() / 127.5 - 1


def image_of(pixels: Tensor) -> Image.Image:
    """The picture of (1, c, H, W) in -1..1."""
    from PIL import Image

    return Image.fromarray(((pixels[0].permute(1, 2, 0) + 1) * 127.5).round().byte().numpy())


def scene_of(seed: int, side: int) -> tuple[Tensor, Image.Image]:
    """A board with fine grain, as a camera sees it: no two patches of it are alike."""
    image = board(side, seed)
    pixels = pixels_of(image)
    return pixels + 0.05 * torch.rand_like(pixels), image


def burn(image: Image.Image, row: int, column: int, patch: int, side: int) -> Image.Image:
    """The picture with a burned square of `side` px in the middle of one patch."""
    from PIL import ImageDraw

    burned = image.copy()
    left, top = column * patch + (patch - side) // 2, row * patch + (patch - side) // 2
    ImageDraw.Draw(burned).rectangle((left, top, left + side - 1, top + side - 1), fill=(18, 14, 12))
    return burned


EXERCISES: Final = (Defect, Resize, Shuffle, Shift, Crop)
