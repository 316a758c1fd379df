"""Real CLIP weights in the format of transformers: read from a folder, never fetched, refused with a plain reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPConfig

from labs import catalog
from labs.models.clip_checkpoint import checkpoint
from labs.models.clip_model import CLIPModel
from labs.protocol import ParamError
from tests.labs.solving import solved

WITH_MODEL = [
    e.name
    for e in catalog.exercises()
    if e.name.startswith("clip.") and any(param.name == "model" for param in e.params)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CLIP with random weights, its tokenizer and its preprocessing, as `save_pretrained` leaves them."""
    folder = tmp_path_factory.mktemp("own-clip")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "re", "red</w>", "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    end = vocabulary["<|endoftext|>"]
    common = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_attention_heads": 2,
        "num_hidden_layers": 2,
        "projection_dim": 16,
    }
    torch.manual_seed(0)
    config = CLIPConfig(
        text_config={
            **common,
            "vocab_size": len(tokens),
            "max_position_embeddings": 24,
            "bos_token_id": vocabulary["<|startoftext|>"],
            "eos_token_id": end,
            "pad_token_id": end,
        },
        vision_config={**common, "image_size": 48, "patch_size": 8},
        projection_dim=16,
    )
    CLIPModel(config).save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\nr e\nre d</w>\n")
    special = dict.fromkeys(("eos_token", "unk_token", "pad_token"), "<|endoftext|>")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "CLIPTokenizer", "bos_token": "<|startoftext|>", **special})
    )
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": [0.5] * 3, "image_std": [0.25] * 3}))
    return folder


@pytest.mark.parametrize("name", WITH_MODEL)
def test_the_same_exercises_run_on_a_model_of_the_learners(name: str, folder: Path) -> None:
    problem, evidence = solved(name, 1, model=str(folder))
    assert folder.name in problem.prompt or name in {"clip.uniform_loss", "clip.negatives"}
    assert problem.params["model"] == str(folder)
    value = evidence.value if isinstance(evidence.value, str) else f"{evidence.value:.6g}"
    assert catalog.exercise(name).check(problem, value, evidence).correct


def test_its_own_tokenizer_and_preprocessing_are_used(folder: Path) -> None:
    found = checkpoint(str(folder))
    assert (found.side, found.tiny) == (48, False)
    ids = found.tokenize(["Red a"])["input_ids"][0].tolist()
    tokens = json.loads((folder / "vocab.json").read_text())
    assert ids == [tokens[t] for t in ("<|startoftext|>", "red</w>", "a</w>", "<|endoftext|>")]
    assert found.tokenize(["a " * 100])["input_ids"].shape == (1, 24)
    wide = Image.fromarray(np.random.default_rng(0).integers(0, 255, (50, 90, 3), dtype=np.uint8))
    pixels = found.to_pixels([wide])
    assert pixels.shape == (1, 3, 48, 48)
    assert pixels.min() >= -2
    assert pixels.max() <= 2


def test_preprocessing_is_that_of_transformers(folder: Path) -> None:
    processors = pytest.importorskip("transformers.models.clip.image_processing_pil_clip")
    theirs = processors.CLIPImageProcessorPil(
        size={"shortest_edge": 48}, crop_size={"height": 48, "width": 48}, image_mean=[0.5] * 3, image_std=[0.25] * 3
    )
    for size in ((90, 50), (50, 90), (48, 48), (31, 77), (200, 151)):
        picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8))
        expected = torch.as_tensor(np.stack(theirs(picture)["pixel_values"]))
        assert torch.allclose(checkpoint(str(folder)).to_pixels([picture]), expected, atol=0.05)


def test_embeddings_are_those_of_the_models_own_forward(folder: Path) -> None:
    found = checkpoint(str(folder))
    pictures = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "navy")]
    texts = ["a red circle", "a b", "zebra"]
    with torch.no_grad():
        output = found.model(pixel_values=found.to_pixels(pictures), **found.tokenize(texts))
    assert torch.allclose(found.embed_pictures(pictures), output.image_embeds, atol=1e-5)
    assert torch.allclose(found.embed_texts(texts), output.text_embeds, atol=1e-5)


def test_what_is_not_there_is_named_and_not_fetched() -> None:
    with pytest.raises(ParamError) as caught:
        solved("clip.binding", model="openai/clip-vit-base-patch32")
    assert "labs use no network" in str(caught.value)
    assert "hf download openai/clip-vit-base-patch32" in str(caught.value)


def test_a_folder_that_holds_no_clip_is_refused_with_the_reason(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ParamError, match=r"holds no config\.json"):
        solved("clip.binding", model=str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "vit"}))
    with pytest.raises(ParamError, match="of the kind vit, not clip"):
        solved("clip.binding", model=str(tmp_path))
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ParamError, match="holds no model"):
        solved("clip.binding", model=str(tmp_path))
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    (damaged / "model.safetensors").write_bytes(b"junk")
    with pytest.raises(ParamError, match="cannot be loaded"):
        solved("clip.binding", model=str(damaged))


def test_weights_that_are_missing_are_not_made_up(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, tmp_path / "holes")
    tensors = load_file(tmp_path / "holes" / "model.safetensors")
    tensors.pop("visual_projection.weight")
    save_file(tensors, tmp_path / "holes" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ParamError, match=r"lacks 1 weights of a CLIP, such as visual_projection"):
        solved("clip.binding", model=str(tmp_path / "holes"))
