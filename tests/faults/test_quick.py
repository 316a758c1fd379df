"""A few tries of every attack; `make faults` makes them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.attack import SEED, Attack, attacks


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_nothing_is_lost_or_believed_wrongly(attack: Attack) -> None:
    assert attack.run(attack.quick, SEED) == []


def test_the_page_on_reliability_names_every_attack_with_its_tries() -> None:
    page = (Path(__file__).parents[2] / "docs/reliability.md").read_text(encoding="utf-8")
    for attack in attacks():
        assert f"| {attack.name} | {attack.tries:,} " in page
