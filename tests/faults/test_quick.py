"""A few tries of every attack; `make faults` makes them all."""

from __future__ import annotations

import pytest

from tests.faults.attack import SEED, Attack, attacks


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_nothing_is_lost_or_believed_wrongly(attack: Attack) -> None:
    assert attack.run(attack.quick, SEED) == []
