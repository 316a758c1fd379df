"""How many tokens a picture costs a language model: four bridges, tiles, and a grid that follows the picture.

Liu et al. 2023, "Improved Baselines with Visual Instruction Tuning" (LLaVA-1.5), arXiv:2310.03744, section 3.3, and
LLaVA-NeXT's tiles; Wang et al. 2024, "Qwen2-VL", arXiv:2409.12191, section 2.1; Li et al. 2023, "BLIP-2",
arXiv:2301.12597, section 3.1; Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training", arXiv:2303.15343:

    H_v = W · g(X_v),   g the tower's features without the class token,   W the projector's two layers

Towers, projectors and queries are transformers' own at full width on torch's meta device: shapes without numbers. Two
blocks stand for all of a tower's, as no block changes the number of tokens.

Axes: b pictures or tiles, c channels, n tokens, d values of a token, q learned queries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from labs.bench import Exercise, Facts, Show, Variants, Whole, later
from labs.exercise import Vary
from labs.protocol import ParamError, Problem, Scalar

if TYPE_CHECKING:
    import numpy as np
    import torch
    from PIL import Image
    from torch import Tensor, nn
else:
    np, torch, nn = later("numpy"), later("torch"), later("torch.nn")

PATCH: Final = 14
"""Side of a patch in px, in all of these models."""
MERGE: Final = 2
"""Patches a side that Qwen2-VL makes one token of."""
TILES: Final = (224, 336)
"""Sides of the pictures that CLIP ViT-L/14 was trained on, in px; LLaVA-NeXT's tiles have the second."""
MOST_PIXELS: Final = 1_003_520
"""A larger picture Qwen2-VL shrinks first, by its default."""
MOST_TILES: Final = 12


class Tokens(Exercise):
    """What the exercises of this file share."""

    source = "Liu et al. 2023, arXiv:2310.03744; Wang et al. 2024, arXiv:2409.12191; Li et al. 2023, arXiv:2301.12597"
    measured_on = (
        "transformers' towers and bridges on torch's meta device, two blocks of a tower: no block changes the number "
        "of tokens"
    )
    unit = "tokens"


# --- Four bridges -----------------------------------------------------------------------------------------------------


_FEATURES: Final = "counted the features: So many features the eye has; the queries look at them and go on alone."
_KEPT: Final = {
    "patches / 4": "merged what is not merged: This bridge merges no patches; every patch becomes a token.",
    "32 if apart": "took BLIP-2's queries: Only BLIP-2's learned queries number 32.",
}


class VisualTokens(Tokens):
    """How many visual tokens a language model gets."""

    name, title = "patches.visual_tokens", "Count the tokens a language model gets"
    sections, covers = "2.5 3.2 3.3", "2.5-03 2.5-04 2.5-05 2.5-06 3.2-04 3.2-03"
    family = Variants(
        {
            "LLaVA-1.5": {
                "bridge": "passes CLIP ViT-L/14, whose patch features the projector maps one by one",
                "right": "side²",
                "slips": _KEPT,
            },
            "PaliGemma": {
                "bridge": "passes SigLIP So400m/14, whose features one linear layer maps one by one",
                "right": "side²",
                "slips": {**_KEPT, "patches + 1": "counted the class token: There is no class token in SigLIP."},
            },
            "Qwen2-VL": {
                "bridge": "is cut into patches of 14 px, and each 2 × 2 of them are merged",
                "right": "side² / 4",
                "slips": {
                    "patches": "forgot the merge: Those are the patches; four of them are merged to one token.",
                    "patches / 2": "merged pairs: Two patches a side are merged, so four to a token.",
                    "32 if apart": _KEPT["32 if apart"],
                },
            },
            "BLIP-2": {
                "bridge": "passes a ViT with patches of 14 px, and 32 learned queries look at its features",
                "right": "32",
                "slips": {"patches": _FEATURES, "patches + 1": _FEATURES},
            },
        },
        draw=("LLaVA-1.5", "LLaVA-1.5", "PaliGemma", "Qwen2-VL", "BLIP-2"),
        help="which vision-language model",
    )
    image_size = Whole(
        336,
        56,
        1008,
        draw=(224, 336, 448, 560, 672),
        multiple_of=PATCH * MERGE,
        help="side of the square picture in px, a multiple of 28",
    )
    prompt = (
        "In {family} a picture of {image_size} × {image_size} pixels {bridge}. "
        "How many visual tokens does the language model get?"
    )
    hints = (
        "Count the patches of 14 px first.",
        "Does the bridge keep every patch, leave the class token out, merge patches, or ask with queries?",
    )
    slips = {
        "patches + 1": "counted the class token: The class token does not go on to the language model.",
        "side": "one side only: That is one side of the grid; rows and columns are multiplied.",
        "1": "took one token a picture: One pooled vector would lose where things are; patches go on.",
        "width if apart": "gave the width: That is how many values a token has.",
    }

    def facts(self) -> Facts:
        side = self.image_size // PATCH
        return {"side": side, "patches": side**2, "bridge": self.chosen("bridge")}

    def run(self, show: Show) -> int:
        """The tokens that reach the language model over one bridge."""
        show.progress(0.2, f"running the eye and the bridge of {self.family}")
        with torch.device("meta"):
            pixels = torch.empty(1, 3, self.image_size, self.image_size)
            steps = BRIDGES[self.family](pixels)
        seen, sent = steps[0], steps[-1]
        show.shapes(f"the eye and the bridge of {self.family}", pixels, *steps)
        show.line(f"{seen.shape[1]} tokens in the eye, {sent.shape[1]} tokens to the language model")
        show.table(
            f"A picture of {self.image_size} × {self.image_size} px in {self.family}",
            "where | tokens | values of each | numbers in all",
            [
                (where, f"{one.shape[1]:,}", f"{one.shape[2]:,}", f"{one.numel():,}")
                for where, one in (("in the eye", seen), ("to the language model", sent))
            ],
        )
        show.fact(width=sent.shape[2])
        return int(sent.shape[1])


def clip_tower(side: int) -> Any:
    """The vision tower of LLaVA: CLIP ViT-L/14, (b, 3, side, side) -> (b, 1+n, 1024)."""
    from transformers.models.clip.configuration_clip import CLIPVisionConfig
    from transformers.models.clip.modeling_clip import CLIPVisionModel

    config = CLIPVisionConfig(
        hidden_size=1024,
        intermediate_size=4096,
        num_attention_heads=16,
        num_hidden_layers=2,
        image_size=side,
        patch_size=PATCH,
    )
    return nn.Module.eval(CLIPVisionModel(config))


def llava(pixels: Tensor) -> list[Tensor]:
    """LLaVA-1.5: CLIP ViT-L/14 at its last layer but one, without the class token, and a projector of two layers."""
    from transformers.models.llava.configuration_llava import LlavaConfig
    from transformers.models.llava.modeling_llava import LlavaMultiModalProjector

    config = LlavaConfig()
    every = clip_tower(pixels.shape[-1])(pixels, output_hidden_states=True).hidden_states
    features = every[config.vision_feature_layer]  # (b, 1+n, 1024): -2, the last layer but one
    patches = features[:, 1:]  # (b, n, 1024): "default" leaves the class token out
    return [features, patches, LlavaMultiModalProjector(config)(patches)]  # (b, n, 4096): as wide as the LLM


def siglip(pixels: Tensor) -> list[Tensor]:
    """PaliGemma: SigLIP So400m/14, which has no class token, through one linear layer."""
    from transformers.models.siglip.configuration_siglip import SiglipVisionConfig
    from transformers.models.siglip.modeling_siglip import SiglipVisionModel

    config = SiglipVisionConfig(
        hidden_size=1152,
        intermediate_size=4304,
        num_attention_heads=16,
        num_hidden_layers=2,
        image_size=pixels.shape[-1],
        patch_size=PATCH,
    )
    features = nn.Module.eval(SiglipVisionModel(config))(pixels).last_hidden_state  # (b, n, 1152)
    return [features, nn.Linear(1152, 2048)(features)]  # (b, n, 2048)


def qwen2(pixels: Tensor) -> list[Tensor]:
    """Qwen2-VL: patches of 14 px, then each 2 × 2 of them made one token by an MLP."""
    from transformers.models.qwen2_vl.modeling_qwen2_vl import PatchEmbed, PatchMerger

    grid = pixels.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH)  # (b, c, h, w, 14, 14)
    flat = grid.permute(0, 2, 3, 1, 4, 5).flatten(0, 2)  # (h*w, c, 14, 14)
    twice = torch.stack((flat, flat), dim=2)  # (h*w, c, 2, 14, 14): a still picture stands for two frames
    patches = PatchEmbed(PATCH, 2, 3, embed_dim=1280)(twice)  # (h*w, 1280)
    merged = PatchMerger(dim=3584, context_dim=1280, spatial_merge_size=MERGE)(patches)  # (h*w/4, 3584)
    return [patches[None], merged[None]]  # with the axis of pictures in front again


def blip2(pixels: Tensor) -> list[Tensor]:
    """BLIP-2: 32 learned queries look at all features of the tower; the queries are what goes on."""
    from transformers.models.blip_2.configuration_blip_2 import Blip2Config, Blip2QFormerConfig, Blip2VisionConfig
    from transformers.models.blip_2.modeling_blip_2 import Blip2QFormerModel, Blip2VisionModel

    tower = Blip2VisionModel(Blip2VisionConfig(image_size=pixels.shape[-1], patch_size=PATCH, num_hidden_layers=2))
    features = nn.Module.eval(tower)(pixels).last_hidden_state  # (b, 1+n, 1408)
    config = Blip2QFormerConfig(num_hidden_layers=2)
    queries = torch.empty(1, Blip2Config().num_query_tokens, config.hidden_size)  # (1, q, 768): learned, q = 32
    former = nn.Module.eval(Blip2QFormerModel(config))
    return [features, former(query_embeds=queries, encoder_hidden_states=features).last_hidden_state]  # (b, q, 768)


BRIDGES: Final[Mapping[str, Callable[[Tensor], list[Tensor]]]] = {
    "LLaVA-1.5": llava,
    "PaliGemma": siglip,
    "Qwen2-VL": qwen2,
    "BLIP-2": blip2,
}


# --- Tiles, and a grid of the picture's own size ----------------------------------------------------------------------


class Tiles(Tokens):
    """How many visual tokens a picture makes that is cut into tiles."""

    name, title = "patches.tiles", "Count the tokens of a picture in tiles"
    sections, covers = "2.5 1.5", "2.5-04 1.5-03 2.3-08"
    columns = Whole(2, 1, 6, draw=range(1, 7), help="tiles from left to right")
    rows = Whole(2, 1, 6, draw=range(1, 7), help="tiles from top to bottom")
    tile = Whole(336, choices=TILES, draw=TILES, help="side of a tile in px")
    prompt = (
        "Like LLaVA-NeXT, a model cuts a picture of {width} × {height} pixels (width × height) into tiles of "
        "{tile} × {tile} pixels and adds the whole picture once more, shrunk to one tile. Each goes through CLIP "
        "ViT-L/14 as in LLaVA-1.5. How many visual tokens does that make, line ends not counted?"
    )
    hints = (
        "How many tiles are there with the shrunken picture?",
        "One tile of {tile} px makes ({tile} / 14)² tokens.",
    )
    right = "(columns × rows + 1) × (tile / 14)²"
    slips = {
        "tiles × each": "forgot the overview: The shrunken whole picture makes one tile more.",
        "each": "one tile only: That is one tile; there are several.",
        "2 × each if tiles ≠ 1": "two tiles only: That is one tile and the overview; there are more tiles.",
        "(tiles + 1) × (each + 1)": "counted class tokens: The class token of each tile is left out, as in LLaVA-1.5.",
        "tiles × (each + 1)": "counted class tokens: The class token is left out, and the overview counts.",
        "tiles + 1": "gave the tiles: Those are the tiles; each makes many tokens.",
        "tiles": "gave the tiles: Those are the tiles; each makes many tokens.",
    }

    def facts(self) -> Facts:
        tiles = self.columns * self.rows
        sides = {"width": self.columns * self.tile, "height": self.rows * self.tile}
        return {"tiles": tiles, "each": (self.tile // PATCH) ** 2, **sides}

    @classmethod
    def pose(cls, given: Mapping[str, Scalar], seed: int, vary: Vary | None = None) -> Problem:
        """As any exercise; a grid without a size of its tiles has LLaVA-NeXT's, as older logged showings had."""
        has_grid = {"columns", "rows"} <= given.keys()
        return super().pose({"tile": TILES[1], **given} if has_grid else given, seed, vary)

    def fits(self) -> None:
        if self.tiles > MOST_TILES and max(self.columns, self.rows) > 4:
            raise ParamError("columns", f"times rows must make at most {MOST_TILES} tiles")

    def is_wished(self) -> bool:
        return 2 <= int(self.tiles) <= MOST_TILES

    def run(self, show: Show) -> int:
        """The tokens of a picture that is cut into tiles, with an overview."""
        image, pixels = board(self.seed, self.width, self.height)
        show.progress(0.4, "cutting the tiles")
        tiles = cut_tiles(pixels, self.tile)
        with torch.device("meta"):
            sent = llava(tiles.to("meta"))[-1]
        show.shapes(f"{self.rows} × {self.columns} tiles and an overview", pixels, tiles)
        show.shapes("each of them through the same eye", tiles, sent)
        show.line("LLaVA-NeXT then adds a token at each line's end and leaves out tokens of padding; not counted here.")
        caption = f"{self.columns} × {self.rows} tiles of {self.tile} px; the overview is the whole picture, shrunk"
        alt = f"A drawn circuit board cut into {self.columns} × {self.rows} tiles"
        show.picture("tiles", ruled(image, self.tile), caption, alt)
        return sent.shape[0] * sent.shape[1]


def cut_tiles(pixels: Tensor, side: int) -> Tensor:
    """LLaVA-NeXT: a small copy of the whole picture and its tiles: (1, c, H, W) -> (1 + tiles, c, side, side)."""
    overview = nn.functional.interpolate(pixels, size=(side, side), mode="bilinear", antialias=True)
    tiles = pixels.unfold(2, side, side).unfold(3, side, side)  # (1, c, rows, columns, side, side)
    return torch.cat((overview, tiles[0].permute(1, 2, 0, 3, 4).flatten(0, 1)))


class Dynamic(Tokens):
    """How many visual tokens a picture makes whose grid follows its size."""

    name, title = "patches.dynamic", "Count the tokens of a picture at its own size"
    sections, covers = "2.5 2.2", "2.5-04 2.2-06 2.3-08"
    width = Whole(1280, 112, 2000, draw=(480, 640, 800, 1024, 1280), help="width in px")
    height = Whole(720, 112, 2000, draw=(360, 480, 600, 720, 768), help="height in px")
    prompt = (
        "Qwen2-VL takes a picture of {width} × {height} pixels (width × height) at its own size: each side is rounded "
        "to the nearest multiple of {step}{tie}, cut into patches of 14 px, and each 2 × 2 patches become one token. "
        "How many visual tokens does the language model get?"
    )
    hints = ("Round each side to whole multiples of 28 px first.", "One token covers 28 × 28 px.")
    right = "round(width / step) × round(height / step)"
    slips = {
        "4 × tokens": "forgot the merge: Those are the patches; four of them become one token.",
        "4 × tokens + 1": "forgot the merge: Those are the patches and a class token; there is none here.",
        "⌊width / step⌋ × ⌊height / step⌋ if apart": "rounded down: Each side goes to the nearest multiple, here "
        "partly up.",
        "⌈width / step⌉ × ⌈height / step⌉ if apart": "rounded up: Each side goes to the nearest multiple.",
        "round(width × height / step²) if apart": "divided the areas: Each side is rounded first, by itself.",
        "⌊width × height / step²⌋ if apart": "divided the areas: Each side is rounded first, by itself.",
        "2 × tokens": "merged pairs: Two patches a side are merged, so four to a token.",
        "tokens + 1": "counted a class token: This eye has no class token.",
        "576 if apart": "took LLaVA's number: 576 is a fixed picture of 336 px; here the grid follows the picture.",
    }

    def facts(self) -> Facts:
        step = PATCH * MERGE
        columns, rows = round(self.width / step), round(self.height / step)
        has_tie = step // 2 in (self.width % step, self.height % step)
        tie = f" (from halfway, to the even multiple of {step})" if has_tie else ""
        return {"step": step, "tokens": columns * rows, "columns": columns, "rows": rows, "tie": tie}

    def fits(self) -> None:
        if self.tokens * self.step**2 > MOST_PIXELS:
            raise ParamError(
                "width", f"times height must stay below {MOST_PIXELS:,} px, or the model shrinks the picture"
            )

    def run(self, show: Show) -> int:
        """The tokens of a picture whose grid follows its own width and height."""
        fitted_width, fitted_height = (round(side / self.step) * self.step for side in (self.width, self.height))
        image, pixels = board(self.seed, fitted_width, fitted_height)
        show.progress(0.4, "embedding and merging the patches")
        with torch.device("meta"):
            patches, merged = qwen2(pixels.to("meta"))
        show.line(f"{self.width} × {self.height} px is resized to {fitted_width} × {fitted_height} px")
        show.shapes(f"{fitted_width // PATCH} × {fitted_height // PATCH} patches of {PATCH} px", pixels, patches)
        show.shapes(f"{MERGE} × {MERGE} patches make one token", patches, merged)
        show.line("Two more tokens, around the picture, mark where it begins and ends.")
        caption = f"{self.columns} × {self.rows} tokens of {self.step} × {self.step} px"
        show.picture("grid", ruled(image, self.step), caption, "A drawn board under the grid of its merged tokens")
        return int(merged.shape[1])


def board(seed: int, width: int, height: int) -> tuple[Image.Image, Tensor]:
    """A drawn board for the eye, and for the model: (1, c, H, W) in -1..1."""
    from labs.scenes.boards import draw_board

    image = draw_board(width, height, seed).image
    return image, torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1


def ruled(image: Image.Image, step: int) -> Image.Image:
    """The picture with a line every `step` px."""
    from PIL import ImageDraw

    shown = image.copy()
    pen = ImageDraw.Draw(shown)
    line = max(1, image.width // 300)
    for x in range(step, image.width, step):
        pen.line((x, 0, x, image.height), fill=(255, 176, 0), width=line)
    for y in range(step, image.height, step):
        pen.line((0, y, image.width, y), fill=(255, 176, 0), width=line)
    return shown


EXERCISES: Final = (VisualTokens, Tiles, Dynamic)
