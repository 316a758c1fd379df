"""GANs, VAEs and searches against other ways to the same numbers: torch's optimizer, numpy, the model's card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from labs.gan import training
from labs.models import digits_vae_recipe, vae_sweep_recipe, weights
from labs.models.digits import digits
from labs.protocol import CACHE_VARIABLE, ParamError
from labs.search import collection
from labs.vae import spaces
from tests.labs.solving import quiet, solved


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_our_adam_is_that_of_torch(momentum: float) -> None:
    torch.manual_seed(1)
    ours, theirs = training.network(2, 1, 8), training.network(2, 1, 8)
    theirs.load_state_dict(ours.state_dict())
    optimizer = torch.optim.Adam(theirs.parameters(), lr=3e-3, betas=(momentum, 0.99))
    adam = training.Adam(ours.parameters(), momentum)
    x = torch.randn(32, 2)
    for _ in range(20):
        adam.step(ours(x).square().mean())
        optimizer.zero_grad()
        torch.autograd.backward(theirs(x).square().mean())
        optimizer.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_data_cover_all_clusters_and_a_training_repeats() -> None:
    counts, good = training.covered(training.real(training.SAMPLES, torch.Generator().manual_seed(0)))
    assert int((counts >= training.FEWEST).sum()) == 25
    assert good > 0.99
    told: list[str] = []
    runs = [training.train(3, lambda _, text: told.append(text), iterations=40) for _ in range(2)]
    assert torch.equal(runs[0].films[-1], runs[1].films[-1])
    assert told[0].endswith("  0 of 40")
    assert len(told[0].split("  ")[0].split()) == 5


def test_the_remedies_that_calm_the_duel_cover_more() -> None:
    seeds = range(1, 4)
    modes = {
        "plain": [training.train(seed, quiet).modes for seed in seeds],
        "R1": [training.train(seed, quiet, penalty=0.1).modes for seed in seeds],
        "no momentum": [training.train(seed, quiet, momentum=0.0).modes for seed in seeds],
    }
    assert sum(modes["plain"]) + 9 < sum(modes["R1"]) < sum(modes["no momentum"])


@pytest.mark.parametrize("bits", [8, 4, 1])
def test_codes_are_near_their_vectors(bits: int) -> None:
    exact = collection.draw("clustered", 4_000)
    codes, scales = collection.coded(exact, bits)
    assert int(codes.abs().max()) == (1 if bits == 1 else 2 ** (bits - 1) - 1)
    error = float((codes.float() * scales[:, None] - exact).norm(dim=1).mean())
    assert error < {8: 0.02, 4: 0.25, 1: 0.7}[bits]


def test_a_search_by_lists_finds_what_numpy_finds_there() -> None:
    problem, evidence = solved("search.ann", 5, kind="clustered", probes=2)
    made = collection.collection(20_000, "clustered", quiet)
    centres, own = (one.numpy() for one in collection.lists_of(made))
    asked = collection.queries(made, problem.seed)[0].numpy()
    rows = made.exact.numpy()
    shares = []
    for query in asked:
        inside = np.flatnonzero(np.isin(own, np.argsort(-(centres @ query))[:2]))
        found = set(inside[np.argsort(-(rows[inside] @ query))[:10]])
        shares.append(len(found & set(np.argsort(-(rows @ query))[:10])) / 10)
    assert evidence.facts["recall"] == pytest.approx(np.mean(shares), abs=1e-6)


def test_a_large_collection_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "IN_MEMORY", 4_000)
    monkeypatch.setattr(collection, "_kept", {})
    monkeypatch.delenv(CACHE_VARIABLE, raising=False)
    with pytest.raises(ParamError, match="no folder"):
        collection.collection(8_000, "clustered", quiet)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    told: list[str] = []
    made = collection.collection(8_000, "clustered", lambda _, text: told.append(text))
    in_memory = torch.cat([collection.draw("clustered", 4_000, start) for start in (0, 4_000)])
    assert torch.equal(made.exact, in_memory)
    assert torch.equal(made.codes, collection.coded(in_memory, 8)[0])
    assert len(told) == 2
    monkeypatch.setattr(collection, "_kept", {})
    again = collection.collection(8_000, "clustered", lambda _, text: told.append(text))
    assert len(told) == 2
    assert torch.equal(again.scales, made.scales)
    monkeypatch.setattr(collection, "memory_to_spare", lambda: 1e9)
    with pytest.raises(ParamError, match="2 GB of memory"):
        collection.collection(12_000, "clustered", quiet)


@torch.no_grad()
def test_the_autoencoders_have_the_errors_of_their_card_and_the_blur_of_a_fourier_transform() -> None:
    card = weights.card("vae_sweep")["scores"]
    real = spaces.held_out().numpy()[:, 0]
    last = 1.0
    for weight in (0.0, 0.35, 1.0, 4.0, 10.0):
        rebuilt = spaces.rebuilt(spaces.autoencoder(16, weight))
        assert spaces.error(rebuilt) == pytest.approx(card[f"error_16-{weight:g}".replace(".", "_")], abs=5e-4)
        share = spaces.crispness(rebuilt)
        assert share < last
        last = share
        waves = [(np.abs(np.fft.fft2(each)) ** 2).mean(axis=0) for each in (rebuilt.numpy()[:, 0], real)]
        rates = np.hypot(*np.meshgrid(np.fft.fftfreq(8), np.fft.fftfreq(8)))
        high = [float(each[rates > 0.25].sum()) for each in waves]
        assert share == pytest.approx(high[0] / high[1], abs=0.08)


def test_the_sweep_is_trained_as_its_recipe_says() -> None:
    ours = digits_vae_recipe.fit(3, lambda _: None, 4, 1.0)
    assert ours.size == 4
    assert vae_sweep_recipe.held_out_error(ours) > vae_sweep_recipe.held_out_error(spaces.autoencoder(4, 0.35))
    assert spaces.same_label(digits()[0].flatten(1)) == pytest.approx(0.92, abs=0.005)
    assert spaces.among_digits(spaces.held_out()) > 0.6
