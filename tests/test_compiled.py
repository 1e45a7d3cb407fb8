"""Are compiled kernels left behind as soon as one of them changes?"""

import os
import shutil
from pathlib import Path

import pytest

import analytics

PACKAGE = Path(analytics.__file__).parent


def test_every_module_with_kernels_is_watched() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "\nimport numba" in path.read_text("utf-8")
    }
    assert found == set(analytics.KERNELS)


def test_a_changed_formula_takes_the_kernels_that_call_it_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    for name in analytics.KERNELS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PACKAGE / name, tmp_path / name)
    first = analytics._compiled(tmp_path)
    first.mkdir(parents=True)
    assert analytics._compiled(tmp_path) == first
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(first))
    assert analytics._compiled(tmp_path) == first  # in a process that this one starts
    os.utime(tmp_path / "weighing" / "formulas.py", ns=(0, 1))
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    assert analytics._compiled(tmp_path) != first
    assert not first.exists()


def test_numba_keeps_its_cache_there() -> None:
    from numba import config  # noqa: PLC0415

    assert os.environ["NUMBA_CACHE_DIR"] == config.CACHE_DIR
