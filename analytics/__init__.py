"""What does each data source buy, in people who can be scored, in accuracy and in money?

A plain library that knows no screen.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.study.study import Study

__all__ = ["Study"]

KERNELS = (
    "data/readers/csv_structure.py",
    "deciding/decision.py",
    "explaining/scores.py",
    "explaining/slices.py",
    "explaining/tree_shap.py",
    "weighing/formulas.py",
    "weighing/sweep.py",
    "weighing/tally.py",
)


def _compiled(here: Path) -> Path:
    """Where Numba keeps what it compiled: a folder of its own for each version of the kernels.

    Numba looks at the file of a kernel alone, and would take one compiled with the former version
    of a formula that it calls from another file, and its figures with it.
    """
    stamps = [
        (name, (here / name).stat().st_mtime_ns, (here / name).stat().st_size) for name in KERNELS
    ]
    chosen = os.environ.get("NUMBA_CACHE_DIR", "")
    above = Path(chosen or here / "__pycache__")
    # a process of ours started this one
    above = above.parent if above.name.startswith("kernels-") else above
    folder = above / f"kernels-{hashlib.sha256(repr(stamps).encode()).hexdigest()[:8]}"
    if above == here / "__pycache__" and not folder.exists():
        for former in above.glob("kernels-*"):
            shutil.rmtree(former, ignore_errors=True)
    return folder


os.environ["NUMBA_CACHE_DIR"] = str(_compiled(Path(__file__).parent))
if "numba" in sys.modules:  # it has read its settings
    sys.modules["numba"].config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]


def __getattr__(name: str) -> "type[Study]":
    """`from analytics import Study`, read only where it is asked for."""
    if name != "Study":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from analytics.study.study import Study  # noqa: PLC0415 - what needs no study does not wait for it

    return Study
