"""The inspection lab: its values against the cards, against closed forms, and against margins read another way."""

from __future__ import annotations

import math
import statistics
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from labs import catalog
from labs.bench import Show
from labs.inspect import game, kept, lenses
from labs.inspect.common import BANDS, band
from labs.inspect.diagnosis import LENS_OF, LENSES, PRICES, Experiment, diagnose, next_experiment, still_open
from labs.inspect.looking import COUNTED
from labs.inspect.measure import fresh_pairs, healthy_boards
from labs.inspect.system import WORKFLOWS, planted, reference
from labs.models import weights
from labs.models.inspection.parts import DAMAGED, ids
from labs.protocol import ParamError
from labs.scenes.burns import FULL, NINE, views
from tests.labs.solving import quiet, solved, verdict
from tests.quick import quickest

SHOW = Show({}, quiet)


@pytest.mark.parametrize(
    "name", [name for name in catalog.names() if name.startswith("inspect.") and name != game.NAME]
)
def test_warm_answers_are_quick(name: str) -> None:
    solved(name, 1)
    assert quickest(partial(solved, name, 1), 0.4) < 0.4


def words_of(pixels: torch.Tensor) -> torch.Tensor:
    """The reference's margins, by its parts one after the other and the logarithms of probabilities."""
    good = reference()
    with torch.no_grad():
        slots = good.bridge(good.eye(pixels))
        first = good.reasoner(slots, ids(DAMAGED).expand(len(slots), -1))[:, -1].log_softmax(dim=1)
    margins: torch.Tensor = first[:, int(ids("burned"))] - first[:, int(ids("looks"))]
    return margins


def test_margins_are_those_of_the_parts_called_by_hand() -> None:
    pairs = fresh_pairs("inspection sizes:16", 3, (16, 16))
    windows = FULL + NINE
    pictures = torch.stack([torch.from_numpy(views(pair.burned, windows)) for pair in pairs]).flatten(0, 1)
    by_hand = words_of(pictures.permute(0, 3, 1, 2).float() / 127.5 - 1).view(3, 10)
    kept_ones = kept.margins_of(SHOW, "reference", "sizes 16", "nine crops")[:3]
    assert torch.allclose(kept_ones, by_hand, atol=2e-3)


def test_what_is_found_is_what_the_card_says() -> None:
    card = weights.card("inspection")["scores"]
    for way, size in (("one shot", 24), ("one shot", 16), ("nine crops", 16), ("25 crops", 12)):
        _, evidence = solved("inspect.size", 0, workflow=way, size=size)
        shown = 100 * card[f"recall_{way.replace(' ', '_')}_{size}_px"]
        assert evidence.facts["found"] == pytest.approx(shown, abs=0.01)
        assert evidence.value == band(shown)
    faults = weights.card("inspection_faults")["scores"]
    for tokens, name in ((16, "16_tokens"), (4, "4_tokens"), (1, "1_token")):
        _, evidence = solved("inspect.tokens", 0, tokens=tokens, size=32)
        assert evidence.facts["found"] == pytest.approx(100 * faults[f"recall_one_shot_{name}_32_px"], abs=0.01)
    _, evidence = solved("inspect.prior", 0, asked="shift", number=200)
    assert evidence.value == pytest.approx(faults["prior_shift_nats"], abs=1e-3)
    _, evidence = solved("inspect.prior", 0, asked="recall", size=24)
    assert evidence.facts["found"] == pytest.approx(
        100 * faults["recall_one_shot_98_healthy_likelier_word_24_px"], abs=0.01
    )


def test_a_prior_is_judged_by_the_logarithm_of_its_odds() -> None:
    problem, evidence = solved("inspect.prior", 0, asked="shift", number=200)
    assert verdict(f"{math.log(49):.2f}", problem, evidence).correct
    assert verdict("49", problem, evidence).mistake == "gave the odds"
    assert verdict("1.69", problem, evidence).mistake == "took the logarithm of base ten"
    before, after = (kept.margins_of(SHOW, name, "healthy", "one shot") for name in ("reference", "98% healthy"))
    fell = sorted((before - after).flatten().tolist())
    assert evidence.value == pytest.approx(statistics.median(fell))


def test_a_threshold_is_counted_on_healthy_boards() -> None:
    best = sorted((float(m) for m in kept.margins_of(SHOW, "reference", "healthy", "one shot")), reverse=True)
    assert len(best) == len(healthy_boards().boards) == 200
    for rate, place in ((1, 3), (5, 11), (20, 41)):
        problem, evidence = solved("inspect.threshold", 0, asked="place", rate=rate)
        assert evidence.value == place
        assert kept.threshold_of(SHOW, "reference", false_alarms=rate / 100) == best[place - 1]
        assert verdict(str(place - 1), problem, evidence).mistake == "stopped one early"
    recalls = [solved("inspect.threshold", 0, asked="recall", rate=rate, size=20)[1].value for rate in (1, 5, 20)]
    assert recalls == sorted(recalls)


def test_more_views_raise_more_alarms_but_not_as_many_as_independent_ones() -> None:
    for rule in ("the threshold of one shot", "the likelier word"):
        few, many = (solved("inspect.alarms", 0, workflow=way, rule=rule) for way in ("nine crops", "25 crops"))
        for (problem, evidence), views_ in ((few, 10), (many, 26)):
            alone = catalog.exercise("inspect.alarms").poser.__self__.showing(problem).alone  # type: ignore[attr-defined]
            independent = 100 * (1 - (1 - alone / 100) ** views_)
            assert alone < float(evidence.value) < independent  # type: ignore[arg-type]
            assert not verdict(f"{alone:g}", problem, evidence).correct


def test_rare_burns_are_counted_board_by_board() -> None:
    margins = kept.margins_of(SHOW, "reference", "pool", "25 crops").amax(dim=1) > reference().threshold
    said = margins.tolist()
    for per_mille in (10, 40):
        heavy = [per_mille / 1000 / 60] * 60 + [(1 - per_mille / 1000) / 60] * 60
        right = [answer is (board < 60) for board, answer in enumerate(said)]
        weighed = 100 * sum(w for w, ok in zip(heavy, right, strict=True) if ok)
        params = {"system": "the reference", "per_mille": per_mille}
        assert solved("inspect.rare", 0, asked="accuracy", **params)[1].value == pytest.approx(weighed, abs=1e-6)
        alarms = sum(w for w, yes in zip(heavy, said, strict=True) if yes)
        real = 100 * sum(w for w, yes in zip(heavy[:60], said[:60], strict=True) if yes) / alarms
        assert solved("inspect.rare", 0, asked="precision", **params)[1].value == pytest.approx(real, abs=1e-6)
        week = {"week": 5000, **params}
        assert solved("inspect.triage", 0, asked="people", **week)[1].value == pytest.approx(5000 * alarms, abs=1e-3)
    with pytest.raises(ParamError):
        catalog.exercise("inspect.rare").pose({"asked": "precision", "system": "with a prior"}, 0)


def test_a_part_that_failed_brings_the_recall_back_and_no_other_does() -> None:
    for system, fault in (("A", "98% healthy"), ("C", "one token"), ("D", "one shot"), ("E", "no concept")):
        for part, lens in lenses.PART_OF.items():
            _, evidence = solved("inspect.gain", 0, system=system, part=part)
            failed = LENS_OF[fault] == lens  # type: ignore[index]
            assert evidence.value == ("it reaches the reference's" if failed else "it stays")
    assert set(lenses.FAULTS.values()) == set(LENS_OF)


def test_told_and_zoom_open_what_their_table_says() -> None:
    assert solved("inspect.told", 0, experiment="told", outcome="right")[1].value == "all four"
    assert solved("inspect.told", 0, experiment="told", outcome="wrong")[1].value == "reasoner"
    _, evidence = solved("inspect.told", 0, experiment="zoom", outcome="wrong")
    rows = {lens for _, lens, share in evidence.tables[0].rows if int(share[:-1]) < 50}
    assert evidence.value == "eye, translator or reasoner"
    assert rows == {"eye", "translator", "reasoner"}


def test_what_settles_a_lens_follows_the_rule() -> None:
    for system, fault in lenses.FAULTS.items():
        values: dict[Experiment, float] = {}
        while (following := next_experiment(values)) is not None:
            values |= lenses.on_the_card(fault, [following])
        assert still_open(values) >= {diagnose(values | {"crops": values.get("crops", 0.0)})}, system
        assert diagnose({"told": 1.0, "reset": 0.0, "crops": 0.0, **values}) == LENS_OF[fault]
    low, high = {"probe": 0.5}, {"probe": 0.95}
    assert lenses.settling(low) == ["crops"]  # type: ignore[arg-type]
    assert lenses.settling(high)[0] == "reset"  # type: ignore[arg-type]
    assert PRICES["reset"] < PRICES["crops"]
    assert lenses.left_if(high, "told", high=False) == {"reasoner"}  # type: ignore[arg-type]
    assert lenses.listed(LENSES) == "all four"


def test_outcomes_in_a_prompt_are_those_of_the_system() -> None:
    problem, evidence = solved("inspect.next", 0, asked="open", system="A", bought="told, reset")
    assert "told in words, it says burned of 97%" in problem.prompt
    assert evidence.tables[0].rows[0][:2] == ("told", "0.97")
    assert evidence.value == "reasoner"
    assert planted("98% healthy").threshold == reference().threshold


def test_the_deciding_view_is_looked_up_in_the_boards_themselves() -> None:
    margins = kept.margins_of(SHOW, "reference", "pool", "25 crops")
    cited = []
    for index, pair in enumerate(kept.bench("pool").pairs):
        if float(margins[index].max()) > reference().threshold:
            left, top, side = WORKFLOWS["25 crops"][int(margins[index].argmax())]
            board, crop = np.zeros((2560, 2560), bool), np.zeros((2560, 2560), bool)  # tenths of a px
            x0, y0, x1, y1 = (round(10 * edge) for edge in pair.burn)
            board[y0:y1, x0:x1] = crop[10 * top : 10 * (top + side), 10 * left : 10 * (left + side)] = True
            cited.append((board & crop).sum() >= 0.5 * board.sum())
    assert solved("inspect.boxes", 0, asked="pointing")[1].value == pytest.approx(100 * sum(cited) / len(cited))
    assert solved("inspect.boxes", 0, asked="IoU", size=16)[1].value == 1 / 16


def test_slices_and_weeks_are_multiplied_out() -> None:
    few = {"usual": 100, "small": 500, "soft": 5, "dim": 5, "turned": 5}
    _, evidence = solved("inspect.slices", 0, **few)
    assert evidence.value == "small burns"
    for _, boards, share, missed in evidence.tables[0].rows:
        assert int(missed) == pytest.approx(int(boards) * int(share[:-1]) / 100, abs=1.5)
    _, evidence = solved("inspect.weekly", 0, change="five times as many boards are burned", per_mille=10)
    rows = {name: (before, after) for name, before, after, _ in evidence.tables[0].rows}
    assert rows["recall"][0] == rows["recall"][1]
    assert evidence.value == "share of alarms that are real"


def test_a_photo_of_ones_own_goes_through_camera_crops_and_probe(tmp_path: Path) -> None:
    own = tmp_path / "own.png"
    Image.fromarray(kept.pair(3).burned.pixels).save(own)
    _, drawn = solved("inspect.photo", 0, board=3, copy="with a burn of 8 to 16 px", camera="clear")
    problem, evidence = solved("inspect.photo", 0, picture=str(own), camera="clear")
    assert "Your picture" in problem.prompt
    assert evidence.value == drawn.value
    assert evidence.facts == drawn.facts
    assert "own.png" in evidence.pictures[0].alt
    assert {picture.name for picture in evidence.pictures} == {"crops", "margins", "probe"}
    Image.new("RGB", (300, 200), (22, 86, 52)).save(own)
    assert solved("inspect.photo", 0, picture=str(own), camera="haze")[1].value in COUNTED


def test_bands_have_their_edges() -> None:
    assert [band(value) for value in (24.9, 25.0, 75.0, 75.1)] == [BANDS[0], BANDS[1], BANDS[1], BANDS[2]]
