"""What can be asked of a data set, its models and the weights of its sources?

Every question, by name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from analytics.data.cohort import EVERYONE, Cohort
from analytics.data.shelf import root
from analytics.sources.model import Settings
from analytics.stress.stress import parse as parse_stresses
from analytics.study import bureaus, fitting, models, people, sources, stress, verbs, weights, why
from analytics.study.memo import frozen
from analytics.study.question import Question
from analytics.weighing.weighting import Weighting, equal, parse

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A data set as it is now, and how its models are fitted; it changes whenever one of its files
    does.

    Attributes
    ----------
    path : the catalog file.
    stamp : name, bytes and time of the catalog and of every file that it names.
    settings : how models are fitted.
    home : the work folder, where models and read tables are kept.
    reader : who asks; answers are kept for each by themselves.
    exact : read the conditions of cohorts as they are written, however few people meet them; as the
        pages read them otherwise, which move thresholds to steps and refuse what tells of few.
    bureau : the bureau of the catalog as which the people are seen; with all silos open otherwise.
    """

    path: Path
    stamp: Stamp = ()
    settings: Settings = Settings()
    home: Path = Path(".weighbridge")
    reader: str = ""
    exact: bool = False
    bureau: str = ""

    @classmethod
    def open(
        cls,
        path: str | Path,
        settings: Settings = Settings(),
        home: Path | None = None,
        *,
        exact: bool = False,
        bureau: str = "",
    ) -> Study:
        """Open a catalog; nothing is read or fitted before it is asked for.

        Raises
        ------
        Refusal
            If the catalog is refused.
        """
        first = cls(Path(path), (seen(Path(path)),), home=home or root())
        catalog = first.catalog()
        stamp = (*first.stamp, *(seen(catalog.folder / table) for table in catalog.names))
        key = catalog.bureau(bureau).key if bureau else ""
        return replace(first, stamp=stamp, settings=settings, exact=exact, bureau=key)

    def question(
        self,
        weights: str = "",
        *,
        cohort: str = "",
        split: str = "test",
        against: str = "",
        cutoff: float | None = None,
        stress: str = "",
        floor: float = 0.4,
        missing: str = "neutral",
    ) -> Question:
        """A question from texts, as the pages and the command line write them.

        Parameters
        ----------
        weights : as in ``bureau=35,bank=25``; equal weights where none are named.
        cohort : conditions, as in ``region == 'West'``; everybody where there are none.
        against : the weights to compare with; equal weights where none are named.
        cutoff : points; where none is said, the first cutoff of the scale.
        stress : as in ``consent device share=0.3``.

        Raises
        ------
        Refusal
            If a text cannot be read, or names a source that the catalog does not have.
        """
        catalog = self.catalog()

        def read(text: str) -> Weighting:
            ready = parse(catalog, text, floor, missing) if text else None
            return ready or equal(catalog, floor, missing)

        return Question(
            cohort=Cohort.parse(cohort) if cohort else EVERYONE,
            split=split,
            weighting=read(weights),
            reference=read(against),
            cutoff=self.scale().accepts_from if cutoff is None else cutoff,
            stress=parse_stresses(catalog, stress),
        )

    catalog = fitting.catalog
    ready = fitting.ready
    begin = fitting.begin
    under_way = fitting.under_way
    may_be_kept = fitting.may_be_kept
    usual_seconds = fitting.usual_seconds
    fitted = fitting.fitted
    release = fitting.release

    schema = people.schema
    persons = people.persons
    everyone = people.everyone
    rows = people.rows
    at_steps = people.at_steps
    steps = people.steps
    among = people.among
    members = people.members
    outcomes = people.outcomes
    values = people.values
    personal = people.personal
    levels = people.levels
    common = people.common
    condition_example = people.condition_example
    asked_of = people.asked_of
    asked_counts = people.asked_counts
    counted = people.counted
    size = people.size
    known_shares = people.known_shares
    overlap = people.overlap
    hit_and_fill = people.hit_and_fill
    by_segment = people.by_segment
    out_of_time = people.out_of_time
    choosing = people.choosing
    base_rate = people.base_rate

    scale = weights.scale
    calibration = weights.calibration
    weighting = weights.weighting
    read = weights.read
    distribution = weights.distribution
    paired = weights.paired
    paired_beside = weights.paired_beside
    compared = weights.compared
    by_month = weights.by_month
    along = weights.along
    learned = weights.learned
    sampled = weights.sampled
    searched = weights.searched
    read_all = weights.read_all
    swept = weights.swept
    frontier = weights.frontier
    marked = weights.marked
    swaps = weights.swaps
    gains = weights.gains
    best = weights.best

    worth = sources.worth
    value = sources.value
    worthiest = sources.worthiest
    best_of = sources.best_of
    redundancy = sources.redundancy
    alone = sources.alone
    next_source = sources.next_source
    features = sources.features
    source_months = sources.source_months
    source_table = sources.source_table

    seen = bureaus.seen
    look = bureaus.look
    bureau_readings = bureaus.bureau_readings
    silos = bureaus.silos
    alliance = bureaus.alliance
    sights = bureaus.sights
    sight = bureaus.sight
    bureau_calibrations = bureaus.bureau_calibrations
    person_by_bureau = bureaus.person_by_bureau

    example = why.example
    source_models = why.source_models
    ranges = why.ranges
    explained = why.explained
    weighed = why.weighed
    importance = why.importance
    beeswarm = why.beeswarm
    dependence = why.dependence
    interaction = why.interaction
    shift = why.shift
    record = why.record
    statement = why.statement
    weighed_person = why.weighed_person
    explained_person = why.explained_person
    points = why.points
    standing = why.standing
    listed = why.listed
    case = why.case
    reasons = why.reasons
    rescored = why.rescored
    raised = why.raised

    challenged = models.challenged
    waiting = models.waiting
    contest = models.contest
    strongest = models.strongest
    reasons_beside = models.reasons_beside
    splits = models.splits
    reliable = models.reliable
    pooled_auc = models.pooled_auc

    stress_context = stress.stress_context
    stressed = stress.stressed
    stress_effect = stress.stress_effect
    stressed_readings = stress.stressed_readings
    worths = stress.worths
    curve = stress.curve
    loser = stress.loser
    moving = stress.moving
    affected = stress.affected
    crossings = stress.crossings
    fallbacks = stress.fallbacks
    silent = stress.silent
    drifted = stress.drifted
    detected = stress.detected
    trusting = stress.trusting
    robust_search = stress.robust_search
    unstressed_best = stress.unstressed_best
    robust_best = stress.robust_best
    robustness = stress.robustness
    stresses = stress.parsed

    check = verbs.check
    fit = verbs.fit
    weigh = verbs.weigh
    sweep_weights = verbs.sweep_weights
    value_sources = verbs.value_sources
    explain_person = verbs.explain_person
    explain_cohort = verbs.explain_cohort
    score_file = verbs.score_file
    stress_readings = verbs.stress_readings


@frozen.register
def _(study: Study) -> Study:
    return study


def seen(path: Path) -> tuple[str, int, int]:
    """Size and time of a file; zeros where there is none, or no file can have such a name."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return path.name, 0, 0
    return path.name, found.st_size, found.st_mtime_ns
