"""Where the labs compute: the CPU unless asked; the trained models really go to an accelerator, and come back.

There is no accelerator here, so torch's meta device stands for one: it computes shapes without numbers, and refuses to
mix its tensors with others as the real ones do. What comes back from it is filled with zeros.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from labs import catalog, devices, worker
from labs.models.clip_model import CONTEXT, SIDE_PX, tiny_clip
from labs.models.digits import DigitDenoiser, DigitVae, Judge
from labs.models.shapes_2d import PointDenoiser
from labs.protocol import DEVICE_VARIABLE, Solved, SolveRequest, event_from_line

THERE = torch.device("meta")


@pytest.fixture
def fresh() -> Iterator[None]:
    """No device remembered, neither before nor after."""
    remembered = devices.device
    remembered.cache_clear()
    devices.forget()
    yield
    remembered.cache_clear()
    devices.forget()


@pytest.fixture
def accelerator(monkeypatch: pytest.MonkeyPatch, fresh: None) -> Iterator[None]:
    """A process that computes on an accelerator, for which the meta device stands."""
    real = Tensor.to

    def to(tensor: Tensor, *where: object, **named: object) -> Tensor:
        if tensor.is_meta and where == ("cpu",):
            return torch.zeros(tensor.shape, dtype=tensor.dtype)
        return real(tensor, *where, **named)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(devices, "device", lambda: THERE)
    monkeypatch.setattr(Tensor, "to", to)
    with torch.no_grad():
        yield


@pytest.mark.parametrize(
    ("asked", "there", "found"),
    [
        ("", "", "cpu"),
        ("cpu", "cuda mps", "cpu"),
        ("cuda", "cuda", "cuda"),
        ("cuda", "mps", "cpu"),
        ("mps", "cuda mps", "mps"),
        ("mps", "", "cpu"),
        ("auto", "mps", "mps"),
        ("auto", "cuda mps", "cuda"),
        ("auto", "", "cpu"),
    ],
)
@pytest.mark.usefixtures("fresh")
def test_the_device_is_what_was_asked_for_and_is_there(
    monkeypatch: pytest.MonkeyPatch, asked: str, there: str, found: str
) -> None:
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
    if asked:
        monkeypatch.setenv(DEVICE_VARIABLE, asked)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in there)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in there)
    assert devices.device().type == found


@pytest.mark.usefixtures("fresh")
def test_on_the_cpu_a_model_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
    model = nn.Linear(2, 2)
    assert devices.placed(model) is model
    assert "forward" not in vars(model)
    assert devices.used() == "cpu"


def a_batch(*shape: int) -> Tensor:
    return torch.zeros(2, *shape)


CALLS: dict[str, tuple[Callable[[], nn.Module], tuple[str, ...], Callable[[Any], object]]] = {
    "judge": (Judge, ("features",), lambda m: m(a_batch(1, 8, 8))),
    "judge's features": (Judge, ("features",), lambda m: m.features(a_batch(1, 8, 8))),
    "digits": (
        DigitDenoiser, (), lambda m: m(a_batch(1, 8, 8), a_batch().long(), a_batch().long()),
    ),
    "points": (PointDenoiser, (), lambda m: m(a_batch(2), a_batch().long(), a_batch().long())),
    "codes": (DigitVae, ("encode", "decode"), lambda m: m.encode(a_batch(1, 8, 8))),
    "decoded": (DigitVae, ("encode", "decode"), lambda m: m.decode(a_batch(6))),
}  # fmt: skip


def tensors_in(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from tensors_in(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from tensors_in(one)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.usefixtures("accelerator")
def test_a_trained_model_computes_there_and_answers_here(name: str) -> None:
    make, methods, call = CALLS[name]
    model = devices.placed(make(), *methods)
    assert {parameter.device for parameter in model.parameters()} == {THERE}
    found = list(tensors_in(call(model)))
    assert found
    assert {tensor.device.type for tensor in found} == {"cpu"}
    assert devices.used() == "meta"


@pytest.mark.usefixtures("accelerator")
def test_a_clip_computes_there_and_answers_here() -> None:
    from labs.models.clip_checkpoint import _CALLED

    clip = devices.placed(tiny_clip(), *_CALLED)
    assert {parameter.device for parameter in clip.parameters()} == {THERE}
    ids, pixels = torch.ones(2, CONTEXT, dtype=torch.long), torch.zeros(2, 3, SIDE_PX, SIDE_PX)
    answers = [
        clip(input_ids=ids, pixel_values=pixels, return_loss=True),
        clip.get_text_features(input_ids=ids),
        clip.get_image_features(pixel_values=pixels),
        clip.vision_model(pixel_values=pixels, output_hidden_states=True),
    ]
    for answer in answers:
        found = list(tensors_in(answer))
        assert found
        assert {tensor.device.type for tensor in found} == {"cpu"}
    assert answers[0].loss.device.type == "cpu"
    assert answers[0].vision_model_output.pooler_output.device.type == "cpu"
    assert answers[3].hidden_states[-2].device.type == "cpu"


@pytest.mark.usefixtures("accelerator")
def test_the_labs_ask_for_their_models_where_they_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    from labs.denoising import trained
    from labs.models import clip_checkpoint

    asked: list[str] = []

    def watch(model: nn.Module, *_: str) -> nn.Module:
        asked.append(type(model).__name__)
        raise LookupError

    loaders: list[tuple[object, Callable[[], object]]] = [
        (trained, trained.digit_denoiser.__wrapped__),
        (trained, trained.judge.__wrapped__),
        (trained, trained.digit_vae.__wrapped__),
        (trained, lambda: trained.point_denoiser.__wrapped__("v")),
        (clip_checkpoint, clip_checkpoint._tiny.__wrapped__),
    ]
    for module, load in loaders:
        monkeypatch.setattr(module, "placed", watch)
        with pytest.raises(LookupError):
            load()
    assert asked == ["DigitDenoiser", "Judge", "DigitVae", "PointDenoiser", "CLIPModel"]


@pytest.mark.usefixtures("fresh")
def test_evidence_says_where_it_was_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = catalog.exercise("patches.count").pose({"image_size": 64, "patch_size": 16}, 1)
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)

    def where() -> str:
        answers = io.StringIO()
        worker._serve(SolveRequest("7", problem).to_line(), worker._Sender(answers))
        solved = event_from_line(answers.getvalue().splitlines()[-1])
        assert isinstance(solved, Solved)
        return solved.evidence.versions["device"]

    assert where() == "cpu"
    monkeypatch.setattr(devices, "used", lambda: "mps")
    assert where() == "mps"
