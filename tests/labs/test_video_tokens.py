"""A clip's tokens and the cost of looking at them: measured numbers agree with arithmetic and with whole models."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers.models.timesformer.configuration_timesformer import TimesformerConfig
from transformers.models.timesformer.modeling_timesformer import TimesformerModel

from labs import catalog
from labs.protocol import ParamError
from labs.video import attention, causal
from labs.video.attention import BY_FRAME, DIVIDED, DIVIDED_CHEAPER, JOINT, JOINT_CHEAPER
from tests.labs.solving import solved, verdict


@pytest.mark.parametrize("scheme", [JOINT, DIVIDED, BY_FRAME])
def test_one_block_times_twelve_is_what_a_whole_timesformer_takes(scheme: str) -> None:
    kind = attention._KIND[scheme]
    config = TimesformerConfig(num_frames=8, image_size=224, patch_size=16, attention_type=kind)
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        TimesformerModel(config).train(False)(torch.empty(1, 8, 3, 224, 224))
    embedding = 8 * 196 * 768 * 768
    assert 2 * (12 * attention.cost_of_block(scheme, 8, 224, 16).total + embedding) == counter.get_total_flops()


def test_known_totals_come_out() -> None:
    embedding = 2 * 8 * 196 * 768 * 768
    for scheme, gigaflops in ((DIVIDED, 392), (JOINT, 359)):
        total = 24 * attention.cost_of_block(scheme, 8, 224, 16).total + embedding
        assert total / 1e9 == pytest.approx(gigaflops, abs=0.5)
    long = {s: 24 * attention.cost_of_block(s, 96, 224, 16).total + 12 * embedding for s in (DIVIDED, JOINT)}
    assert long[DIVIDED] / 1e9 == pytest.approx(4_760, abs=10)
    assert long[JOINT] / 1e9 == pytest.approx(16_271, abs=10)
    assert (
        solved("video.tubelets", model="ViViT", frames=32, image_size=224, patch_size=16, tubelet=2)[1].value == 3_137
    )
    assert (
        solved("video.tubelets", model="VideoMAE", frames=16, image_size=224, patch_size=16, tubelet=2)[1].value
        == 1_568
    )
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
        seen = causal.frames_seen(latent, 17)
        assert seen[4 * latent]
        assert not seen[4 * latent + 1 :].any()
    assert [int(causal.frames_seen(None, frames).sum()) for frames in (17, 18, 19, 20, 21)] == [17] * 4 + [21]


def test_a_flash_changes_one_tubelet_alone() -> None:
    for seed in range(20):
        assert solved("video.index", seed)[1].facts["changed"] == 1


def test_the_same_number_of_keys_costs_less_when_shared_out() -> None:
    _, evidence = solved("video.cheaper", frames=48, image_size=224, patch_size=16)
    assert evidence.value == DIVIDED_CHEAPER
    assert solved("video.cheaper", frames=8, image_size=224, patch_size=16)[1].value == JOINT_CHEAPER
    assert set(evidence.curves[0].series) == {JOINT, DIVIDED}


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
        ("video.frames", {"image_size": 225, "patch_size": 16}, "16 does not divide image_size, 225"),
        ("video.tubelets", {"frames": 7, "tubelet": 2}, "2 does not divide frames, 7"),
        ("video.index", {"frames": 9, "tubelet": 2}, "2 does not divide frames, 9"),
        ("video.index", {"patch_size": 16, "x": 16}, "inside a patch"),
        ("video.index", {"frames": 8, "frame": 9}, "frames 0 to 7"),
        ("video.causal", {"latent_frame": 12, "frames": 9}, "not that many latent frames"),
        ("video.latent_tokens", {"size": "1920x1080"}, "one of 1280x720"),
        ("video.latent_tokens", {"fps": 25}, "one of 8, 12, 16, 24"),
        ("video.keys", {"image_size": 225, "patch_size": 16}, "does not divide"),
    ],
)
def test_parameters_out_of_range_are_refused(name: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ParamError, match=says):
        catalog.exercise(name).pose(params, 0)
