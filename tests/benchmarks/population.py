"""A generated population, made once and kept beside the other temporary files."""

import subprocess
import sys
import tempfile
from pathlib import Path

GENERATE = Path(__file__).resolve().parents[2] / "sample_data" / "generate.py"


def generated(persons: int) -> Path:
    """The catalog of so many generated people."""
    folder = Path(tempfile.gettempdir()) / f"weighbridge-{persons}"
    made = folder / "catalog.toml"
    if not made.exists() or made.read_text("utf-8") != GENERATE.with_name("catalog.toml").read_text(
        "utf-8"
    ):
        subprocess.run(
            [sys.executable, GENERATE, "--persons", str(persons), "--seed", "7", "--out", folder],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return made
