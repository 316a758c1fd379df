"""Drawn clips and their faults: what is measured from the frames is what was put in."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageChops

from labs import catalog
from labs.protocol import ParamError
from labs.scenes.clip_scripts import (
    DRIFT,
    DUPLICATE,
    FAULTS,
    FLICKER,
    IDENTITY,
    SUDDEN,
    TELEPORT,
    faulty_script,
    lit_script,
    plain_script,
)
from labs.scenes.clips import film, flash, frame_tape, pixels_of
from labs.video import clips
from labs.video.clips import lights_of
from tests.labs.solving import solved, verdict


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_found_in_clips_of_any_length(fault: str) -> None:
    for seed in range(40):
        for frames in (6, 10):
            script = faulty_script(seed, frames, fault)
            found, at = clips.diagnose(clips.measure(film(script)))
            assert found == fault
            if fault in SUDDEN:
                assert at == script.fault_at


def test_measures_read_the_script_off_the_frames() -> None:
    for seed in range(20):
        script = plain_script(seed, 8)
        measured = clips.measure(film(script))
        assert np.abs(measured.x - [one.x for one in script.moments]).max() < 1
        turned = np.abs(measured.hue - [one.hue for one in script.moments]) % 360
        assert np.minimum(turned, 360 - turned).max() < 8
        relative = measured.brightness / measured.brightness[0]
        assert relative == pytest.approx([one.light / script.moments[0].light for one in script.moments], abs=0.01)
        assert clips.flicker_index(measured.brightness) < 2
        assert clips.jumps(measured.x).max() < 1


def test_the_hue_turns_the_shorter_way_round() -> None:
    assert clips.turns(np.array([350.0, 10.0, 180.0])).tolist() == [20.0, 170.0]


def test_a_script_is_the_same_for_a_seed_and_its_clip_the_same_to_the_pixel() -> None:
    script = faulty_script(7, 8, TELEPORT)
    assert script == faulty_script(7, 8, TELEPORT)
    assert [one.tobytes() for one in film(script)] == [one.tobytes() for one in film(script)]
    assert faulty_script(8, 8, TELEPORT) != script
    for seed in range(60):
        for fault in FAULTS:
            for moment in faulty_script(seed, 10, fault).moments:
                assert 8 < moment.x < 152
                assert 8 < moment.y < 88
                assert 50 < moment.light < 150


def test_a_clip_as_a_tensor_and_as_a_tape() -> None:
    frames = film(plain_script(3, 6, 64, 64))
    clip = pixels_of(frames)
    assert clip.shape == (1, 6, 3, 64, 64)
    assert -1 <= float(clip.min()) < float(clip.max()) <= 1
    tape = frame_tape(frames, (1, 2, (0, 0, 16, 16)))
    assert tape.width <= 448
    assert tape.tobytes() != frame_tape(frames).tobytes()
    lit = flash(frames, 2, 30, 30)
    assert [a.tobytes() == b.tobytes() for a, b in zip(frames, lit, strict=True)] == [True, True, False] + [True] * 3


def test_a_steady_light_does_not_flicker_and_signs_do_not_cancel() -> None:
    assert clips.flicker_index(np.array([90.0, 90.0, 90.0])) == 0
    assert clips.flicker_index(np.array([90.0, 110.0, 90.0])) == pytest.approx(20 / (290 / 3) * 100)
    steady = clips.measure(film(lit_script(1, (100,) * 6)))
    assert clips.flicker_index(steady.brightness) < 0.1


@pytest.mark.parametrize("fault", FAULTS)
def test_the_sign_of_a_fault_is_in_the_frames_and_in_the_words_that_stand_for_them(fault: str) -> None:
    exercise = catalog.exercise("video.fault")
    frames = exercise.look(exercise.pose({"fault": fault, "frames": 8}, 4)).pictures
    assert {frame.clip for frame in frames} == {"clip"}
    seen = [Image.open(io.BytesIO(frame.png)).convert("RGB") for frame in frames]
    told = [tuple(map(int, re.findall(r"-?\d+", frame.alt)[1:4])) for frame in frames]  # x, hue, light
    repeated = any(a == b for a, b in pairwise(told))
    assert repeated == (fault == DUPLICATE)
    assert any(ImageChops.difference(a, b).getbbox() is None for a, b in pairwise(seen)) == (fault == DUPLICATE)
    assert (len({hue for _, hue, _ in told}) > 1) == (fault == IDENTITY)
    steps = [b - a for (a, *_), (b, *_) in pairwise(told)]
    assert (max(map(abs, steps)) > 20) == (fault == TELEPORT)
    lights = [light for *_, light in told]
    assert (max(lights) - min(lights) > 15) == (fault in (FLICKER, DRIFT))


def test_a_frame_too_early_or_late_is_explained() -> None:
    problem, evidence = solved("video.when", 5)
    assert verdict(str(int(evidence.value) + 1), problem, evidence).mistake == "counted from one"  # type: ignore[arg-type]
    assert verdict(str(int(evidence.value) - 1), problem, evidence).mistake == "the last right frame"  # type: ignore[arg-type]


@pytest.mark.parametrize("lights", ["100", "100 90 200", "100 x 90", "1e2 90 80"])
def test_lights_out_of_range_are_refused(lights: str) -> None:
    with pytest.raises(ParamError, match="3 to 12 whole numbers from 40 to 140"):
        catalog.exercise("video.flicker").pose({"lights": lights}, 0)
    assert lights_of("100, 90,110") == (100, 90, 110)
