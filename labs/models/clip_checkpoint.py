"""A CLIP to ask: the tiny one of the labs, or real CLIP weights in the format of transformers that the learner has.

Real weights are read from a folder or from the cache of the Hugging Face hub; nothing is ever downloaded.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from labs.devices import placed
from labs.models import weights
from labs.models.clip_model import NAME, SIDE_PX, CLIPModel, restore, to_pixel_values, tokenize
from labs.protocol import ParamError

_MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
_STD: Final = (0.26862954, 0.26130258, 0.27577711)
_BATCH: Final = 50
_CALLED: Final = ("get_text_features", "get_image_features", "vision_model.forward")
"""What labs call of a CLIPModel besides itself."""

Ids = dict[str, Tensor]
Advance = Callable[[float], None]
"""Called with the share that is done."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A CLIPModel with what turns pictures and texts into its inputs."""

    name: str
    model: CLIPModel
    side: int
    """Side of the square picture it reads, in px."""
    tokenize: Callable[[Sequence[str]], Ids]
    to_pixels: Callable[[Sequence[Image.Image]], Tensor]
    tiny: bool

    @property
    def scale(self) -> float:
        """What the model multiplies cosines by: exp(logit_scale)."""
        return float(self.model.logit_scale.exp())

    @torch.no_grad()
    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        """n texts -> (n, d) on the unit sphere."""
        parts = [
            _pooled(self.model.get_text_features(**self.tokenize(texts[start : start + 4 * _BATCH])))
            for start in range(0, len(texts), 4 * _BATCH)
        ]
        return _unit(torch.cat(parts))

    @torch.no_grad()
    def embed_pictures(self, pictures: Sequence[Image.Image], advance: Advance = lambda _: None) -> Tensor:
        """n pictures -> (n, d) on the unit sphere."""
        parts = []
        for start in range(0, len(pictures), _BATCH):
            pixels = self.to_pixels(pictures[start : start + _BATCH])
            parts.append(_pooled(self.model.get_image_features(pixel_values=pixels)))
            advance((start + len(pixels)) / len(pictures))
        return _unit(torch.cat(parts))


def checkpoint(name: str = "") -> Checkpoint:
    """The tiny CLIP, or the real one of that folder or hub name; kept until another one is asked for.

    Raises:
        ParamError: there is no such model on this computer, or it is no CLIP.
        WeightsDamaged: the tiny model's file is not the one of its card.
    """
    return _tiny() if not name else _real(name)


@lru_cache(maxsize=1)
def _tiny() -> Checkpoint:
    def pixels(pictures: Sequence[Image.Image]) -> Tensor:
        resized = [picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC) for picture in pictures]
        return to_pixel_values(np.stack([np.asarray(picture.convert("RGB")) for picture in resized]))

    return Checkpoint(
        "the tiny CLIP",
        placed(restore(weights.load(NAME)), *_CALLED),
        SIDE_PX,
        lambda texts: {"input_ids": tokenize(texts)},
        pixels,
        tiny=True,
    )


@lru_cache(maxsize=1)
def _real(name: str) -> Checkpoint:
    from transformers import AutoConfig, AutoTokenizer

    folder = Path(name)
    where = f"the folder {name}" if folder.is_dir() else f"{name} on this computer"
    try:
        config = AutoConfig.from_pretrained(name, local_files_only=True)
    except (OSError, ValueError) as error:
        if folder.is_dir():
            raise ParamError("model", f"{where} holds no model in the format of transformers") from error
        raise ParamError(
            "model",
            f"there is no {where}, and labs use no network; fetch it once with `hf download {name}`, or name a folder",
        ) from error
    if config.model_type != "clip":
        raise ParamError("model", f"{where} is a model of the kind {config.model_type}, not clip")
    try:
        loaded: Any = CLIPModel.from_pretrained(name, local_files_only=True, output_loading_info=True)
        model, loading = loaded
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=True)
    except Exception as error:  # a damaged or incomplete checkpoint can make the loader raise nearly anything
        reason = " ".join(str(error).split())[:160]
        raise ParamError("model", f"{where} cannot be loaded ({type(error).__name__}: {reason})") from error
    missing = [key for key in loading["missing_keys"] if not key.endswith("position_ids")]
    if missing:
        raise ParamError("model", f"{where} lacks {len(missing)} weights of a CLIP, such as {missing[0]}")
    longest = config.text_config.max_position_embeddings

    def ids(texts: Sequence[str]) -> Ids:
        found = tokenizer(list(texts), padding=True, truncation=True, max_length=longest, return_tensors="pt")
        return {key: found[key] for key in ("input_ids", "attention_mask")}

    side = int(config.vision_config.image_size)
    return Checkpoint(
        folder.name if folder.is_dir() else name,
        placed(model.float().eval().requires_grad_(False), *_CALLED),
        side,
        ids,
        _preprocessing(name, side),
        tiny=False,
    )


def _preprocessing(name: str, side: int) -> Callable[[Sequence[Image.Image]], Tensor]:
    """CLIP's own way to the model's input: shorter side resized, centre cut out, channels normalised.

    `preprocessor_config.json` says by which mean and deviation; without it those of OpenAI's CLIP are taken.
    """
    from transformers.utils.hub import cached_file

    path = cached_file(
        name, "preprocessor_config.json", local_files_only=True, _raise_exceptions_for_missing_entries=False
    )
    said: Mapping[str, Any] = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    mean = torch.tensor(said.get("image_mean", _MEAN)).view(3, 1, 1)
    std = torch.tensor(said.get("image_std", _STD)).view(3, 1, 1)

    def pixels(pictures: Sequence[Image.Image]) -> Tensor:
        rows = [torch.from_numpy(np.array(_cut_out(picture.convert("RGB"), side))) for picture in pictures]
        values = torch.stack(rows).permute(0, 3, 1, 2).float() / 255  # (b, 3, side, side) in 0..1
        return (values - mean) / std

    return pixels


def _cut_out(picture: Image.Image, side: int) -> Image.Image:
    """The centre square of `side` px after the shorter side was resized to it."""
    scale = side / min(picture.size)
    width, height = (max(side, math.floor(length * scale)) for length in picture.size)
    resized = picture.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - side) // 2, (height - side) // 2
    return resized.crop((left, top, left + side, top + side))


def _pooled(output: object) -> Tensor:
    """The projected embedding, which some versions of transformers wrap in an output object."""
    found = getattr(output, "pooler_output", output)
    if not isinstance(found, Tensor):
        raise TypeError(f"get_*_features gave {type(output).__name__}, which holds no embedding")
    return found


def _unit(rows: Tensor) -> Tensor:
    unit: Tensor = rows / rows.norm(dim=1, keepdim=True)
    return unit
