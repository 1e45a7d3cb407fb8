"""How is a stress asked on the command line? The options of a kind are what it declares."""

from __future__ import annotations

import inspect
import math
import operator
from typing import Annotated, Any

from cyclopts import App, Parameter

from analytics.cli import Count, Data, Flag, Persons, Weights, fitted, whole
from analytics.stress.kind import SOURCE, Option, Stress
from analytics.stress.kind import options as options_of
from analytics.stress.kinds import KINDS

app = App("stress")


def _finite(_: type[float], number: float | None) -> None:
    if number is not None and not math.isfinite(number):
        raise ValueError("must be a number of points")


def _add(word: str, kind: type[Stress]) -> None:
    """The verb of one kind of stress."""

    def verb(
        *,
        source: Annotated[str, Parameter(help=SOURCE)],
        data: Data = Data(),
        persons: Persons = Persons(),
        weights: Weights = Weights(),
        upon: Annotated[
            str,
            Parameter(
                help=(
                    "what went wrong before, as in: consent device share=0.3; drift bank shift=0.2"
                ),
                show_default=False,
            ),
        ] = "",
        cutoff: Annotated[
            float | None,
            Parameter(
                help=(
                    "points from which a person is accepted (default: the first cutoff of the"
                    " scale)"
                ),
                validator=_finite,
            ),
        ] = None,
        curve: Annotated[
            Count | None, Parameter(help="read so many steps of its share, from none to all")
        ] = None,
        hold: Annotated[Flag, Parameter(help="search for the weights that hold under it")] = False,
        **options: Any,
    ) -> str:
        study, cohort = data.study(weights.bureau), persons.read()
        weighting, before = weights.of(study), study.stresses(upon)
        stress = (*before, kind(study.catalog().source(source).key, **options))
        answer = fitted(study).stress_readings(
            stress, weighting, cohort, persons.split, cutoff=cutoff, steps=curve or 0, robust=hold
        )
        return data.write(answer)

    signature = inspect.signature(verb)
    named = [each for name, each in signature.parameters.items() if name != "options"]
    own = [_parameter(option) for option in options_of(kind)]
    verb.__signature__ = signature.replace(parameters=[*named, *own])  # type: ignore[attr-defined]
    app.command(verb, name=word, help=(kind.__doc__ or "").partition("\n")[0])


def _parameter(option: Option) -> inspect.Parameter:
    """An option of the kind of its usual value."""
    usual, keyword = option.usual, inspect.Parameter.KEYWORD_ONLY
    shown = not isinstance(usual, bool) and usual != ""
    converter = whole if type(usual) is int else None
    help = Parameter(help=option.help, show_default=shown, converter=converter)
    annotation = operator.getitem(Annotated, (type(usual), help))
    return inspect.Parameter(option.name, keyword, default=usual, annotation=annotation)


for word, kind in KINDS.items():
    _add(word, kind)
