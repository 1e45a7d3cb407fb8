"""What can be asked without a screen? All that the pages ask: parsed, asked of a study, printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

from cyclopts import App, CycloptsError, Parameter, Token

from analytics.data.refusal import Refusal
from analytics.metrics import shown
from analytics.reporting.answer import as_json, as_lines

if TYPE_CHECKING:
    from analytics.data.cohort import Cohort
    from analytics.study.study import Study
    from analytics.weighing.weighting import Weighting

# What only some verbs need is imported where it is needed: --help and wrong usage wait for nothing.
# ruff: noqa: PLC0415

NAME = "python -m analytics"
HELP = frozenset(("--help", "-h"))
app = App(
    NAME,
    help="Weighbridge without a browser.",
    help_formatter="plain",
    help_flags=sorted(HELP),
    version_flags=(),
    default_parameter=Parameter(negative=()),
)
app.command("analytics.cli_init:init", name="init", help="a first catalog for files, by guess")
app.command(
    "analytics.cli_stress:app",
    name="stress",
    help="the readings of one weighting before something goes wrong and after it",
)


class WrongUsage(Exception):  # noqa: N818 - it is told as it is
    """Options that do not go together."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one verb; 0 done, 1 the data were refused, 2 wrong usage, 130 stopped."""
    given = sys.argv[1:] if words is None else list(words)
    try:
        answer = _run(given)
    except (CycloptsError, WrongUsage) as error:
        chain = getattr(error, "command_chain", None) or given[:1]
        usage = f"usage: {NAME} {' '.join(chain) or 'VERB'} [OPTIONS]; --help says more"
        say(f"{usage}\n{error}", sys.stderr)
        sys.exit(2)
    except Refusal as error:
        say(str(error), sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("stopped; what was learned whole is kept", sys.stderr)
        return 130
    return 0 if answer is None else _answered(answer)


def _run(words: list[str]) -> str | None:
    """What a verb says; help prints itself, where it is asked for."""
    verb, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    if verb.__name__ == "help_print" and HELP.isdisjoint(words):
        raise WrongUsage("say what to do")
    answer: str | None = verb(*bound.args, **bound.kwargs)
    return answer


def say(text: str, stream: TextIO) -> OSError | None:
    """Write a line, in the letters that the stream has; gives what the system says where it cannot
    be written.

    Such a stream is closed for good: Python would try again, and fail, at its end.
    """
    letters = getattr(stream, "encoding", None) or "utf-8"
    try:
        print(text.encode(letters, "backslashreplace").decode(letters), file=stream, flush=True)
    except OSError as error:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return error
    return None


def _answered(text: str) -> int:
    """Write the answer.

    Whoever has read enough of it may close the pipe, and a full disk is called so.
    """
    from analytics.data.disk import why

    error = say(text, sys.stdout)
    if error is None or isinstance(error, BrokenPipeError):
        return 0
    say(f"cannot write the answer: {why(error)}; send it elsewhere", sys.stderr)
    return 1


def whole(_: type[int], tokens: Sequence[Token]) -> int:
    """A whole number, written as one."""
    return int(tokens[0].value)


def _positive(_: type[int], number: int | None) -> None:
    if number is not None and number < 1:
        raise ValueError("must be 1 or more")


def _known_accuracy(_: type[str], key: str) -> None:
    if key not in shown("search"):
        raise ValueError(f"It may be: {', '.join(shown('search'))}")


Count = Annotated[int, Parameter(converter=whole, validator=_positive)]
Seed = Annotated[int, Parameter(converter=whole, help="of what is drawn at random")]
Split = Literal["train", "calibrate", "test", "out_of_time"]
Missing = Literal["neutral", "renormalise"]
Flag = Annotated[bool, Parameter(show_default=False)]
File = Annotated[Path | None, Parameter(help="keep all rows as this Parquet file")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where what was learned is kept, and how answers are written."""

    home: Annotated[
        Path | None, Parameter(help="the work folder (default: WEIGHBRIDGE_HOME or .weighbridge)")
    ] = None
    json: Annotated[Flag, Parameter(help="one JSON object on stdout and nothing else there")] = (
        False
    )

    def write(self, answer: dict[str, object]) -> str:
        """An answer as text."""
        return as_json(answer) if self.json else as_lines(answer)


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Data(Output):
    """Whose data are asked."""

    catalog: Annotated[Path, Parameter(help="the catalog file")] = Path("sample_data/catalog.toml")

    def study(self, bureau: str | None = None) -> Study:
        """The study, which reads cohorts exactly."""
        from analytics.study.study import Study

        return Study.open(self.catalog, home=self.home, exact=True, bureau=bureau or "")


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """When a person is scored."""

    floor: Annotated[float, Parameter(help="least known share of the weight to be scored")] = 0.4
    missing: Annotated[Missing, Parameter(help="what an absent source means")] = "neutral"


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Weights(Scoring):
    """Which weights."""

    weights: Annotated[str | None, Parameter(help="bureau=35,bank=25 (default: equal weights)")] = (
        None
    )
    bureau: Annotated[
        str | None,
        Parameter(help="the weights of a bureau of the catalog, on the people and sources it sees"),
    ] = None

    def __post_init__(self) -> None:
        if self.weights is not None and self.bureau is not None:
            raise WrongUsage("--weights does not go with --bureau, which has weights of its own")

    @property
    def named(self) -> bool:
        """Were weights named?"""
        return self.weights is not None or self.bureau is not None

    def of(self, study: Study) -> Weighting:
        """The weighting of a study's sources."""
        return study.weighting(self.weights, self.floor, self.missing)


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """Whom to read."""

    cohort: Annotated[Path | None, Parameter(help="a cohort as JSON")] = None
    split: Annotated[Split, Parameter(help="the persons to read")] = "test"

    def read(self) -> Cohort:
        """The cohort of the file."""
        return read_cohort(self.cohort)


def read_cohort(path: Path | None) -> Cohort:
    """The cohort of a file; everyone where there is none.

    Raises
    ------
    Refusal
        If the file cannot be read.
    """
    from analytics.data.cohort import EVERYONE, Cohort

    if path is None:
        return EVERYONE
    try:
        return Cohort.from_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise Refusal(f"cannot read the cohort file {path}; it must be UTF-8 JSON") from None


def fitted(study: Study) -> Study:
    """The study as it is now, once its models are there; says on stderr which are fitted."""
    from concurrent.futures import wait

    from analytics.study.jobs import FITS

    study.release()
    job = study.begin()
    count, told, under_way = len(study.catalog().sources), 0, True
    try:
        while under_way:
            under_way = bool(wait([job.future], timeout=0.05).not_done)
            for key in job.steps[told:]:
                told += 1
                say(f"{key} fitted, {told} of {count}", sys.stderr)
    except KeyboardInterrupt:
        FITS.stop(job)
        wait([job.future])
        raise
    job.future.result()
    return study


@app.command
def check(*, data: Data = Data()) -> str:
    """read the catalog and the data; report what is there"""
    return data.write(data.study().check())


@app.command
def warm() -> None:
    """compile what can be compiled ahead of the first use"""
    from analytics.study.warm import warm as compile_all

    compile_all()


@app.command
def fit(*, data: Data = Data()) -> str:
    """one model per source, kept in the work folder"""
    return data.write(fitted(data.study()).fit())


@app.command
def weigh(
    *, data: Data = Data(), persons: Persons = Persons(), weights: Weights = Weights()
) -> str:
    """the readings of one weighting"""
    study, cohort = data.study(weights.bureau), persons.read()
    weighting = weights.of(study)
    return data.write(fitted(study).weigh(weighting, cohort, persons.split))


@app.command
def value(
    *,
    data: Data = Data(),
    persons: Persons = Persons(),
    weights: Weights = Weights(),
    seed: Seed = 7,
    out: File = None,
) -> str:
    """what each source buys (default weights: learned)"""
    study, cohort = data.study(weights.bureau), persons.read()
    weighting = weights.of(study)
    if not weights.named:
        weighting = fitted(study).learned(weights.floor, weights.missing)
    answer = fitted(study).value_sources(weighting, cohort, persons.split, seed=seed, out=out)
    return data.write(answer)


@app.command
def explain(
    *,
    person: Annotated[str | None, Parameter(help="the id of a person")] = None,
    cohort: Annotated[Path | None, Parameter(help="a cohort as JSON")] = None,
    data: Data = Data(),
    weights: Weights = Weights(),
    out: Annotated[
        Path, Parameter(help="where a cohort's contributions go, one row per person")
    ] = Path("shap.parquet"),
    format: Annotated[
        Literal["table", "shap"],
        Parameter(help="shap: write what reads back into a shap.Explanation, of a person too"),
    ] = "table",
) -> str:
    """why a person has their score, or the contributions of a whole cohort"""
    if (person is None) == (cohort is None):
        raise WrongUsage("explain needs --person or --cohort, and not both")
    study, persons, shap = data.study(weights.bureau), read_cohort(cohort), format == "shap"
    weighting = weights.of(study)
    if person is None:
        answer = fitted(study).explain_cohort(persons, weighting, out=out, shap=shap)
    else:
        answer = fitted(study).explain_person(person, weighting, out=out if shap else None)
    return data.write(answer)


@app.command
def score(
    *,
    out: Annotated[Path, Parameter(help="where they go: Parquet, or CSV if the name ends in .csv")],
    cohort: Annotated[Path | None, Parameter(help="a cohort as JSON")] = None,
    data: Data = Data(),
    weights: Weights = Weights(),
    people: Annotated[
        Path | None,
        Parameter(
            help=(
                "the catalog of others to score, who need no outcome (default: the people of"
                " --catalog)"
            )
        ),
    ] = None,
    plain: Annotated[Flag, Parameter(help="points without reasons")] = False,
) -> str:
    """points and reasons of everybody, one row per person"""
    study, persons = data.study(weights.bureau), read_cohort(cohort)
    weighting = weights.of(study)
    answer = fitted(study).score_file(out, weighting, persons, people=people, reasons=not plain)
    return data.write(answer)


@app.command
def sweep(
    *,
    data: Data = Data(),
    persons: Persons = Persons(),
    scoring: Scoring = Scoring(),
    bureau: Annotated[
        str | None, Parameter(help="as this bureau of the catalog sees the people")
    ] = None,
    count: Annotated[Count, Parameter(help="weightings")] = 1000,
    accuracy: Annotated[
        str,
        Parameter(
            validator=_known_accuracy,
            help=f"what the frontier is of, beside coverage: {', '.join(shown('search'))}",
        ),
    ] = "auc_everyone",
    price: Annotated[Flag, Parameter(help="the frontier is of the price too")] = False,
    seed: Seed = 7,
    out: File = None,
) -> str:
    """many weightings, their readings, the frontier"""
    study, cohort = data.study(bureau), persons.read()
    answer = fitted(study).sweep_weights(
        scoring.floor,
        scoring.missing,
        cohort,
        persons.split,
        count=count,
        seed=seed,
        accuracy=accuracy,
        price=price,
        out=out,
    )
    return data.write(answer)
