"""From pixels to a sequence of tokens: how a Vision Transformer cuts a picture.

Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", arXiv:2010.11929, section 3.1 and equation 1:

    z_0 = [x_class; x_p^1 E; x_p^2 E; ... ; x_p^N E] + E_pos,    E in R^(P^2 C x D),  E_pos in R^((N+1) x D)

A picture of H x W pixels with C channels makes N = HW / P^2 patches x_p of P^2 C values each. The modules are those of
transformers' ViT at the size of ViT-B (D = 768). Their weights are random: no shape depends on them.

Axes: b pictures, c channels, h rows of patches, w columns of patches, n tokens, d values of a token, p side of a patch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from labs.bench import Exercise, Facts, Picture, Show, Whole, later
from labs.patches.board import see
from labs.protocol import ParamError

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from transformers.models.vit import configuration_vit, modeling_vit
else:
    torch = later("torch")
    modeling_vit = later("transformers.models.vit.modeling_vit")
    configuration_vit = later("transformers.models.vit.configuration_vit")


def vit_base(pixels: Tensor, patch: int) -> configuration_vit.ViTConfig:
    """ViT-B, so tokens of 768 values, for pictures of the size and channels of this one: (b, c, H, W)."""
    _, channels, height, width = pixels.shape
    return configuration_vit.ViTConfig(
        hidden_size=768, image_size=(height, width), patch_size=patch, num_channels=channels
    )


class Cut(Exercise):
    """What the exercises of this file share."""

    sections, source = "2.2", "Dosovitskiy et al. 2021, arXiv:2010.11929, eq. 1"
    measured_on = "transformers' ViT embeddings at the size of ViT-B, random weights"
    patch_size = Whole(16, 4, 64, draw=(14, 16, 28, 32), help="side of a patch in px")
    picture = Picture()


class Grid(Cut):
    """A picture cut into whole patches."""

    image_size = Whole(
        224,
        32,
        1024,
        draw=(224, 256, 288, 320, 336, 384, 448, 512),
        multiple_of="patch_size",
        help="side of the square picture in px; its height where image_width is set",
    )
    image_width = Whole(0, 32, 1024, multiple_of="patch_size", help="width of the picture in px; 0 makes it square")
    slips = {
        "rows": "one side only: That is one side of the grid; rows and columns are multiplied.",
        "columns": "one side only: That is one side of the grid; rows and columns are multiplied.",
        "rows + columns": "added the sides: Rows and columns are multiplied, not added.",
        "2 × (rows + columns)": "took the perimeter: That is the way around the grid; asked is what is in it.",
        "max(rows, columns)² if rows ≠ columns": "took it as square: That takes the longer side twice; the picture is "
        "not square.",
        "min(rows, columns)² if rows ≠ columns": "took it as square: That takes the shorter side twice; the picture is "
        "not square.",
        "p² if apart": "pixels of a patch: That is how many pixels one patch has.",
        "3 × p² if apart": "length of a patch: That is the length of one flattened patch.",
        "height × width": "gave pixels: That is how many pixels the picture has.",
        "height × width / p": "divided once: That divides the area by one side of the patch; it has two.",
        "height if apart": "gave pixels: That is a side of the picture in pixels.",
        "(height − p + 1) × (width − p + 1) if apart": "stride of one: That moves the patch by one pixel at a time; "
        "ViT's patches do not overlap.",
    }

    def facts(self) -> Facts:
        height, width, p = self.image_size, self.image_width or self.image_size, self.patch_size
        size = f"{width} × {height}" if width == height else f"{width} × {height} (width × height)"
        return {"height": height, "width": width, "p": p, "rows": height // p, "columns": width // p, "size": size}


class Count(Grid):
    """How many patches a picture is cut into."""

    name, title = "patches.count", "Count the patches"
    sections, covers = "2.2 2.5 3.2", "2.2-04 2.2-05 2.2-06 3.2-05 0.1-05 6.5-03 6.6-01"
    prompt = "A picture of {size} pixels is cut into patches of {p} × {p} pixels. How many patches are there?"
    unit = "patches"
    hints = (
        "How many patches fit along one side?",
        "Rows times columns: each side divided by the side of a patch, then multiplied.",
    )
    right = "rows × columns"
    slips = {
        "rows × columns + 1": "counted the class token: That counts the class token, which is learned, not cut from "
        "the picture.",
        **Grid.slips,
        "3 × rows × columns": "multiplied by colour: A patch spans all three channels, so colour does not multiply the "
        "patches.",
    }

    def run(self, show: Show) -> int:
        """The number of tokens that come out of transformers' ViTPatchEmbeddings."""
        view = see(show, self.seed, self.picture, (self.height, self.width))
        show.progress(0.4, "embedding the patches")
        embed = modeling_vit.ViTPatchEmbeddings(vit_base(view.pixels, self.p))
        grid = embed.projection(view.pixels)  # (b, d, h, w): one step of the convolution a patch
        tokens = embed(view.pixels)  # (b, n, d): the grid, read row by row
        show.shapes(f"a convolution of stride {self.p}", view.pixels, grid)
        show.shapes("the grid read row by row", grid, tokens)
        _, _, h, w = grid.shape
        view.show_grid(show, self.p, f"{w} × {h} patches of {self.p} × {self.p} px")
        return int(tokens.shape[1])


class Flatten(Cut):
    """How long the vector is that a flattened patch makes."""

    name, title, covers = "patches.flatten", "Flatten a patch", "2.2-08 2.2-09 0.1-05 3.2-05 6.6-01"
    channels = Whole(
        3, 1, 16, draw=(1, 2, 3, 4, 5, 8), help="values a pixel has: 1 grey, 3 colour, more for a multispectral camera"
    )
    prompt = (
        "A patch of {p} × {p} pixels with {channels} {noun} is flattened to one vector. How many values does it have?"
    )
    unit = "values"
    hints = ("How many pixels has the patch?", "Each pixel brings one value a channel.")
    right = "p² × channels"
    slips = {
        "p² if channels ≠ 1": "forgot the channels: Those are the pixels; each of them has {channels} values.",
        "p × channels": "one side only: That is one row of the patch; it has as many rows as columns.",
        "3 × p² if channels ≠ 3": "took three channels: That would be colour; this picture has {channels} to a pixel.",
        "p² + channels": "added the channels: The channels multiply the pixels; they are not added to them.",
        "(p × channels)² if channels ≠ 1": "squared the channels: The side counts twice, the channels only once.",
        "p² × channels + 1": "counted one more: The flattened patch has no class token and no bias: only its values.",
        "p": "gave the side: That is the side of the patch in pixels.",
        "embedding_width": "gave the width after the projection: {embedding_width} is the width after the linear "
        "projection; here the values going in are counted.",
        "patches if apart": "gave the number of patches: That is how many patches there are, not how long one is.",
    }

    def facts(self) -> Facts:
        p = self.patch_size
        return {
            "p": p,
            "patches": (224 // p) ** 2,
            "embedding_width": 768,
            "noun": "channel" if self.channels == 1 else "channels",
        }

    def run(self, show: Show) -> int:
        """The length of a patch cut out of the picture; the ViT's convolution is this cut and one linear layer."""
        side = self.p * (224 // self.p)
        view = see(show, self.seed, self.picture, (side, side), self.channels)
        show.progress(0.4, "cutting the patches")
        flat = flatten_patches(view.pixels, self.p)
        show.shapes(f"{flat.shape[1]} patches, each flattened", view.pixels, flat)
        embed = modeling_vit.ViTPatchEmbeddings(vit_base(view.pixels, self.p))
        weight = embed.projection.weight.flatten(1)  # (d, c*p*p): the matrix E of equation 1, transposed
        linear = torch.nn.functional.linear(flat, weight, embed.projection.bias)  # (b, n, d)
        apart = float((linear - embed(view.pixels)).abs().max())
        show.line(f"{shape_of(flat)} @ {shape_of(weight.T)} -> {shape_of(linear)}: the projection E")
        show.line(f"ViT's convolution gives the same tokens (largest difference {apart:.0e})")
        show.fact(largest_difference=apart)
        per_side = side // self.p
        view.show_grid(show, self.p, f"{per_side} × {per_side} patches; the outlined one is flattened")
        first = view.image.crop((0, 0, self.p, self.p)).resize((224, 224), resample=0)
        show.picture("patch", first, f"The first patch, {self.p} × {self.p} px", "The first patch, enlarged")
        return int(flat.shape[2])


def flatten_patches(pixels: Tensor, patch: int) -> Tensor:
    """Cut and flatten: (b, c, H, W) -> (b, c, h, w, p, p) -> (b, n, c*p*p)."""
    cut = pixels.unfold(2, patch, patch).unfold(3, patch, patch)  # (b, c, h, w, p, p)
    patches = cut.permute(0, 2, 3, 1, 4, 5)  # (b, h, w, c, p, p)
    return patches.flatten(3).flatten(1, 2)  # (b, n, c*p*p)


def shape_of(tensor: Tensor) -> str:
    """`(1, 196, 768)`."""
    from labs.evidence import shape_text

    return shape_text(tensor.shape)


class Sequence(Grid):
    """How many tokens the transformer blocks of a ViT see."""

    name, title, sections, covers = "patches.sequence", "Count the tokens of a ViT", "2.2 2.3", "2.2-12 2.3-08"
    prompt = (
        "A ViT reads a picture of {size} pixels in patches of {p} × {p} pixels. "
        "How many tokens does its first transformer block get, class token included?"
    )
    unit = "tokens"
    hints = (
        "Count the patches first: rows times columns.",
        "The class token is one more, whatever the picture.",
    )
    right = "rows × columns + 1"
    slips = {
        "rows × columns": "forgot the class token: That is the patches alone; the class token makes one more.",
        "rows × columns + 2": "one token too many: A ViT adds one class token; a second one belongs to DeiT, for "
        "distillation.",
        "(rows + 1) × (columns + 1)": "class token on each side: The class token is added once to the sequence, not to "
        "each side of the grid.",
        "rows + 1": "one side and the class token: That is one side of the grid and the class token; the grid has two "
        "sides.",
        **Grid.slips,
        "3 × rows × columns + 1": "multiplied by colour: A patch spans all three channels, so colour makes no more "
        "tokens.",
        "embedding_width": "gave the width: That is the width of each token, not how many there are.",
    }

    def run(self, show: Show) -> int:
        """All of equation 1: the tokens that come out of transformers' ViTEmbeddings."""
        view = see(show, self.seed, self.picture, (self.height, self.width))
        show.progress(0.4, "embedding the sequence")
        embeddings = modeling_vit.ViTEmbeddings(vit_base(view.pixels, self.p))
        patches = embeddings.patch_embeddings(view.pixels)  # (b, n, d)
        sequence = embeddings(view.pixels)  # (b, 1+n, d): [class; patches] + positions
        show.shapes(f"{patches.shape[1]} patches", view.pixels, patches)
        show.shapes("the class token in front, positions added", patches, sequence)
        show.fact(embedding_width=sequence.shape[2])
        caption = (
            f"{self.columns} × {self.rows} patches of {self.p} × {self.p} px; the class token is not in the picture"
        )
        view.show_grid(show, self.p, caption)
        return int(sequence.shape[1])


class Ragged(Cut):
    """How many patches come out where the sides do not divide by the patch."""

    name, title, covers = "patches.ragged", "Cut a picture that does not divide", "2.2-06"
    needs_gradients = True
    image_size = Whole(
        224,
        32,
        1024,
        draw=(225, 230, 250, 300, 330, 500),
        help="side of the square picture in px; its height where image_width is set",
    )
    image_width = Whole(0, 32, 1024, help="width of the picture in px; 0 makes it square")
    patch_size = Whole(16, 4, 64, draw=(14, 16, 32), help="side of a patch in px")
    prompt = (
        "A ViT's patch convolution, {p} × {p} pixels with the same stride and no padding, runs over a picture "
        "of {size} pixels. How many patches come out?"
    )
    unit = "patches"
    hints = (
        "How many whole patches fit along each side?",
        "What is left over makes no patch: round down on each side, then multiply.",
    )
    right = "⌊height / p⌋ × ⌊width / p⌋"
    slips = {
        "⌈height / p⌉ × ⌈width / p⌉": "rounded up: That rounds up, as with padding; without it a strip too narrow for "
        "a patch makes none.",
        "round(height / p) × round(width / p) if apart": "rounded to the nearest: A convolution takes only whole "
        "steps: it rounds down, never to the nearest.",
        "rows × columns + 1": "counted the class token: That counts the class token, which the convolution does not "
        "make.",
        "height × width / p²": "divided the areas: That divides the areas; each side rounds down by itself, before "
        "they are multiplied.",
        "⌊height × width / p²⌋ if apart": "divided the areas: That divides the areas; each side rounds down by itself, "
        "before they are multiplied.",
        "⌈height × width / p²⌉": "divided the areas: That divides the areas; each side rounds down by itself, before "
        "they are multiplied.",
        "⌈height / p⌉": "one side, rounded up: That is one side, rounded up; both sides round down.",
        **{text: why for text, why in Grid.slips.items() if not text.startswith("height × width / p")},
        "lost": "gave the lost pixels: Those are the pixels no patch sees; asked are the patches.",
        "0": "expected an error: The convolution does not fail: it drops the strip and says nothing.",
    }

    def facts(self) -> Facts:
        height, width, p = self.image_size, self.image_width or self.image_size, self.patch_size
        rows, columns = height // p, width // p
        size = f"{width} × {height}" if width == height else f"{width} × {height} (width × height)"
        lost = height * width - rows * columns * p * p
        return {"height": height, "width": width, "p": p, "rows": rows, "columns": columns, "size": size, "lost": lost}

    def fits(self) -> None:
        if min(self.height, self.width) < self.p:
            side = min(self.height, self.width)
            raise ParamError("patch_size", f"{self.p} px is larger than a side of {side} px")
        if not self.lost:
            raise ParamError(
                "patch_size", f"{self.p} px divides {self.size} px and leaves no edge; patches.count takes it"
            )

    def run(self, show: Show) -> int:
        """The tokens of a picture that does not divide, and the pixels no token depends on."""
        p = self.p
        view = see(show, self.seed, self.picture, (self.height, self.width))
        show.progress(0.3, "embedding the patches and asking which pixels they saw")
        tokens, seen = cut_ragged(view.pixels, p)
        h, w = int(seen.any(dim=1).sum()) // p, int(seen.any(dim=0).sum()) // p
        lost = int((~seen).sum())
        show.progress(0.8, "asking a model of a fixed size")
        refusal = strict_refusal(view.pixels, p)
        show.shapes("the convolution takes only whole steps", view.pixels, tokens)
        show.line(
            f"rows: {self.height} / {p} = {self.height / p:.2f}, so {h}",
            f"columns: {self.width} / {p} = {self.width / p:.2f}, so {w}",
            f"{lost:,} of {seen.numel():,} pixels ({lost / seen.numel():.1%}) have no gradient: never seen",
            f"No error was raised here. A whole ViT made for {w * p} × {h * p} px does raise one: “{refusal}”",
            "ViT's image processor avoids both: it first stretches every picture to the model's size.",
        )
        show.table(
            "What is left over",
            "side | pixels | whole patches | pixels left over",
            [
                ("height", self.height, h, self.height - h * p),
                ("width", self.width, w, self.width - w * p),
            ],
        )
        view.show_grid(show, p, f"{w} × {h} whole patches; the pink strip is never seen")
        show.fact(lost=lost)
        return int(tokens.shape[1])


def cut_ragged(pixels: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """The patch embedding on a picture that does not divide, and which pixels it saw: (b, n, d), (H, W) bool.

    A pixel was seen if the tokens change with it: if their gradient with respect to it is not zero.
    """
    pixels = pixels.double().requires_grad_()  # double: on a CPU the gradient of this convolution comes faster
    embed: Any = modeling_vit.ViTPatchEmbeddings(vit_base(pixels, patch)).double().requires_grad_(False)
    tokens = embed(pixels)  # (b, n, d)
    (gradient,) = torch.autograd.grad(tokens.sum(), pixels)
    return tokens, (gradient != 0).any(dim=1)[0]


def strict_refusal(pixels: Tensor, patch: int) -> str:
    """What ViTEmbeddings made for the whole patches alone says to this picture.

    Raises:
        RuntimeError: if it takes the picture after all.
    """
    height, width = (side // patch * patch for side in pixels.shape[2:])
    with torch.device("meta"):  # shapes without numbers: the check needs no more
        embeddings = modeling_vit.ViTEmbeddings(vit_base(pixels[..., :height, :width], patch))
    try:
        embeddings(pixels.to("meta"))
    except ValueError as error:
        return " ".join(str(error).split())
    raise RuntimeError(f"ViTEmbeddings for {width} × {height} px took a picture of {tuple(pixels.shape)}")


EXERCISES: Final = (Count, Flatten, Sequence, Ragged)
