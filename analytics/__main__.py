"""The command line: the headless twin of the pages."""

import argparse
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analytics import commands
from analytics.commands import Answer, say
from analytics.data.catalog import toml as catalog_toml
from analytics.data.catalog.model import Catalog
from analytics.data.disk import why
from analytics.data.refusal import Refusal
from analytics.data.shelf import root
from analytics.data.split import SPLITS
from analytics.metrics import shown
from analytics.stress.kind import SOURCE, Stress, options
from analytics.stress.kinds import KINDS
from analytics.weighing.weighting import MISSING


def main(words: list[str] | None = None) -> int:
    """Run one verb; 0 done, 1 the data were refused, 2 wrong usage."""
    asked = parser().parse_args(words)
    if asked.verb == "warm":
        commands.warm()
        return 0
    try:
        answer = finite(commands.init(asked) if asked.verb == "init" else VERBS[asked.verb](asked, catalog_toml.read(asked.catalog)))
        said = json.dumps(answer, ensure_ascii=False, allow_nan=False) if asked.json else "\n".join(lines(answer))
    except Refusal as error:
        say(str(error), sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("stopped; what was learned whole is kept", sys.stderr)
        return 130
    return _answered(said)


def _answered(said: str) -> int:
    """Write the answer; whoever has read enough of it may close the pipe, and a full disk is called so."""
    error = say(said, sys.stdout)
    if error is None or isinstance(error, BrokenPipeError):
        return 0
    say(f"cannot write the answer: {why(error)}; send it elsewhere", sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """The verbs and their options."""
    top = argparse.ArgumentParser("python -m analytics", description="Weighbridge without a browser.")
    verbs = top.add_subparsers(dest="verb", required=True)
    common, persons, which, many = _common(), _whom(), _weights(), _many()
    first = verbs.add_parser("init", parents=[_kept()], help="a first catalog for files, by guess")
    first.add_argument("files", type=Path, nargs="+", metavar="FILE", help="tables in one folder; the first or the one with the outcome holds the people")
    first.add_argument("--out", type=Path, help="the catalog to write (default: catalog.toml beside the first file)")
    first.add_argument("--outcome", default="", help="the column that says how people turned out (default: guessed)")
    first.add_argument("--bad", default="", help="its values that mean default, as in B,D (default: guessed)")
    first.add_argument("--id", default="", help="the column that says who somebody is, or row for the row number (default: guessed)")
    first.add_argument("--undecided", default="", help="values of the outcome of which nobody knows yet, as in Current: scored, not learned from")
    first.add_argument(
        "--missing", action="append", default=[], metavar="COLUMN=CODES", help="codes for missing of a column, as in late=96,98 or late= for none"
    )
    first.add_argument("--leave-out", action="append", default=[], metavar="[TABLE:]ROWS", help="rows that are nobody, such as totals, as in 1501,1502")
    first.add_argument("--once", action="append", default=[], metavar="[TABLE:]COLUMN", help="keep the first of rows that repeat a value of this column")
    first.add_argument("--many", action="append", default=[], metavar="TABLE", help="a table of many records a person, though few people have several")
    _reading(first)
    verbs.add_parser("check", parents=[common], help="read the catalog and the data; report what is there")
    verbs.add_parser("warm", help="compile what can be compiled ahead of the first use")
    verbs.add_parser("fit", parents=[common], help="one model per source, kept in the work folder")
    verbs.add_parser("weigh", parents=[common, persons, which], help="the readings of one weighting")
    verbs.add_parser("value", parents=[common, persons, which, many], help="what each source buys (default weights: learned)")
    why = verbs.add_parser("explain", parents=[common, _scoring(), which], help="why a person has their score, or the contributions of a whole cohort")
    whose = why.add_mutually_exclusive_group(required=True)
    whose.add_argument("--person", help="the id of a person")
    whose.add_argument("--cohort", type=Path, help="a cohort as JSON")
    why.add_argument("--out", type=Path, default=Path("shap.parquet"), help="where a cohort's contributions go, one row per person (default: %(default)s)")
    why.add_argument(
        "--format",
        choices=("table", "shap"),
        default="table",
        help="shap: write what reads back into a shap.Explanation, of a person too (default: %(default)s)",
    )
    scoring = verbs.add_parser("score", parents=[common, _scoring(), which], help="points and reasons of everybody, one row per person")
    scoring.add_argument("--out", type=Path, required=True, help="where they go: Parquet, or CSV if the name ends in .csv")
    scoring.add_argument("--cohort", type=Path, help="a cohort as JSON")
    scoring.add_argument("--people", type=Path, help="the catalog of others to score, who need no outcome (default: the people of --catalog)")
    scoring.add_argument("--plain", action="store_true", help="points without reasons")
    kinds = verbs.add_parser("stress", help="the readings of one weighting before something goes wrong and after it").add_subparsers(dest="kind", required=True)
    for word, noun in KINDS.items():
        _stress(kinds.add_parser(word, parents=[common, persons, which], help=(noun.__doc__ or "").partition("\n")[0]), noun)
    sweeping = verbs.add_parser("sweep", parents=[common, persons, many], help="many weightings, their readings, the frontier")
    sweeping.add_argument("--bureau", help="as this bureau of the catalog sees the people")
    sweeping.add_argument("--count", type=_count, default=1000, help="weightings (default: %(default)s)")
    sweeping.add_argument("--accuracy", choices=shown("search"), default="auc_everyone", help="what the frontier is of, beside coverage (default: %(default)s)")
    sweeping.add_argument("--price", action="store_true", help="the frontier is of the price too")
    return top


def _reading(first: argparse.ArgumentParser) -> None:
    """How files are read, where they do not say it; for one of several files as FILE:VALUE."""
    for key, told in READING.items():
        metavar = key.upper()
        first.add_argument(f"--{key}", action="append", default=[], metavar=metavar, help=told)


READING = {
    "encoding": "of a text file, such as cp1252 (default: found); of one file as in loans.csv:cp1252",
    "separator": "between the fields of a text file, such as ';' or tab (default: found)",
    "decimal": "point or comma of a text file (default: found)",
    "sheet": "of a workbook (default: the first that holds a table)",
    "header": "the line with the names of columns, such as 3, two such as 3-4, or none (default: found)",
    "types": "how a column is read, as in 'issued=%%d/%%m/%%Y', 'income=1.234,5' or 'code=text'; may be given again",
}


def _stress(parser: argparse.ArgumentParser, kind: type[Stress]) -> None:
    """The options of one kind of stress are its fields."""
    parser.add_argument("--source", required=True, help=SOURCE)
    for each in options(kind):
        if isinstance(each.usual, bool):
            parser.add_argument(f"--{each.name}", action="store_true", help=each.help)
        else:
            told = f"{each.help} (default: %(default)s)" if each.usual != "" else each.help
            parser.add_argument(f"--{each.name}", type=type(each.usual), default=each.usual, help=told)
    parser.add_argument("--upon", default="", help="what went wrong before, as in: consent device share=0.3; drift bank shift=0.2")
    parser.add_argument("--cutoff", type=_points, help="points from which a person is accepted (default: the first cutoff of the scale)")
    parser.add_argument("--curve", type=_count, help="read so many steps of its share, from none to all")
    parser.add_argument("--hold", action="store_true", help="search for the weights that hold under it")


def _common() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False, parents=[_kept()])
    options.add_argument("--catalog", default="sample_data/catalog.toml", help="the catalog file (default: %(default)s)")
    return options


def _kept() -> argparse.ArgumentParser:
    """Where what was learned is kept, and how answers are written."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--home", type=Path, default=root(), help="the work folder (default: WEIGHBRIDGE_HOME or .weighbridge)")
    options.add_argument("--json", action="store_true", help="one JSON object on stdout and nothing else there")
    return options


def _scoring() -> argparse.ArgumentParser:
    """When a person is scored."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--floor", type=float, default=0.4, help="least known share of the weight to be scored (default: %(default)s)")
    options.add_argument("--missing", choices=MISSING, default="neutral", help="what an absent source means (default: %(default)s)")
    return options


def _whom() -> argparse.ArgumentParser:
    """Whom to read, and when they are scored."""
    options = argparse.ArgumentParser(add_help=False, parents=[_scoring()])
    options.add_argument("--cohort", type=Path, help="a cohort as JSON")
    options.add_argument("--split", choices=SPLITS, default="test", help="the persons to read (default: %(default)s)")
    return options


def _weights() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    which = options.add_mutually_exclusive_group()
    which.add_argument("--weights", help="bureau=35,bank=25 (default: equal weights)")
    which.add_argument("--bureau", help="the weights of a bureau of the catalog, on the people and sources it sees")
    return options


def _many() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--seed", type=int, default=7, help="of what is drawn at random (default: %(default)s)")
    options.add_argument("--out", type=Path, help="keep all rows as this Parquet file")
    return options


def _points(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError("must be a number of points")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def finite(answer: Any) -> Any:
    """An answer in which a figure that there is none of, such as an interval of too few people, is None: JSON has no word for it."""
    if isinstance(answer, dict):
        return {key: finite(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [finite(value) for value in answer]
    return None if isinstance(answer, float) and not math.isfinite(answer) else answer


def lines(answer: Answer, indent: str = "") -> list[str]:
    """An answer for people: a line per figure, a table per list."""
    return [line for name, value in answer.items() for line in _lines(name.replace("_", " "), value, indent)]


def _lines(name: str, value: object, indent: str) -> list[str]:
    if isinstance(value, dict):
        return [f"{indent}{name}", *lines(value, indent + "  ")]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [f"{indent}{name}", *_table(value)]
    if isinstance(value, list) and any(len(str(v)) > LONG for v in value):
        return [f"{indent}{name}", *(f"{indent}  - {v}" for v in value)]
    return [f"{indent}{name:<20} {_text(value)}"]


LONG = 40  # letters of an item that gets a line of its own


def _table(rows: list[dict[str, object]]) -> list[str]:
    upright = [[n.replace("_", " ") for n in rows[0]], *([_text(v) for v in row.values()] for row in rows)]
    on_its_side = [list(column) for column in zip(*upright, strict=True)]
    drawn = _drawn(upright)
    return drawn if len(drawn[0]) <= WIDE else min(drawn, _drawn(on_its_side), key=lambda lines: len(lines[0]))


WIDE = 160  # letters of a line


def _drawn(cells: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


VERBS: dict[str, Callable[[argparse.Namespace, Catalog], Answer]] = {
    v: getattr(commands, v) for v in ("check", "fit", "weigh", "sweep", "value", "explain", "score", "stress")
}

if __name__ == "__main__":
    sys.exit(main())
