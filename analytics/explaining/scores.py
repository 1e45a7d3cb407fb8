"""What does everybody score, and why? Points and reasons of any number of people, a slice at a time: memory holds three slices, never everyone."""

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import BinaryIO

import numba as nb
import numpy as np
import polars as pl

from analytics.data import disk
from analytics.data.catalog import Bureau, Catalog
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.population import Population, unique_ids
from analytics.data.refusal import Refusal
from analytics.data.split import fold
from analytics.sources.design import Design
from analytics.sources.evidence import UNKNOWN, Evidence, Runs
from analytics.sources.model import SourceModel
from analytics.weighing.bureaus import Sight, seen, sight
from analytics.weighing.readings import Calibration
from analytics.weighing.weighting import Weighting

from . import tree_shap
from .explanation import Contribution, Explanation, Part, Scale, Statement, Value, Weighed, weigh
from .reasons import ALIKE, LEAST, MOST, NONE, NONE_ZH, say, unscored
from .records import Range, Ranges
from .slices import Slice, look_up, slices
from .tree_shap import Trees

BLOCK = 4096  # persons whose contributions stay in cache while the worst are looked for
HIGH, LOW, EVEN, ABSENT = range(4)  # the sides of a number, in the order of its sayings


@dataclass(frozen=True, slots=True, eq=False)
class Sayings:
    """Every reason there can be, numbered: what each feature says when its value is high, low, even or absent, or is this or that text.

    Attributes
    ----------
    texts, texts_zh : by number.
    first : the number of each feature's first saying, shape (features,).
    usual : the usual value of each feature, shape (features,), float32; NaN for a category.
    levels : how many texts each category has, shape (features,); -1 for a number.
    twins : pairs of features of one source that may say the same, the earlier first.
    alike : by number, the number of the first saying with the same English text.
    """

    texts: tuple[str, ...]
    texts_zh: tuple[str, ...]
    first: np.ndarray
    usual: np.ndarray
    levels: np.ndarray
    twins: tuple[tuple[int, int], ...]
    alike: np.ndarray

    def of(self, features: np.ndarray | int, values: np.ndarray) -> np.ndarray:
        """The numbers of what features say at these values."""
        usual, levels = self.usual[features], self.levels[features]
        sides = np.where(values > usual, HIGH, np.where(values < usual, LOW, np.where(np.isnan(values), ABSENT, EVEN)))
        codes = np.where(np.isnan(values), levels, np.nan_to_num(values).astype(np.int64))
        return np.asarray(self.first[features] + np.where(levels < 0, sides, codes))


def sayings(catalog: Catalog, models: Sequence[SourceModel], ranges: Ranges) -> Sayings:
    """Every reason that features of these models can be, in the words of `reasons.say`."""
    told = [(catalog.source(m.key), f, ranges[m.key, f.name], m.categories.get(f.name)) for m in models for f in m.features]
    said = [[say(Contribution(source, f, value, 0.0), ranges) for value in _values(usual, texts)] for source, f, usual, texts in told]
    pairs = [pair for own in said for pair in own]
    english, owners = [text for text, _ in pairs], [source.key for source, *_ in told]
    spoken = [{text for text, _ in own} for own in said]
    first: dict[str, int] = {}
    return Sayings(
        texts=tuple(english),
        texts_zh=tuple(text for _, text in pairs),
        first=np.cumsum([0, *map(len, said)])[:-1],
        usual=np.array([np.nan if texts is not None else usual.usual for _, _, usual, texts in told], np.float32),
        levels=np.array([-1 if texts is None else len(texts) for *_, texts in told]),
        twins=tuple((i, j) for i, j in combinations(range(len(told)), 2) if owners[i] == owners[j] and spoken[i] & spoken[j]),
        alike=np.array([first.setdefault(text, number) for number, text in enumerate(english)]),
    )


def _values(usual: Range, texts: tuple[str, ...] | None) -> tuple[Value, ...]:
    """A value of every kind that says something of its own."""
    if texts is not None:
        return (*texts, None)
    even = None if np.isnan(usual.usual) else usual.usual  # where nobody has a value no tree asks for one, so it is never a reason
    return (np.inf, -np.inf, even, None)


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """All that a score depends on but the person.

    Attributes
    ----------
    trees : the tables of SHAP values by the `id` of their booster, one per turn of a model; None where a booster has none.
    base_rate : the default rate that the evidence is measured from, as in `Evidence`.
    sayings : every reason there can be; None where no reasons are asked for.
    bureau : who scores, if not all silos see everybody.
    """

    catalog: Catalog
    models: tuple[SourceModel, ...]
    trees: Mapping[int, Trees | None]
    base_rate: float
    weighting: Weighting
    calibration: Calibration
    scale: Scale
    sayings: Sayings | None = None
    bureau: Bureau | None = None


def scorer(
    catalog: Catalog,
    models: Sequence[SourceModel],
    base_rate: float,
    weighting: Weighting,
    calibration: Calibration,
    scale: Scale,
    *,
    ranges: Ranges | None = None,
    bureau: Bureau | None = None,
) -> Scorer:
    """Work out, once for everybody, what scoring needs.

    Parameters
    ----------
    models : one per source, in catalog order.
    ranges : what is usual for each feature; without it no reasons are given.
    """
    trees = {id(turn.booster): tree_shap.compile_trees(turn.booster) for model in models for turn in model.turns}
    words = None if ranges is None else sayings(catalog, models, ranges)
    return Scorer(catalog, tuple(models), trees, base_rate, weighting, calibration, scale, words, bureau)


def scores(population: Population, by: Scorer, folder: Path, *, cohort: Cohort = EVERYONE, most: int = 0) -> Iterator[pl.DataFrame]:
    """Score everybody of a population, by ascending id: while a slice is scored, the next is read.

    Parameters
    ----------
    population : the people the models were fitted on, or others of whom the same sources tell.
    folder : where tables that are not in the order of ids are rewritten, if there are many people.
    most : persons per slice; by default as many as fit into some hundred megabytes.

    Yields
    ------
    DataFrame
        One row per person: `person`, `points`, `probability`, `log_odds` (Float64; null if not scored), `reach`, `scored`; with reasons also `reason_1` to
        `reason_4`, the most harmful first, and `reason`: what is said where there are none; each with its Chinese twin, `reason_1_zh`.

    Raises
    ------
    Refusal
        If an id is missing or stands twice, or the sources have other features than the models.
    """
    _suits(population, by)
    with ThreadPoolExecutor(1) as pool:
        ahead: Future[_Records] | None = None
        for part in slices(population, folder, most=most):
            read, ahead = ahead, pool.submit(_read, part, by, cohort)
            if read is not None:
                yield _scored(read.result(), by)
        if ahead is not None:
            yield _scored(ahead.result(), by)


def _suits(population: Population, by: Scorer) -> None:
    """Refuse people of whom other sources tell than the models were fitted on."""
    for model in by.models:
        mine, theirs = [f.name for f in model.features], [f.name for f in population.features.get(model.key, ())]
        if mine != theirs:
            raise Refusal(
                f"source {model.key!r} of {population.catalog.path} has the columns {', '.join(theirs) or 'none'}, "
                f"but its model was fitted on {', '.join(mine)}; give it the same, in this order"
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Records:
    """Some people, with `row`, `person` and the unknown `defaulted`, what each source holds of them, and whom the bureau may see."""

    who: pl.DataFrame
    designs: tuple[Design, ...]
    sight: Sight | None


def _read(part: Slice, by: Scorer, cohort: Cohort) -> _Records:
    who, held = _who(part, cohort, turns=any(m.others for m in by.models)), part.read()
    designs = tuple(look_up(held, who, part.catalog.source(m.key), m.categories) for m in by.models)
    return _Records(who, designs, sight(part, by.bureau) if by.bureau else None)


def _who(part: Slice, cohort: Cohort, *, turns: bool) -> pl.DataFrame:
    told = part.catalog.people
    everyone = part.table(told.table).with_row_index("row").select("row", part.id_of().alias("person")).collect()
    unique_ids(everyone["person"].alias(told.id), told.table)
    who = everyone.join(part.collect(cohort, ["row"]), on="row", how="semi", maintain_order="left") if cohort.conditions else everyone
    return who.with_columns(pl.lit(None, pl.Boolean).alias("defaulted"), *([fold(who["person"])] if turns else []))


def _scored(read: _Records, by: Scorer) -> pl.DataFrame:
    parts = tuple(_part(design, model, by) for design, model in zip(read.designs, by.models, strict=True))
    persons = _evidence(read, parts, by)
    weighed = weigh(Explanation(parts), persons, by.weighting, by.calibration)
    told = {
        "points": by.scale.points(weighed.log_odds),
        "probability": (1 + np.tanh(weighed.log_odds / 2)) / 2,
        "log_odds": weighed.log_odds,
        "reach": by.weighting.reach(persons.known),
    }
    columns = [persons.people["person"], *(pl.Series(name, column, nan_to_null=True) for name, column in told.items())]
    frame = pl.DataFrame([*columns, pl.Series("scored", ~np.isnan(weighed.log_odds)), *(reasons_of_all(weighed, by.scale, by.sayings) if by.sayings else [])])
    return frame if frame["person"].is_sorted() else frame.sort("person")


def _part(design: Design, model: SourceModel, by: Scorer) -> Part:
    """What a source's model makes of the people it knows, by tables worked out before."""
    shap, base, exact_by = np.empty(design.matrix.shape, np.float32), np.zeros(len(design.rows)), "tables"
    for turn, mine in model.asked(design) if len(design.rows) else ():
        trees, start = by.trees[id(turn.booster)], turn.start(by.base_rate)
        if trees is None:
            found = tree_shap.explain(turn.booster, design.matrix[mine], design.types)
            shap[mine], base[mine], exact_by = found.values, found.base - start, "xgboost"
        else:
            shap[mine], base[mine] = tree_shap.shap_values(trees, design.matrix[mine]), trees.base - start
    return Part(design, shap, base, exact_by)


def _evidence(read: _Records, parts: Sequence[Part], by: Scorer) -> Evidence:
    """What the sources add about some people, each a run by themselves: to line them up would take longer than to weigh them."""
    rows = read.who["row"].to_numpy()
    places = np.zeros(int(rows.max(initial=0)) + 1, np.int64)
    places[rows] = np.arange(len(rows))
    added = np.full((len(rows), len(parts)), np.nan, np.float32, order="F")
    for s, part in enumerate(parts):
        added[places[part.design.rows], s] = _added(part)
    runs = Runs(np.arange(len(rows) + 1), ~np.isnan(added), np.full(len(rows), UNKNOWN, np.int8))
    whole = Evidence(by.catalog, read.who, added, by.base_rate, np.zeros((len(parts), 2)), runs)
    return whole if read.sight is None else seen(whole, [read.sight])


def _added(part: Part) -> np.ndarray:
    """Base and SHAP values of each person together; one feature after another, so that a person alone gets the same bits as in a crowd."""
    total = part.base.copy()
    for column in part.shap.T:
        total += column
    return total


def reasons_of_all(weighed: Weighed, scale: Scale, words: Sayings) -> list[pl.Series]:
    """The reasons of everybody, the same as `reasons.reasons` gives one person, and what is said where there are none, as columns of text."""
    blocks = [slice(first, min(first + BLOCK, len(weighed.persons))) for first in range(0, len(weighed.persons), BLOCK)]
    worst = np.concatenate([_worst(weighed, scale, words, chosen) for chosen in blocks]) if blocks else np.zeros((0, MOST), int)
    said = [pl.Series([*texts, None], dtype=pl.Enum(sorted(set(texts)))) for texts in (words.texts, words.texts_zh)]  # none, -1, is the last
    columns = [
        column.gather(np.where(worst[:, k] < 0, len(words.texts), worst[:, k])).alias(f"reason_{k + 1}{suffix}")
        for column, suffix in zip(said, ("", "_zh"), strict=True)
        for k in range(MOST)
    ]
    return [*columns, *_instead(weighed, nothing=worst[:, 0] < 0)]


def _worst(weighed: Weighed, scale: Scale, words: Sayings, chosen: slice) -> np.ndarray:
    """The numbers of what is said of a block of persons, as `reasons.reasons` says it, the most harmful first; shape (persons, 4), -1 for none."""
    harm, speakers = np.zeros((chosen.stop - chosen.start, len(weighed.columns))), _speakers(weighed, chosen)
    for speaker in speakers:
        _lay(speaker.times, speaker.shap, speaker.index, speaker.at, harm[:, speaker.columns])
    for first, later in words.twins:
        said = [words.alike[words.of(f, _values_of(speakers, f, len(harm)))] for f in (first, later)]
        same = (harm[:, first] > 0) & (harm[:, later] > 0) & (said[0] == said[1])
        harm[same, first] += harm[same, later]
        harm[same, later] = 0
    features = _choose(harm, scale.factor)
    values = np.full(features.shape, np.nan, np.float32)
    for speaker in speakers:
        _look(features - speaker.columns.start, speaker.matrix, speaker.index, speaker.at, values)
    return np.where(features < 0, -1, words.of(features, values))


@dataclass(frozen=True, slots=True, eq=False)
class _Speaker:
    """A voice's part in a block of persons: which of them, where they stand in its design, and which of all features are its own."""

    at: np.ndarray
    index: np.ndarray
    times: np.ndarray
    shap: np.ndarray
    matrix: np.ndarray
    columns: slice


def _speakers(weighed: Weighed, chosen: slice) -> list[_Speaker]:
    speakers, column = [], 0
    for voice in weighed.voices:
        mine, design = slice(*np.searchsorted(voice.at, (chosen.start, chosen.stop))), voice.part.design
        own = slice(column, column + len(design.features))
        speakers.append(_Speaker(voice.at[mine] - chosen.start, voice.index[mine], voice.times[mine], voice.part.shap, design.matrix, own))
        column = own.stop
    return speakers


def _values_of(speakers: Sequence[_Speaker], feature: int, persons: int) -> np.ndarray:
    """One feature's values for a block of persons; NaN where its source does not speak."""
    values = np.full(persons, np.nan, np.float32)
    speaker = next(s for s in speakers if s.columns.start <= feature < s.columns.stop)
    values[speaker.at] = speaker.matrix[speaker.index, feature - speaker.columns.start]
    return values


@nb.njit(cache=True, nogil=True)
def _lay(times, shap, index, at, harm):  # type: ignore[no-untyped-def]
    """By how much each feature of a source raises the log-odds of whom it speaks for, into their rows."""
    for i in range(len(at)):
        for f in range(shap.shape[1]):
            harm[at[i], f] = max(times[i] * shap[index[i], f], 0.0)


@nb.njit(cache=True, nogil=True)
def _look(features, matrix, index, at, values):  # type: ignore[no-untyped-def]
    """The values of those of the chosen features that are a source's own."""
    for i in range(len(at)):
        for place in range(features.shape[1]):
            f = features[at[i], place]
            if 0 <= f < matrix.shape[1]:
                values[at[i], place] = matrix[index[i], f]


@nb.njit(cache=True, nogil=True)
def _choose(harm, factor):  # type: ignore[no-untyped-def]
    """The features that took most points from each person, the most harmful first, as `reasons` orders them; shape (persons, 4), -1 for none."""
    chosen = np.full((len(harm), MOST), -1)
    names, points = np.empty(harm.shape[1], np.int64), np.empty(harm.shape[1])
    for i in range(len(harm)):
        many, place = 0, 0
        for f in range(harm.shape[1]):
            if factor * harm[i, f] >= LEAST:
                names[many], points[many] = f, factor * harm[i, f]
                many += 1
        while place < min(MOST, many):
            bar = points[:many].max() - ALIKE
            for j in range(many):
                if points[j] >= bar and points[j] > 0 and place < MOST:
                    chosen[i, place], points[j] = names[j], 0.0
                    place += 1
    return chosen


def _instead(weighed: Weighed, *, nothing: np.ndarray) -> list[pl.Series]:
    """What is said in place of reasons, in English and Chinese: why there is no score, or that nothing lowered it; null where there are reasons."""
    nobody = np.flatnonzero(np.isnan(weighed.log_odds))
    known = weighed.persons.known[nobody]
    bits = np.ascontiguousarray(np.packbits(known, axis=1))
    _, one, which = np.unique(bits.view(f"V{bits.shape[1]}").ravel(), return_index=True, return_inverse=True)
    told = [(None, None), (NONE, NONE_ZH), *(unscored(_unscored(weighed, row)) for row in known[one])]
    number = nothing.astype(np.uint32)
    number[nobody] = which + 2
    return [pl.Series(name, texts, pl.String).gather(number) for name, texts in zip(("reason", "reason_zh"), zip(*told, strict=True), strict=True)]


def _unscored(weighed: Weighed, known: np.ndarray) -> Statement:
    """The statement of a person who is not scored and whom these sources know."""
    weighting = weighed.weighting
    sources = [(v.source, k) for v, k in zip(weighed.voices, known, strict=True) if weighting.shares[v.source.key] > 0]
    present, absent = (tuple(s for s, k in sources if bool(k) is wanted) for wanted in (True, False))
    return Statement("", weighting, np.nan, np.nan, (), present, absent, float(weighting.reach(known[None])[0]))


@dataclass(frozen=True, slots=True)
class Written:
    """How many persons a file of scores holds, how many of them are scored, and their mean points; NaN if nobody is."""

    persons: int
    scored: int
    mean_points: float


def write(frames: Iterable[pl.DataFrame], path: Path) -> Written:
    """Keep scores as CSV, if the name ends so, else as Parquet; under their name only once they are complete.

    In a CSV, texts that a spreadsheet would take for a formula get an apostrophe in front.

    Raises
    ------
    Refusal
        If the file cannot be written, or there is nobody to score.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            passed = (_csv if path.suffix.lower() == ".csv" else _parquet)(frames, file)
            counts = [(len(f), int(f["scored"].sum()), math.fsum(f["points"].drop_nulls())) for f in passed]
        persons, scored, points = map(sum, zip(*counts, strict=True))
        if not persons:
            raise Refusal("there is nobody to score; choose a wider cohort")
        disk.move(draft, path)
    except OSError as error:
        raise Refusal(f"cannot write {path}: {error.strerror or 'no such folder'}; name another file with --out") from None
    finally:
        draft.unlink(missing_ok=True)
    return Written(int(persons), int(scored), points / scored if scored else math.nan)


def _parquet(frames: Iterable[pl.DataFrame], file: BinaryIO) -> Iterator[pl.DataFrame]:
    """Write frames as one Parquet table, a row group each, and pass them on."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - a tenth of a second, and only this needs it

    writer = None
    for frame in frames:
        table = frame.to_arrow()
        writer = writer or pq.ParquetWriter(file, table.schema, compression="lz4", use_dictionary=_repeated(frame), store_schema=False)
        writer.write_table(table)
        yield frame
    if writer:
        writer.close()


def _repeated(frame: pl.DataFrame) -> list[str]:
    """The columns in which few texts stand again and again."""
    return [name for name in frame.columns if name.startswith("reason")]


def _csv(frames: Iterable[pl.DataFrame], file: BinaryIO) -> Iterator[pl.DataFrame]:
    """Write frames as one CSV table, and pass them on."""
    for number, frame in enumerate(frames):
        frame.with_columns(disk.harmless(pl.col(name).cast(pl.String)) for name, kind in frame.schema.items() if kind in (pl.String, pl.Enum)).write_csv(
            file, include_header=not number, include_bom=not number
        )
        yield frame
