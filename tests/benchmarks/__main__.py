"""How fast is it, against a named peer in the same run? `make bench` prints the ratios."""

import argparse

from tests.benchmarks import (
    cohort,
    door,
    memory,
    scale,
    score,
    shap,
    slider,
    start,
    stress,
    sweep,
    value,
    weigh,
)

PARTS = {
    "weigh": weigh.run,
    "sweep": sweep.run,
    "scale": scale.run,
    "value": value.run,
    "stress": stress.run,
    "cohort": cohort.run,
    "door": door.run,
    "shap": shap.run,
    "memory": memory.run,
    "score": score.run,
    "start": start.run,
    "slider": slider.run,
}


def main() -> None:
    """Run all parts, or those named."""
    asked = argparse.ArgumentParser("python -m tests.benchmarks")
    asked.add_argument("parts", nargs="*", choices=[[], *PARTS], help="default: all")
    asked.add_argument("--persons", type=int, default=1_000_000)
    options = asked.parse_args()
    for name in options.parts or PARTS:
        for line in PARTS[name](options.persons):
            print(line, flush=True)


if __name__ == "__main__":
    main()
