"""The oldest versions that are declared are the ones that `make floor` tests."""

from __future__ import annotations

from tests.floor import CHECKED, floors


def test_every_library_that_is_checked_declares_its_oldest_version() -> None:
    oldest = floors()
    assert set(CHECKED) <= set(oldest)
    assert all(version.replace(".", "").isdecimal() for version in oldest.values())
