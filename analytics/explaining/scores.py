"""What does everybody score, and why? Points and reasons of any number of people, a slice per core
at a time: memory holds some slices, never everyone."""

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import BinaryIO

import numba as nb
import numpy as np
import polars as pl

from analytics.data import disk
from analytics.data.catalog.model import Bureau, Catalog, Feature
from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.population import Population, textual, unique_ids
from analytics.data.refusal import Refusal
from analytics.data.split import fold
from analytics.sources.design import NEVER, Design
from analytics.sources.evidence import UNKNOWN, Evidence, Runs
from analytics.sources.forest import Forest
from analytics.sources.model import SourceModel
from analytics.weighing import tally
from analytics.weighing.bureaus import Sight, seen, sight
from analytics.weighing.readings import Calibration
from analytics.weighing.weighting import Weighting

from . import tree_shap
from .explanation import (
    NEVER_SEEN,
    Contribution,
    Explanation,
    Scale,
    SourceShap,
    Statement,
    Value,
    Weighed,
    weigh,
)
from .reasons import ALIKE, LEAST, MOST, NONE, NONE_ZH, say, unscored
from .records import Range, Ranges
from .slices import Slice, look_up, slices
from .tree_shap import Trees

BLOCK = 4096  # persons whose contributions stay in cache while the worst are looked for
SIDE = (
    4  # slices scored side by side, at most, each on a core of its own: more would take more memory
)
SEVERAL = "; "  # between names in one cell
HIGH, LOW, EVEN, ABSENT = range(4)  # the sides of a number, in the order of its sayings


@dataclass(frozen=True, slots=True, eq=False)
class Sayings:
    """Every reason there can be, numbered: what each feature says when its value is high, low, even
    or absent, or is this or that text.

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
        """The numbers of what features say at these values; -1 where there is no feature."""
        names = np.broadcast_to(features, values.shape)
        return _number(names.ravel(), values.ravel(), self.first, self.usual, self.levels).reshape(
            values.shape
        )


def sayings(catalog: Catalog, models: Sequence[SourceModel], ranges: Ranges) -> Sayings:
    """Every reason that features of these models can be, in the words of `reasons.say`."""
    told = [
        (catalog.source(m.key), f, ranges[m.key, f.name], m.categories.get(f.name))
        for m in models
        for f in m.features
    ]
    said = [
        [say(Contribution(source, f, value, 0.0), ranges) for value in _values(usual, texts)]
        for source, f, usual, texts in told
    ]
    pairs = [pair for own in said for pair in own]
    english, owners = [text for text, _ in pairs], [source.key for source, *_ in told]
    spoken = [{text for text, _ in own} for own in said]
    first: dict[str, int] = {}
    return Sayings(
        texts=tuple(english),
        texts_zh=tuple(text for _, text in pairs),
        first=np.cumsum([0, *map(len, said)])[:-1],
        usual=np.array(
            [np.nan if texts is not None else usual.usual for _, _, usual, texts in told],
            np.float32,
        ),
        levels=np.array([-1 if texts is None else len(texts) for *_, texts in told]),
        twins=tuple(
            (i, j)
            for i, j in combinations(range(len(told)), 2)
            if owners[i] == owners[j] and spoken[i] & spoken[j]
        ),
        alike=np.array([first.setdefault(text, number) for number, text in enumerate(english)]),
    )


def _values(usual: Range, texts: tuple[str, ...] | None) -> tuple[Value, ...]:
    """A value of every kind that says something of its own."""
    if texts is not None:
        return (*texts, None, NEVER_SEEN)
    # where nobody has a value no tree asks for one, so it is never a reason
    even = None if np.isnan(usual.usual) else usual.usual
    return (np.inf, -np.inf, even, None)


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """All that a score depends on but the person.

    Attributes
    ----------
    trees : the tables of margins and SHAP values of each forest, one per turn of a model; None
        where it has none.
    base_rate : the default rate that the evidence is measured from, as in `Evidence`.
    sayings : every reason there can be; None where no reasons are asked for.
    bureau : who scores, if not all silos see everybody.
    """

    catalog: Catalog
    models: tuple[SourceModel, ...]
    trees: Mapping[Forest, Trees | None]
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
    trees = {
        turn.forest: tree_shap.compile_trees(turn.forest)
        for model in models
        for turn in model.turns
    }
    words = None if ranges is None else sayings(catalog, models, ranges)
    return Scorer(
        catalog, tuple(models), trees, base_rate, weighting, calibration, scale, words, bureau
    )


def scores(
    population: Population, by: Scorer, folder: Path, *, cohort: Cohort = EVERYONE, most: int = 0
) -> Iterator[pl.DataFrame]:
    """Score everybody of a population, by ascending id, some slices side by side.

    Parameters
    ----------
    population : the people the models were fitted on, or others of whom the same sources tell.
    folder : where tables that are not in the order of ids are rewritten, if there are many people.
    most : persons per slice; by default as many as fit into some hundred megabytes.

    Yields
    ------
    DataFrame
        One row per person: `person`, `points`, `probability`, `log_odds` (Float64; null if not
        scored), `reach`, `scored`; `unseen`: which features of
        weighted sources hold a text that no model saw, as ``source.feature``, and so are read as
        missing (null where none does); with reasons also
        `reason_1` to `reason_4`, the most harmful first, and `reason`: what is said where there are
        none; each with its Chinese twin, `reason_1_zh`.

    Raises
    ------
    Refusal
        If an id is missing or stands twice, or a source lacks a column that its model was fitted
        on.
    """
    population = _suited(population, by)
    # XGBoost's own values are not for several threads
    many = 1 if None in by.trees.values() else min(nb.get_num_threads(), SIDE)
    with ThreadPoolExecutor(many) as pool:
        ahead: deque[Future[pl.DataFrame]] = deque()
        for part in slices(population, folder, most=most):
            ahead.append(pool.submit(_scored, part, by, cohort))
            if len(ahead) > many:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _suited(population: Population, by: Scorer) -> Population:
    """The people with the features that the models were fitted on.

    Raises
    ------
    Refusal
        If a column of them is not there, or holds something else than the models were fitted on.
    """
    for model in by.models:
        here = [f.name for f in population.features.get(model.key, ())]
        lacking = [f.name for f in model.features if f.name not in here]
        if lacking:
            raise Refusal(
                f"source {model.key!r} of {population.catalog.path} has no column "
                f"{lacking[0]!r}, which its model was fitted on; "
                f"it has: {', '.join(here) or 'none'}; give it one, empty where nothing is known"
            )
        for feature in model.features:
            _alike(population, model, feature)
    return replace(population, features={m.key: m.features for m in by.models})


def _alike(population: Population, model: SourceModel, feature: Feature) -> None:
    """Refuse texts where the model was fitted on numbers, and numbers of which it knows none where
    it was fitted on texts."""
    table = population.table_of(population.catalog.source(model.key))
    dtype = population.schemas[table][feature.name]
    known = model.categories.get(feature.name)
    values = pl.col(feature.name)
    texts = textual(dtype)
    if dtype == pl.Null or texts == (known is not None):
        return
    fits = pl.lit(value=False) if texts else values.cast(pl.String).is_in(known or ())
    if (
        population.table(table)
        .select(values.is_not_null().any() & fits.any().not_())
        .collect()
        .item()
    ):
        held, wanted = ("texts", "numbers") if texts else ("numbers", "other texts")
        raise Refusal(
            f"{table}: column {feature.name!r} of source {model.key!r} holds {held}, but its "
            f"model was fitted on {wanted}; "
            f"give it {wanted}, or say under [tables] how the column is read"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Records:
    """Some people, with `row`, `person` and the unknown `defaulted`, what each source holds of
    them, and whom the bureau may see."""

    who: pl.DataFrame
    designs: tuple[Design, ...]
    sight: Sight | None


def _read(part: Slice, by: Scorer, cohort: Cohort) -> _Records:
    who = _who(part, cohort, turns=any(m.others for m in by.models))
    return _Records(
        who, look_up(part, who, by.models), sight(part, by.bureau) if by.bureau else None
    )


def _who(part: Slice, cohort: Cohort, *, turns: bool) -> pl.DataFrame:
    told = part.catalog.people
    everyone = (
        part.table(told.table)
        .with_row_index("row")
        .select("row", part.id_of().alias("person"))
        .collect()
    )
    unique_ids(everyone["person"].alias(told.id), told.table)
    who = (
        everyone.join(part.collect(cohort, ["row"]), on="row", how="semi", maintain_order="left")
        if cohort.conditions
        else everyone
    )
    return who.with_columns(
        pl.lit(None, pl.Boolean).alias("defaulted"), *([fold(who["person"])] if turns else [])
    )


def _scored(part: Slice, by: Scorer, cohort: Cohort) -> pl.DataFrame:
    read = _read(part, by, cohort)
    said = [_said(design, model, by) for design, model in zip(read.designs, by.models, strict=True)]
    persons = _evidence(read, [added for added, _ in said], by)
    weighed = (
        weigh(Explanation(tuple(part for _, part in said)), persons, by.weighting, by.calibration)
        if by.sayings
        else None
    )
    log_odds = (
        weighed.log_odds if weighed else by.calibration.log_odds(tally.weigh(persons, by.weighting))
    )
    told = {
        "points": by.scale.points(log_odds),
        "probability": (1 + np.tanh(log_odds / 2)) / 2,
        "log_odds": log_odds,
        "reach": by.weighting.reach(persons.known),
    }
    columns = [
        persons.people["person"],
        *(pl.Series(name, column, nan_to_null=True) for name, column in told.items()),
    ]
    reasons = reasons_of_all(weighed, by.scale, by.sayings) if weighed and by.sayings else []
    frame = pl.DataFrame(
        [
            *columns,
            pl.Series("scored", ~np.isnan(log_odds)),
            _unseen(read, persons.people["row"], by),
            *reasons,
        ]
    )
    return frame if frame["person"].is_sorted() else frame.sort("person")


def _said(design: Design, model: SourceModel, by: Scorer) -> tuple[np.ndarray, SourceShap]:
    """What a source adds about the people it knows, as `SourceModel.said`, and with reasons each
    feature's part in it; by tables worked out before."""
    added = np.empty(len(design.rows), np.float32)
    base = np.zeros(len(design.rows))
    exact_by = "tables"
    shap = np.empty(design.matrix.shape if by.sayings else (0, len(design.features)), np.float32)
    for turn, mine in model.asked(design):
        trees, start = by.trees[turn.forest], turn.start(by.base_rate)
        if trees is None:
            added[mine], exact_by = turn.said(design, by.base_rate)[mine], "shap"
            if by.sayings:
                found = tree_shap.explain(turn.forest, design.matrix[mine], design.types)
                shap[mine], base[mine] = found.values, found.base - start
        elif by.sayings:
            margins, shap[mine] = tree_shap.margins_and_values(trees, design.matrix[mine])
            added[mine], base[mine] = margins - start, trees.base - start
        else:
            added[mine] = tree_shap.margins(trees, design.matrix[mine]) - start
    return added, SourceShap(design, shap, base, exact_by)


def _unseen(read: _Records, rows: pl.Series, by: Scorer) -> pl.Series:
    """In which features the persons of these rows have a text that no model saw, as one text; null
    where in none."""
    spoken = [d for d in read.designs if by.weighting.shares[d.source.key] > 0]
    found = [
        pl.DataFrame({"row": d.rows[at], "unseen": [f"{d.source.key}.{name}"] * len(at)})
        for d in spoken
        for name, at in d.unseen.items()
    ]
    if not found:
        return pl.Series("unseen", [None] * len(rows), pl.String)
    names = (
        pl.concat(found)
        .group_by("row", maintain_order=True)
        .agg(pl.col("unseen").str.join(SEVERAL))
    )
    return (
        rows.cast(names.schema["row"])
        .to_frame()
        .join(names, on="row", how="left", maintain_order="left")["unseen"]
    )


def _evidence(read: _Records, said: Sequence[np.ndarray], by: Scorer) -> Evidence:
    """What the sources add about some people, each a run by themselves: to line them up would take
    longer than to weigh them."""
    rows = read.who["row"].to_numpy()
    places = np.zeros(int(rows.max(initial=0)) + 1, np.int64)
    places[rows] = np.arange(len(rows))
    added = np.full((len(rows), len(said)), np.nan, np.float32, order="F")
    for s, (design, mine) in enumerate(zip(read.designs, said, strict=True)):
        added[places[design.rows], s] = mine
    runs = Runs(np.arange(len(rows) + 1), ~np.isnan(added), np.full(len(rows), UNKNOWN, np.int8))
    whole = Evidence(by.catalog, read.who, added, by.base_rate, np.zeros((len(said), 2)), runs)
    return whole if read.sight is None else seen(whole, [read.sight])


def reasons_of_all(weighed: Weighed, scale: Scale, words: Sayings) -> list[pl.Series]:
    """The reasons of everybody, the same as `reasons.reasons` gives one person, and what is said
    where there are none, as columns of text."""
    blocks = [
        slice(first, min(first + BLOCK, len(weighed.persons)))
        for first in range(0, len(weighed.persons), BLOCK)
    ]
    worst = (
        np.concatenate([_worst(weighed, scale, words, chosen) for chosen in blocks])
        if blocks
        else np.zeros((0, MOST), int)
    )
    # none, -1, is the last
    said = [
        pl.Series([*texts, None], dtype=pl.Enum(sorted(set(texts))))
        for texts in (words.texts, words.texts_zh)
    ]
    columns = [
        column.gather(np.where(worst[:, k] < 0, len(words.texts), worst[:, k])).alias(
            f"reason_{k + 1}{suffix}"
        )
        for column, suffix in zip(said, ("", "_zh"), strict=True)
        for k in range(MOST)
    ]
    return [*columns, *_instead(weighed, nothing=worst[:, 0] < 0)]


def _worst(weighed: Weighed, scale: Scale, words: Sayings, chosen: slice) -> np.ndarray:
    """The numbers of what is said of a block of persons, as `reasons.reasons` says it, the most
    harmful first; shape (persons, 4), -1 for none."""
    shape = (chosen.stop - chosen.start, len(weighed.columns) + 1)
    speakers = _speakers(weighed, chosen)
    names, points, many = np.empty(shape, np.int16), np.empty(shape), np.zeros(shape[0], np.int64)
    for speaker in speakers:
        _note(
            _harm(speaker, words),
            scale.factor,
            speaker.at,
            speaker.columns.start,
            names,
            points,
            many,
        )
    features = _choose(names, points, many)
    values = np.full(features.shape, np.nan, np.float32)
    for speaker in speakers:
        _look(features - speaker.columns.start, speaker.matrix.T, speaker.index, speaker.at, values)
        for f, never in speaker.unseen.items():
            theirs = speaker.at[never]
            values[theirs] = np.where(
                features[theirs] == speaker.columns.start + f, np.float32(NEVER), values[theirs]
            )
    return words.of(features, values)


@dataclass(frozen=True, slots=True, eq=False)
class _Speaker:
    """A source's part in a block of persons: which of them, where they stand in its design, and
    which of all features are its own.

    `unseen` says of a feature, by its place, for which of them the value is one that the model
    never saw.
    """

    at: np.ndarray
    index: np.ndarray
    times: np.ndarray
    shap: np.ndarray
    matrix: np.ndarray
    columns: slice
    unseen: Mapping[int, np.ndarray]

    def values(self, f: int) -> np.ndarray:
        """What a feature of its own is for each of them; `NEVER` where the model never saw it."""
        found = self.matrix[self.index, f]
        if f in self.unseen:
            found[self.unseen[f]] = NEVER
        return found


def _speakers(weighed: Weighed, chosen: slice) -> list[_Speaker]:
    speakers, column = [], 0
    for contribution in weighed.contributions:
        mine = slice(*np.searchsorted(contribution.at, (chosen.start, chosen.stop)))
        design = contribution.explained.design
        own = slice(column, column + len(design.features))
        index = contribution.index[mine]
        never = {
            f: np.flatnonzero(np.isin(index, design.unseen[x.name]))
            for f, x in enumerate(design.features)
            if x.name in design.unseen
        }
        speakers.append(
            _Speaker(
                contribution.at[mine] - chosen.start,
                index,
                contribution.times[mine],
                contribution.explained.shap,
                design.matrix,
                own,
                never,
            )
        )
        column = own.stop
    return speakers


def _harm(speaker: _Speaker, words: Sayings) -> np.ndarray:
    """By how much each feature of a source raises the log-odds of whom it speaks for; of features
    that say the same, the first has it all."""
    harm, own = _raised(speaker.times, speaker.shap, speaker.index), speaker.columns
    for twins in words.twins:
        if own.start <= twins[0] < own.stop:
            first, later = (f - own.start for f in twins)
            said = [words.alike[words.of(f, speaker.values(f - own.start))] for f in twins]
            same = (harm[:, first] > 0) & (harm[:, later] > 0) & (said[0] == said[1])
            harm[same, first] += harm[same, later]
            harm[same, later] = 0
    return harm


@nb.njit(cache=True, nogil=True)
def _raised(times, shap, index):  # type: ignore[no-untyped-def]
    """By how much each feature raises the log-odds of the persons at these places."""
    harm = np.empty((len(index), shap.shape[1]))
    for i in range(len(index)):
        for f in range(shap.shape[1]):
            harm[i, f] = max(times[i] * shap[index[i], f], 0.0)
    return harm


@nb.njit(cache=True, nogil=True)
def _note(harm, factor, at, start, names, points, many):  # type: ignore[no-untyped-def]
    """The features that took enough points from each person, into their rows."""
    for i in range(len(at)):
        row, place = at[i], many[at[i]]
        for f in range(
            harm.shape[1]
        ):  # noted first and kept if it is enough: a processor would guess wrong too often
            names[row, place], points[row, place] = start + f, factor * harm[i, f]
            place += points[row, place] >= LEAST
        many[row] = place


@nb.njit(cache=True, nogil=True)
def _look(features, lines, index, at, values):  # type: ignore[no-untyped-def]
    """The values of those of the chosen features that are a source's own; `lines` are the columns
    of its matrix."""
    for i in range(len(at)):
        for place in range(features.shape[1]):
            f = features[at[i], place]
            if 0 <= f < len(lines):
                values[at[i], place] = lines[f, index[i]]


@nb.njit(cache=True, nogil=True)
def _number(features, values, first, usual, levels):  # type: ignore[no-untyped-def]
    """What each feature says at each value, as `Sayings` numbers it; -1 for none."""
    numbers = np.empty(len(features), np.int64)
    for i in range(len(features)):
        f, value = features[i], values[i]
        if f < 0:
            numbers[i] = -1
        elif levels[f] >= 0:
            numbers[i] = first[f] + (
                levels[f] if np.isnan(value) else levels[f] + 1 if value < 0 else np.int64(value)
            )
        else:
            numbers[i] = first[f] + (
                HIGH
                if value > usual[f]
                else LOW
                if value < usual[f]
                else ABSENT
                if np.isnan(value)
                else EVEN
            )
    return numbers


@nb.njit(cache=True, nogil=True)
def _choose(names, points, many):  # type: ignore[no-untyped-def]
    """The features that took most points from each person, the most harmful first, as `reasons`
    orders them; shape (persons, 4), -1 for none."""
    chosen = np.full((len(many), MOST), -1)
    for i in range(len(many)):
        place, lost = 0, points[i, : many[i]]
        while place < min(MOST, many[i]):
            most = 0.0
            for j in range(many[i]):
                most = max(most, lost[j])
            bar = most - ALIKE
            for j in range(many[i]):
                if lost[j] >= bar and lost[j] > 0 and place < MOST:
                    chosen[i, place], lost[j] = names[i, j], 0.0
                    place += 1
    return chosen


def _instead(weighed: Weighed, *, nothing: np.ndarray) -> list[pl.Series]:
    """What is said in place of reasons, in English and Chinese: why there is no score, or that
    nothing lowered it; null where there are reasons."""
    nobody = np.flatnonzero(np.isnan(weighed.log_odds))
    known = weighed.persons.known[nobody]
    bits = np.ascontiguousarray(np.packbits(known, axis=1))
    _, one, which = np.unique(
        bits.view(f"S{bits.shape[1]}").ravel(), return_index=True, return_inverse=True
    )
    told = [
        (None, None),
        (NONE, NONE_ZH),
        *(unscored(_unscored(weighed, row)) for row in known[one]),
    ]
    number = nothing.astype(np.uint32)
    number[nobody] = which + 2
    return [
        pl.Series(name, texts, pl.String).gather(number)
        for name, texts in zip(("reason", "reason_zh"), zip(*told, strict=True), strict=True)
    ]


def _unscored(weighed: Weighed, known: np.ndarray) -> Statement:
    """The statement of a person who is not scored and whom these sources know."""
    weighting, shares = weighed.weighting, weighed.weighting.shares
    sources = [
        (v.source, k)
        for v, k in zip(weighed.contributions, known, strict=True)
        if shares[v.source.key] > 0
    ]
    present, absent = (
        tuple(s for s, k in sources if bool(k) is wanted) for wanted in (True, False)
    )
    return Statement(
        "", weighting, np.nan, np.nan, (), present, absent, float(weighting.reach(known[None])[0])
    )


@dataclass(frozen=True, slots=True)
class Written:
    """How many persons a file of scores holds, how many of them are scored, and their mean points;
    NaN if nobody is.

    `unseen` counts by ``source.feature`` whose text no model saw.
    """

    persons: int
    scored: int
    mean_points: float
    unseen: Mapping[str, int]


def write(frames: Iterable[pl.DataFrame], path: Path) -> Written:
    """Keep scores as CSV, if the name ends so, else as Parquet; under their name only once they are
    complete.

    In a CSV, texts that a spreadsheet would take for a formula get an apostrophe in front.

    Raises
    ------
    Refusal
        If the file cannot be written, or there is nobody to score.
    """
    with disk.writing(path) as draft:
        with draft.open("wb") as file:
            passed = (_csv if path.suffix.lower() == ".csv" else _parquet)(frames, file)
            unseen: Counter[str] = Counter()
            counts = [
                (len(f), int(f["scored"].sum()), f["points"].sum(), unseen.update(_counted(f)))
                for f in passed
            ]
        persons, scored, points = (sum(column) for column in list(zip(*counts, strict=True))[:3])
        if not persons:
            raise Refusal("there is nobody to score; choose a wider cohort")
    return Written(
        int(persons),
        int(scored),
        points / scored if scored else math.nan,
        dict(sorted(unseen.items())),
    )


def _counted(frame: pl.DataFrame) -> Counter[str]:
    """How many of these persons have a text that no model saw, by feature."""
    return Counter(frame["unseen"].drop_nulls().str.split(SEVERAL).explode().to_list())


def _parquet(frames: Iterable[pl.DataFrame], file: BinaryIO) -> Iterator[pl.DataFrame]:
    """Write frames as one Parquet table, a row group each, and pass them on."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - a tenth of a second, and only this needs it

    writer = None
    for frame in frames:
        table = frame.to_arrow()
        said = _repeated(frame)
        # of texts, least and greatest help nobody
        told = [name for name in frame.columns if name not in said]
        writer = writer or pq.ParquetWriter(
            file,
            table.schema,
            compression="lz4",
            use_dictionary=said,
            write_statistics=told,
            store_schema=False,
        )
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
        frame.with_columns(
            disk.harmless(pl.col(name).cast(pl.String))
            for name, kind in frame.schema.items()
            if kind in (pl.String, pl.Enum)
        ).write_csv(file, include_header=not number, include_bom=not number)
        yield frame
