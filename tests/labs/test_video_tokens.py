"""A clip's tokens and the cost of looking at them: measured numbers agree with arithmetic and with whole models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers.models.timesformer.configuration_timesformer import TimesformerConfig
from transformers.models.timesformer.modeling_timesformer import TimesformerModel

from labs import catalog, video_attention, video_latents, video_tokens
from labs.problems.video_attention import (
    BY_FRAME,
    DIVIDED,
    DIVIDED_CHEAPER,
    EQUAL,
    JOINT,
    JOINT_CHEAPER,
    SPACE_STEP,
    TIME_STEP,
)
from labs.protocol import ParamError, Problem
from tests.examples import examples
from tests.labs.solving import assert_judged, assert_shown, solved, verdict

SEEDS = range(examples(50))
MODULES = {video_tokens.__name__, video_attention.__name__, video_latents.__name__}
NAMES = [one.name for one in catalog.exercises() if one.module in MODULES]


def block_by_hand(scheme: str, frames: int, n: int) -> tuple[float, float]:
    """Multiply-adds of one block of width 768: learned layers, products of attention."""
    d, tokens = 768, frames * n + 1
    if scheme == JOINT:
        return tokens * 12 * d * d, 2 * tokens**2 * d
    spatial = frames * (n + 1)
    layers = frames * n * 5 * d * d + spatial * 4 * d * d + tokens * 8 * d * d
    return layers, 2 * d * (n * frames**2 + frames * (n + 1) ** 2)


def tokens_by_hand(p: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    def index() -> int:
        side = 112 // p["patch_size"]
        row, column = p["y"] // p["patch_size"], p["x"] // p["patch_size"]
        return int(p["frame"] // p["tubelet"] * side**2 + row * side + column)

    return {
        "video.frames": lambda: p["frames"] * patches_of(p) + 1,
        "video.tubelets": lambda: p["frames"] // p["tubelet"] * patches_of(p) + (p["model"] == "ViViT"),
        "video.tubelet_length": lambda: p["tubelet"] * p["patch_size"] ** 2 * p["channels"],
        "video.index": index,
    }


def attention_by_hand(p: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    t, n, k = p.get("frames", 1), patches_of(p), p.get("factor", 1)
    joint, divided = block_by_hand(JOINT, t, n), block_by_hand(DIVIDED, t, n)
    longer = {JOINT: ((k * t * n + 1) / (t * n + 1)) ** 2, TIME_STEP: float(k * k)}
    return {
        "video.keys": lambda: {JOINT: t * n + 1, TIME_STEP: t, SPACE_STEP: n + 1, BY_FRAME: n + 1}[p["scheme"]],
        "video.attention": lambda: joint[1] / divided[1],
        "video.cheaper": lambda: JOINT_CHEAPER if sum(joint) < sum(divided) else DIVIDED_CHEAPER,
        "video.longer": lambda: longer.get(p["scheme"], float(k)),
        "video.memory": lambda: (t * n + 1) ** 2 * 12 * 2 / 1e6,
    }


def latents_by_hand(p: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    width, height = (int(side) for side in p.get("size", "16x16").split("x"))
    frames = p["seconds"] * p["fps"] + 1 if "fps" in p else p.get("frames", 1)
    latent, a_frame = (frames - 1) // 4 + 1, (height // 16) * (width // 16)
    return {
        "video.latent_frames": lambda: latent,
        "video.causal": lambda: 4 * p["latent_frame"],
        "video.latent_tokens": lambda: latent * a_frame,
        "video.compression": lambda: 3 * frames * height * width / (16 * latent * (height // 8) * (width // 8)),
        "video.second": lambda: p["fps"] // 4 * a_frame,
    }


def patches_of(p: dict[str, Any]) -> int:
    return int(p.get("image_size", p.get("patch_size", 1)) // p.get("patch_size", 1)) ** 2


def by_hand(problem: Problem) -> Any:
    p: dict[str, Any] = dict(problem.params)
    return {**tokens_by_hand(p), **attention_by_hand(p), **latents_by_hand(p)}[problem.exercise]()


@pytest.mark.parametrize("name", NAMES)
def test_the_model_agrees_with_arithmetic_at_every_seed(name: str) -> None:
    values = set()
    for seed in SEEDS:
        problem, evidence = solved(name, seed)
        expected = by_hand(problem)
        if isinstance(expected, float):
            expected = pytest.approx(expected, rel=1e-9)
        assert evidence.value == expected, problem.params
        assert_judged(problem, evidence)
        values.add(str(evidence.value))
    assert len(values) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_evidence_is_whole(name: str) -> None:
    assert_shown(*solved(name, 3))


@pytest.mark.parametrize("scheme", [JOINT, DIVIDED, BY_FRAME])
def test_one_block_times_twelve_is_what_a_whole_timesformer_takes(scheme: str) -> None:
    kind = video_attention._KIND[scheme]
    config = TimesformerConfig(num_frames=8, image_size=224, patch_size=16, attention_type=kind)
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        TimesformerModel(config).train(False)(torch.empty(1, 8, 3, 224, 224))
    embedding = 8 * 196 * 768 * 768
    assert 2 * (12 * video_attention.cost_of_block(scheme, 8, 224, 16).total + embedding) == counter.get_total_flops()


def test_known_totals_come_out() -> None:
    embedding = 2 * 8 * 196 * 768 * 768
    for scheme, gigaflops in ((DIVIDED, 392), (JOINT, 359)):
        total = 24 * video_attention.cost_of_block(scheme, 8, 224, 16).total + embedding
        assert total / 1e9 == pytest.approx(gigaflops, abs=0.5)
    long = {s: 24 * video_attention.cost_of_block(s, 96, 224, 16).total + 12 * embedding for s in (DIVIDED, JOINT)}
    assert long[DIVIDED] / 1e9 == pytest.approx(4_760, abs=10)
    assert long[JOINT] / 1e9 == pytest.approx(16_271, abs=10)
    assert (
        solved("video.tubelets", model="ViViT", frames=32, image_size=224, patch_size=16, tubelet=2)[1].value == 3_137
    )
    assert solved("video.tubelets", model="VideoMAE", frames=16, image_size=224, patch_size=16)[1].value == 1_568
    assert solved("video.latent_frames", frames=120)[1].value == 30
    assert solved("video.latent_frames", frames=121)[1].value == 31


def test_five_seconds_of_720p_make_111600_tokens() -> None:
    problem, evidence = solved("video.latent_tokens", seconds=5, fps=24, size="1280x720")
    assert evidence.value == 111_600
    text = "\n".join(evidence.derivation)
    assert "(1, 3, 121, 720, 1280) -> (1, 16, 31, 90, 160)" in text
    assert "435,600" in text
    assert verdict("31 x 45 x 80 = 111,600", problem, evidence).correct


def test_a_latent_frame_sees_nothing_later_and_the_rest_of_a_group_is_lost() -> None:
    torch.manual_seed(0)
    for latent in range(4):
        seen = video_latents.frames_seen(latent, 17)
        assert seen[4 * latent]
        assert not seen[4 * latent + 1 :].any()
    assert [int(video_latents.frames_seen(None, frames).sum()) for frames in (17, 18, 19, 20, 21)] == [17] * 4 + [21]


def test_a_flash_changes_one_tubelet_alone() -> None:
    for seed in range(20):
        assert solved("video.index", seed)[1].facts["changed"] == 1


def test_the_same_number_of_keys_costs_less_when_shared_out() -> None:
    _, evidence = solved("video.cheaper", frames=48, image_size=224, patch_size=16)
    assert evidence.value == DIVIDED_CHEAPER
    assert solved("video.cheaper", frames=8, image_size=224, patch_size=16)[1].value == JOINT_CHEAPER
    assert set(evidence.curves[0].series) == {JOINT, DIVIDED}


CLIP = {"frames": 8, "image_size": 224, "patch_size": 16}
HD = {"seconds": 5, "fps": 24, "size": "1280x720"}


@pytest.mark.parametrize(
    ("name", "params", "typed", "mistake"),
    [
        ("video.frames", CLIP, "1568", "forgot the class token"),
        ("video.frames", CLIP, "1576", "a class token a frame"),
        ("video.frames", CLIP, "197", "one frame only"),
        ("video.frames", CLIP, "205", "added the frames"),
        ("video.frames", CLIP, "784", "made tubelets"),
        ("video.tubelets", {**CLIP, "tubelet": 2, "model": "ViViT"}, "784", "forgot the class token"),
        ("video.tubelets", {**CLIP, "tubelet": 2, "model": "VideoMAE"}, "785", "counted a class token"),
        ("video.tubelets", {**CLIP, "tubelet": 2, "model": "VideoMAE"}, "1568", "frame by frame"),
        ("video.tubelets", {**CLIP, "tubelet": 2, "model": "VideoMAE"}, "196", "one slice of time only"),
        ("video.tubelet_length", {"patch_size": 16, "tubelet": 2, "channels": 3}, "768", "one frame only"),
        ("video.tubelet_length", {"patch_size": 16, "tubelet": 2, "channels": 3}, "512", "forgot the channels"),
        ("video.tubelet_length", {"patch_size": 16, "tubelet": 2, "channels": 3}, "12288", "made it a cube"),
        ("video.keys", {**CLIP, "scheme": JOINT}, "1568", "forgot the class token"),
        ("video.keys", {**CLIP, "scheme": TIME_STEP}, "9", "counted the class token"),
        ("video.keys", {**CLIP, "scheme": TIME_STEP}, "197", "looked at one frame"),
        ("video.keys", {**CLIP, "scheme": SPACE_STEP}, "204", "added both steps"),
        ("video.keys", {**CLIP, "scheme": BY_FRAME}, "1569", "looked at everything"),
        ("video.attention", CLIP, "0.13", "turned it over"),
        ("video.attention", CLIP, "196", "left the space step out"),
        ("video.attention", {**CLIP, "frames": 32}, "31.7", "left the time step out"),
        ("video.attention", CLIP, "59", "squared it"),
        ("video.cheaper", CLIP, DIVIDED_CHEAPER, "forgot the second layer"),
        ("video.cheaper", {**CLIP, "frames": 64}, JOINT_CHEAPER, "forgot the growth"),
        ("video.cheaper", CLIP, EQUAL, "took them for equal"),
        ("video.longer", {**CLIP, "scheme": JOINT, "factor": 3}, "3", "took it as linear"),
        ("video.longer", {**CLIP, "scheme": SPACE_STEP, "factor": 3}, "9", "took it as quadratic"),
        ("video.memory", CLIP, "4.92", "one head only"),
        ("video.memory", CLIP, "29.5", "forgot the two bytes"),
        ("video.memory", CLIP, "118", "took four bytes"),
        ("video.memory", CLIP, "0.0376", "did not square"),
        ("video.latent_frames", {"frames": 121}, "30", "forgot the first frame"),
        ("video.latent_frames", {"frames": 120}, "31", "one too many"),
        ("video.latent_frames", {"frames": 121}, "61", "halved once"),
        ("video.latent_frames", {"frames": 121}, "121", "compressed space only"),
        ("video.causal", {"latent_frame": 3, "frames": 25}, "15", "grouped from frame 0"),
        ("video.causal", {"latent_frame": 3, "frames": 25}, "16", "looked ahead"),
        ("video.causal", {"latent_frame": 3, "frames": 33}, "24", "took the factor of space"),
        ("video.causal", {"latent_frame": 2, "frames": 25}, "24", "saw the whole clip"),
        ("video.latent_tokens", HD, "446400", "forgot the patches"),
        ("video.latent_tokens", HD, "435600", "did not compress time"),
        ("video.latent_tokens", HD, "108000", "forgot the first frame"),
        ("video.latent_tokens", HD, "3600", "one latent frame only"),
        ("video.compression", HD, "256", "forgot the channels"),
        ("video.compression", HD, "12", "forgot time"),
        ("video.compression", HD, "1332", "turned the channels over"),
        ("video.second", HD, "86400", "did not compress time"),
        ("video.second", HD, "3600", "one latent frame only"),
        ("video.second", HD, "111600", "gave the whole clip"),
        ("video.second", HD, "25200", "counted a first frame again"),
    ],
)
def test_known_mistakes_are_named(name: str, params: dict[str, Any], typed: str, mistake: str) -> None:
    judged = verdict(typed, *solved(name, 1, **params))
    assert not judged.correct
    assert judged.mistake == mistake
    assert judged.message.endswith(".")


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("63", "counted from one"),
        ("92", "swapped row and column"),
        ("258", "took the frame for the slice"),
        ("13", "left time out"),
        ("1", "gave the slice"),
    ],
)
def test_slips_on_the_way_to_a_tubelet_are_named(typed: str, mistake: str) -> None:
    params = {"frames": 8, "patch_size": 16, "tubelet": 4, "frame": 5, "x": 104, "y": 24}
    problem, evidence = solved("video.index", 1, **params)
    assert evidence.value == 49 + 13
    assert verdict(typed, problem, evidence).mistake == mistake


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("video.frames", {"image_size": 225, "patch_size": 16}, "must divide"),
        ("video.tubelets", {"frames": 7, "tubelet": 2}, "must divide"),
        ("video.index", {"frames": 9, "tubelet": 2}, "must divide the clip"),
        ("video.index", {"patch_size": 16, "x": 16}, "inside a patch"),
        ("video.index", {"frames": 8, "frame": 9}, "frames 0 to 7"),
        ("video.causal", {"latent_frame": 12, "frames": 9}, "not that many latent frames"),
        ("video.latent_tokens", {"size": "1920x1080"}, "one of 256x256"),
        ("video.latent_tokens", {"fps": 25}, "one of 8, 12, 16, 24"),
        ("video.keys", {"image_size": 225, "patch_size": 16}, "must divide"),
    ],
)
def test_parameters_out_of_range_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(name).pose(params, 0)
