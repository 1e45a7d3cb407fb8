"""What did each feature add to a person's log-odds? The exact SHAP values of a source's trees, read
from tables.

A tree is cut into *branches*: subtrees so small that their own splits and those above them ask at
most `QUESTIONS` questions. Yes or no to each makes
a person's *answers* to a branch, a whole number; and everyone with the same answers gets the same
SHAP values from its leaves. So they are worked out
once per branch and answers, in a table; a person then costs one comparison per split and one
look-up and addition per branch and feature.
What the model says as a whole has a row in the same tables, added up as XGBoost does: a *margin*
has its very bits.

What a person's other features are while one is asked about is a choice. *Path-dependent* values let
them go with it as they did among the persons the trees were fitted on. *Interventional* values take
them from persons of a *background*, whoever the person explained is. The tables differ, the look-up
does not.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

import numba as nb
import numpy as np

from analytics.data.refusal import Refusal
from analytics.sources.forest import Forest

if TYPE_CHECKING:
    import xgboost as xgb

QUESTIONS = (
    8  # per branch: 256 answers; more would save few look-ups and double the tables each time
)
MOST_QUESTIONS = (
    12  # of deeper trees: up to this depth a branch asks as many questions as its tree is deep
)
MEMORY = 256 * 2**20  # bytes that the tables may take
BLOCK = 1024  # persons whose values, answers and sums stay in the second-level cache
FLAGS = {"contract", "nsz"}  # not plain fastmath: that would break the test for missing values
WORD = 32  # bits
CATEGORY = 1  # XGBoost's type of a split on a set of categories
NONE = -1  # the child of a leaf, and what stands above a root


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A source's trees as tables of SHAP values.

    Attributes
    ----------
    start : log-odds that the leaves of all trees are added to, as XGBoost rounds them.
    base : expected log-odds of the persons the trees were fitted on: where contributions start.
    features : columns of the matrix that the trees read.
    starts : for each branch, where its questions, its rows and its table start, and a last row
        where they end; shape (branches + 1, 3).
    kept : for each branch, how many of its first questions the branch before it has asked already,
        shape (branches,).
    questions : for each question, the feature, whether it is about a category, whether a missing
        value goes left, and where its set of categories starts
        and ends in `sets`; shape (questions, 5).
    limits : for each question about a number: lower values go left, shape (questions,).
    sets : by category code, whether it goes right, as bits of 32-bit words; one set after another.
    told : what the rows of a branch tell of, branch after branch: first 0, the margin, then 1 +
        feature for each feature it asks about.
    table : log-odds; per branch and row, one per answers. Bit j of the answers: the person goes
        left at question j.
    """

    start: float
    base: float
    features: int
    starts: np.ndarray
    kept: np.ndarray
    questions: np.ndarray
    limits: np.ndarray
    sets: np.ndarray
    told: np.ndarray
    table: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Shap:
    """What each feature added to each person's log-odds.

    Attributes
    ----------
    values : log-odds, float32, shape (persons, features).
    base : expected log-odds; with a person's values it adds up to the model's log-odds.
    exact_by : "tables", or "shap" where `compile_trees` has none: `shap.TreeExplainer`, exact too,
        and slow.
    """

    values: np.ndarray
    base: float
    exact_by: Literal["tables", "shap"]


def explain(
    forest: Forest, matrix: np.ndarray, types: Sequence[str], background: np.ndarray | None = None
) -> Shap:
    """Say what each feature added to each person's log-odds, by tables where they fit, else by
    shap.

    Parameters
    ----------
    matrix : shape (persons, features); NaN where missing, category codes for categorical features.
    types : XGBoost's feature types, as `Design.types`.
    background : persons like those of the matrix, for interventional values; by default values are
        path-dependent.

    Raises
    ------
    Refusal
        If the model does not speak in log-odds, the matrix has other columns than it was fitted on,
        the background holds nobody, or neither tables nor shap can hold its categories fixed.
    """
    trees = compile_trees(forest, background)
    if trees is None:
        return explain_by_shap(forest, matrix, types, background)
    return Shap(_frozen(shap_values(trees, matrix)), trees.base, "tables")


def shap_values(trees: Trees, matrix: np.ndarray) -> np.ndarray:
    """What each feature added to each person's log-odds; a person alone gets the same bits as in a
    crowd.

    Beside its result it needs a small block per core, so that any number of persons can be
    explained part by part.

    Parameters
    ----------
    matrix : shape (persons, features), best float32 and contiguous by columns: anything else is
        copied first. NaN where missing, category codes for
        categorical features.

    Returns
    -------
    ndarray
        Log-odds, float32, shape (persons, features).

    Raises
    ------
    Refusal
        If the matrix has other columns than the trees were fitted on.
    """
    lines = _lines(trees, matrix)
    values = np.empty(lines.shape[::-1], np.float32)
    _together(lines, np.empty(len(values), np.float32), values, *_tables_of(trees))
    return values


def margins(trees: Trees, matrix: np.ndarray) -> np.ndarray:
    """What the model says of each person: the bits of XGBoost's own
    ``predict(output_margin=True)``, on one core, so that parts can go side by side.

    Parameters
    ----------
    matrix : as for `shap_values`, which raises the same.

    Returns
    -------
    ndarray
        Log-odds, float32, shape (persons,).
    """
    lines = _lines(trees, matrix)
    found = np.empty(lines.shape[1], np.float32)
    _alone(lines, found, np.empty((0, len(lines)), np.float32), *_tables_of(trees))
    return found


def margins_and_values(trees: Trees, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both `margins` and `shap_values`, asked together and on one core."""
    lines = _lines(trees, matrix)
    found, values = np.empty(lines.shape[1], np.float32), np.empty(lines.shape[::-1], np.float32)
    _alone(lines, found, values, *_tables_of(trees))
    return found, values


def _lines(trees: Trees, matrix: np.ndarray) -> np.ndarray:
    """The matrix as its columns, one after another."""
    cells = np.asarray(matrix, np.float32)
    _suits(cells.shape, trees.features)
    return _frozen(np.ascontiguousarray(cells.T).view())


def _tables_of(trees: Trees) -> tuple[object, ...]:
    """What the kernel reads."""
    return (
        np.float32(trees.start),
        trees.starts,
        trees.kept,
        trees.questions,
        trees.limits,
        trees.sets,
        trees.told,
        trees.table,
    )


def compile_trees(forest: Forest, background: np.ndarray | None = None) -> Trees | None:
    """Work out a model's tables of SHAP values, once.

    None where they would not fit: trees deeper than 12, more than 256 MB, or no plain trees at all.

    Parameters
    ----------
    background : as for `explain`. It costs one look at its persons: what follows is no slower.

    Raises
    ------
    Refusal
        If the model does not speak in log-odds, or the background holds nobody or has other
        columns.

    References
    ----------
    Lundberg, Erion and Lee (2018), Consistent individualized feature attribution for tree
    ensembles: the values of one tree.
    Janzing, Minorics and Bloebaum (2020), Feature relevance quantification in explainable AI: a
    causal problem, for interventional values.
    """
    learner = json.loads(forest.json)["learner"]
    _speaks_log_odds(learner)
    model, described = learner["gradient_booster"].get("model", {}), learner["learner_model_param"]
    if (
        learner["gradient_booster"]["name"] != "gbtree" or "weight_drop" in model
    ):  # lines, or trees with weights: rare enough for XGBoost's own values
        return None
    nodes = _Nodes.read(model["trees"])
    branches = _branches(nodes)
    if branches is None:
        return None
    start = _start(described["base_score"])
    base = start + float((nodes.reach * nodes.limit)[nodes.left == NONE].sum())
    return _tables(nodes, branches, (start, base), int(described["num_feature"]), background)


@dataclass(frozen=True, slots=True, eq=False)
class _Nodes:
    """The nodes of all trees, one tree after another.

    `order` visits them from the roots down, left before right, each with its `depth` and how many
    splits it and all below it are (`splits`). `limit` is
    a leaf's log-odds too. `share`: of the persons above it, how many go here; `reach`: of all
    persons.
    """

    left: np.ndarray
    right: np.ndarray
    above: np.ndarray
    feature: np.ndarray
    limit: np.ndarray
    kind: np.ndarray
    missing_left: np.ndarray
    sets: np.ndarray
    set_ends: np.ndarray
    order: np.ndarray
    depth: np.ndarray
    splits: np.ndarray
    share: np.ndarray
    reach: np.ndarray

    @classmethod
    def read(cls, trees: Sequence[Mapping[str, Any]]) -> "_Nodes":
        """The nodes as XGBoost's JSON has them."""
        roots = np.cumsum([0, *(len(t["left_children"]) for t in trees)])
        tree = np.repeat(roots[:-1], np.diff(roots))
        left, right = (_joined(trees, f"{side}_children", np.int32) for side in ("left", "right"))
        left, right = (
            np.where(side < 0, NONE, side + tree).astype(np.int32) for side in (left, right)
        )
        cover, above = _joined(trees, "sum_hessian", np.float64), _above(left, right)
        # nobody came: half each, as good as any
        share = np.divide(cover, cover[above], out=np.full(len(cover), 0.5), where=cover[above] > 0)
        order, depth, splits, reach = _survey(left, right, above, share, roots[:-1])
        sets, set_ends = _sets(trees, roots)
        features = _joined(trees, "split_indices", np.int32)
        limits = _joined(trees, "split_conditions", np.float32)
        kinds = _joined(trees, "split_type", np.int32)
        missing_left = _joined(trees, "default_left", np.int32)
        return cls(
            left,
            right,
            above,
            features,
            limits,
            kinds,
            missing_left,
            sets,
            set_ends,
            order,
            depth,
            splits,
            share,
            reach,
        )


def _joined(trees: Iterable[Mapping[str, Any]], name: str, dtype: type) -> np.ndarray:
    return np.fromiter(chain.from_iterable(t[name] for t in trees), dtype)


def _above(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The node above each node."""
    above, split = np.full(len(left), NONE, np.int32), np.flatnonzero(left != NONE).astype(np.int32)
    above[left[split]] = above[right[split]] = split
    return above


def _sets(trees: Sequence[Mapping[str, Any]], roots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By node, the categories that go right: all sets one after another, by code, and where each
    ends, with a 0 before the first."""
    sizes, parts = np.zeros(roots[-1] + 1, np.int64), [np.zeros(0, np.uint32)]
    for tree, root in zip(trees, roots[:-1], strict=True):
        for node, first, count in sorted(
            zip(
                tree["categories_nodes"],
                tree["categories_segments"],
                tree["categories_sizes"],
                strict=True,
            )
        ):
            codes = tree["categories"][first : first + count]
            parts.append(
                np.packbits(
                    np.bincount(codes, minlength=-(-(max(codes, default=0) + 1) // WORD) * WORD)
                    > 0,
                    bitorder="little",
                ).view(np.uint32)
            )
            sizes[root + node + 1] = len(parts[-1])
    return np.concatenate(parts), np.cumsum(sizes)


@dataclass(frozen=True, slots=True, eq=False)
class _Branches:
    """The branches of all trees: the `root` of each, and as in `Trees`; the questions still as the
    nodes that ask them."""

    root: np.ndarray
    starts: np.ndarray
    kept: np.ndarray
    asked: np.ndarray
    told: np.ndarray


def _branches(nodes: _Nodes) -> _Branches | None:
    """Cut the trees into the largest branches that ask few enough questions; None where a tree is
    too deep or the tables would be too large."""
    visited = nodes.order
    most = max(QUESTIONS, int(nodes.depth[visited].max(initial=0)))
    if most > MOST_QUESTIONS:
        return None
    questions = nodes.depth + nodes.splits
    small = questions <= most
    root = visited[small[visited] & ~((nodes.above[visited] != NONE) & small[nodes.above[visited]])]
    ends = _ends(questions[root])
    asked, kept, told, widths = _ask(
        root, ends, nodes.left, nodes.above, nodes.feature, nodes.depth, nodes.order
    )
    tables = _ends(widths << questions[root])
    starts = np.stack([ends, _ends(widths), tables], axis=1)
    return (
        _Branches(root, starts, kept, asked, told)
        if tables[-1] * np.float32().nbytes <= MEMORY
        else None
    )


def _ends(sizes: np.ndarray) -> np.ndarray:
    """Where parts of these sizes start, laid one after another, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])


def _tables(
    nodes: _Nodes,
    branches: _Branches,
    ends: tuple[float, float],
    features: int,
    background: np.ndarray | None,
) -> Trees:
    asked = branches.asked
    questions = np.stack(
        [
            nodes.feature[asked],
            nodes.kind[asked],
            nodes.missing_left[asked],
            nodes.set_ends[asked],
            nodes.set_ends[asked + 1],
        ],
        axis=1,
    )
    read = (
        branches.starts,
        branches.kept,
        questions.astype(np.int32),
        nodes.limit[asked],
        nodes.sets,
    )
    shares = np.zeros(0) if background is None else _background_shares(read, background, features)
    points, weights = _quadrature()
    described = (nodes.left, nodes.right, nodes.above, nodes.feature, nodes.limit, nodes.share)
    table = _fill(
        branches.root,
        branches.starts,
        asked,
        branches.told,
        *described,
        points,
        weights,
        shares,
        _orders(),
    )
    arrays = (*read, branches.told, table)
    trees = Trees(*ends, features, *(_frozen(a) for a in arrays))
    if background is None:
        return trees
    return replace(trees, base=float(margins(trees, background).mean(dtype=float)))


def _background_shares(
    read: tuple[np.ndarray, ...], background: np.ndarray, features: int
) -> np.ndarray:
    """By branch and answers, the share of the background that gives them: one branch after
    another."""
    cells = np.asarray(background, np.float32)
    _suits(cells.shape, features)
    if not len(cells):
        remedy = "choose a wider background"
        raise Refusal(
            "the other features cannot be held at values of nobody: the background is "
            f"empty; {remedy}"
        )
    return _counted(np.ascontiguousarray(cells.T), *read) / len(cells)


def _orders() -> np.ndarray:
    """Of so many features before one and so many after it, the share of all orders, shape (before,
    after)."""
    most = range(MOST_QUESTIONS + 1)
    return np.array([[1 / ((b + a + 1) * math.comb(b + a, b)) for a in most] for b in most])


def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Points and weights between 0 and 1 by which a polynomial of degree 2n - 1 is integrated
    exactly, in row n."""
    points, weights = np.zeros((2, MOST_QUESTIONS + 1, MOST_QUESTIONS))
    for n in range(1, MOST_QUESTIONS + 1):
        at, weight = np.polynomial.legendre.leggauss(n)
        points[n, :n], weights[n, :n] = (at + 1) / 2, weight / 2
    return points, weights


def _frozen(array: np.ndarray) -> np.ndarray:
    """The array, read-only from now on."""
    array.flags.writeable = False
    return array


def _start(base_score: str) -> float:
    """The log-odds of XGBoost's base score: a probability, in some versions written as a list of
    one."""
    return float(_logit(np.float32(base_score.strip("[]"))))


def _speaks_log_odds(learner: Mapping[str, Any]) -> None:
    objective = learner["objective"]["name"]
    outcomes = int(learner["learner_model_param"]["num_target"])
    if objective != "binary:logistic" or outcomes > 1:
        raise Refusal(
            "a model is explained in log-odds of one outcome, this one was fitted with "
            f"{objective!r} for {outcomes}; fit it with 'binary:logistic'"
        )


def _suits(shape: tuple[int, ...], features: int) -> None:
    if len(shape) != 2 or shape[1] != features:
        raise Refusal(
            f"the trees read {features} features, one column each; the matrix has shape "
            f"{shape}: give it the columns the model was fitted on"
        )


def explain_by_shap(
    forest: Forest, matrix: np.ndarray, types: Sequence[str], background: np.ndarray | None = None
) -> Shap:
    """The same as `explain`, by `shap.TreeExplainer` alone: where no tables fit, and to check
    them."""
    cells = np.asarray(matrix, np.float32)
    _suits(cells.shape, forest.booster.num_features())
    _speaks_log_odds(json.loads(forest.json)["learner"])
    if background is not None:
        return _interventional(forest, cells, types, np.asarray(background, np.float32))
    explainer = _explainer(forest)
    # to read the base where there are no persons
    nobody = np.full((1, cells.shape[1]), np.nan, np.float32)
    explainer.shap_values(_dmatrix(nobody, types), check_additivity=False)
    base = float(explainer.expected_value)
    if not len(cells):
        return Shap(_frozen(np.zeros(cells.shape, np.float32)), base, "shap")
    found = explainer.shap_values(_dmatrix(cells, types), check_additivity=False)
    return Shap(_frozen(found), base, "shap")


def _interventional(
    forest: Forest, cells: np.ndarray, types: Sequence[str], background: np.ndarray
) -> Shap:
    _suits(background.shape, cells.shape[1])
    if "c" in types:
        remedy = (
            "fit again with a depth of at most 12, or read the values given what goes with them"
        )
        raise Refusal(
            "trees too deep for tables that ask about categories have no interventional "
            f"values; {remedy}"
        )
    import shap  # noqa: PLC0415 - seconds, and the tables need none of it

    everyone = shap.maskers.Independent(background.astype(float), max_samples=len(background))
    explainer = shap.TreeExplainer(forest.booster, everyone, feature_perturbation="interventional")
    base = float(np.mean(explainer.expected_value))
    if not len(cells):
        return Shap(_frozen(np.zeros(cells.shape, np.float32)), base, "shap")
    found = explainer.shap_values(cells.astype(float), check_additivity=False)
    return Shap(_frozen(np.asarray(found, np.float32)), base, "shap")


def interactions(forest: Forest, matrix: np.ndarray, types: Sequence[str]) -> np.ndarray:
    """How much each two features add together beyond what each adds alone, by `shap.TreeExplainer`.

    Path-dependent, half for each of the two, what a feature adds alone on the diagonal.

    Returns
    -------
    ndarray
        Log-odds, float32, shape (persons, features, features).
    """
    found = _explainer(forest).shap_interaction_values(
        _dmatrix(np.asarray(matrix, np.float32), types)
    )
    return np.asarray(found)


def _explainer(forest: Forest) -> Any:
    """What explains path-dependently: without a background shap reads the covers of the trees."""
    import shap  # noqa: PLC0415 - seconds, and the tables need none of it

    return shap.TreeExplainer(forest.booster, feature_perturbation="tree_path_dependent")


def _dmatrix(cells: np.ndarray, types: Sequence[str]) -> "xgb.DMatrix":
    """Persons as XGBoost reads them."""
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and the tables need none of it

    return xgb.DMatrix(cells, feature_types=list(types), enable_categorical=True, nthread=1)


@nb.njit(cache=True)
def _logit(probability):  # type: ignore[no-untyped-def]
    """Log-odds in single precision, by the very steps of XGBoost."""
    return -math.log(np.float32(1) / probability - np.float32(1))


@nb.njit(cache=True)
def _survey(left, right, above, share, roots):  # type: ignore[no-untyped-def]
    """`order`, `depth`, `splits` and `reach` of `_Nodes`. Nodes that were pruned away belong to no
    tree and are not visited."""
    order, visited = np.empty(len(left), np.int32), 0
    depth = np.zeros(len(left), np.int32)
    splits = np.zeros(len(left), np.int32)
    reach = np.zeros(len(left))
    waiting = np.empty(len(left) + 1, np.int32)
    for root in roots:
        waiting[0], count, reach[root] = root, 1, 1.0
        while count > 0:
            count -= 1
            v = waiting[count]
            order[visited] = v
            visited += 1
            if left[v] != NONE:
                splits[v] = 1
                waiting[count], waiting[count + 1] = right[v], left[v]
                count += 2
                for child in (left[v], right[v]):
                    depth[child], reach[child] = depth[v] + 1, reach[v] * share[child]
    for v in order[:visited][::-1]:
        if above[v] != NONE:
            splits[above[v]] += splits[v]
    return order[:visited], depth, splits, reach


@nb.njit(cache=True)
def _ask(root, ends, left, above, feature, depth, order):  # type: ignore[no-untyped-def]
    """The nodes whose questions each branch asks, those above its root first; `kept` and `told` of
    `Trees`, and how many rows each has."""
    asked, kept = np.empty(ends[-1], np.int32), np.zeros(len(root), np.int32)
    told, widths, tells = np.empty(ends[-1] + len(root), np.int32), np.zeros(len(root), np.int64), 0
    place = 0
    for b in range(len(root)):
        first, last, v = ends[b], ends[b + 1], root[b]
        for j in range(depth[v] - 1, -1, -1):
            v = above[v]
            asked[first + j] = v
        while order[place] != root[b]:
            place += 1
        q, at = first + depth[root[b]], place
        while q < last:
            if left[order[at]] != NONE:
                asked[q] = order[at]
                q += 1
            at += 1
        while (
            b > 0
            and kept[b] < min(depth[root[b]], first - ends[b - 1])
            and asked[ends[b - 1] + kept[b]] == asked[first + kept[b]]
        ):
            kept[b] += 1
        told[tells], widths[b] = 0, 1
        for q in range(first, last):
            if _slot(told[tells : tells + widths[b]], 1 + feature[asked[q]]) == widths[b]:
                told[tells + widths[b]] = 1 + feature[asked[q]]
                widths[b] += 1
        tells += widths[b]
    return asked, kept, told[:tells], widths


@nb.njit(cache=True, inline="always")
def _slot(names, name):  # type: ignore[no-untyped-def]
    """Where a name stands among few; their number if it does not."""
    slot = 0
    while slot < len(names) and names[slot] != name:
        slot += 1
    return slot


@nb.njit(parallel=True, cache=True, nogil=True, fastmath=FLAGS)
def _fill(  # type: ignore[no-untyped-def]
    root,
    starts,
    asked,
    told,
    left,
    right,
    above,
    feature,
    value,
    share,
    points,
    weights,
    background,
    orders,
):
    """The tables of all branches: each leaf's own small table, added to its branch's by what the
    answers mean to the leaf."""
    table = np.zeros(starts[-1, 2], np.float32)
    places = _answer_ends(starts)
    for b in nb.prange(len(root)):
        questions = asked[starts[b, 0] : starts[b + 1, 0]]
        names = told[starts[b, 1] : starts[b + 1, 1]]
        rows = table[starts[b, 2] : starts[b + 1, 2]].reshape(len(names), 1 << len(questions))
        failed = np.empty(1 << len(questions), np.int32)
        own = np.empty((len(questions), 1 << len(questions)))
        features, shares = np.empty(len(questions), np.int32), np.empty(len(questions))
        waiting, count = np.empty(2 * len(questions) + 1, np.int32), 1
        waiting[0] = root[b]
        while count > 0:
            count -= 1
            v = waiting[count]
            if left[v] != NONE:
                waiting[count], waiting[count + 1] = right[v], left[v]
                count += 2
            else:
                many = _conditions(
                    v, left, above, feature, share, questions, features, shares, failed
                )
                for answers in range(len(failed)):
                    rows[0, answers] += value[v] if failed[answers] == 0 else np.float32(0)
                if len(background):
                    _tell_against(
                        value[v], many, failed, background[places[b] : places[b + 1]], orders, own
                    )
                else:
                    _tell(value[v], shares[:many], points, weights, own)
                for f in range(many):
                    row, mine = rows[_slot(names, 1 + features[f])], own[f]
                    for answers in range(len(failed)):
                        row[answers] += mine[failed[answers]]
    return table


@nb.njit(cache=True)
def _conditions(leaf, left, above, feature, share, questions, features, shares, failed):  # type: ignore[no-untyped-def]
    """What leads to a leaf: per feature the share of persons who meet all its conditions, and per
    answers which features fail one, as bits."""
    many, v = 0, leaf
    failed[:] = 0
    while above[v] != NONE:
        slot = _slot(features[:many], feature[above[v]])
        if slot == many:
            features[many], shares[many] = feature[above[v]], 1.0
            many += 1
        shares[slot] *= share[v]
        question, turn = _slot(questions, above[v]), np.int32(left[above[v]] == v)
        for answers in range(len(failed)):
            failed[answers] |= (((answers >> question) & 1) ^ turn) << slot
        v = above[v]
    return many


@nb.njit(cache=True)
def _tell(value, shares, points, weights, own):  # type: ignore[no-untyped-def]
    """A leaf's SHAP values, into one row of `own` per feature, by which features fail (bits).

    Feature i gets value * (met_i - share_i) * (the mean over all orders of the product, over the
    other features j, of met_j where j comes before i and
    share_j where it comes after). Let every feature come at a random time and i at time t: the mean
    is the integral over t from 0 to 1 of the product
    of t * met_j + (1 - t) * share_j, a polynomial, and integrated exactly.
    """
    many = len(shares)
    nodes = (many + 1) // 2
    product = np.empty(1 << many)
    for i in range(many):
        own[i, : 1 << many] = 0
        for n in range(nodes):
            t = points[nodes, n]
            product[0] = value * weights[nodes, n]
            for j in range(many):
                fails = -shares[j] if j == i else (1 - t) * shares[j]
                meets = 1 - shares[j] if j == i else fails + t
                for k in range(1 << j):
                    product[k + (1 << j)] = product[k] * fails
                    product[k] *= meets
            for k in range(1 << many):
                own[i, k] += product[k]


@nb.njit(cache=True)
def _answer_ends(starts):  # type: ignore[no-untyped-def]
    """Where the answers of each branch start, one branch after another, and where the last ends."""
    ends = np.zeros(len(starts), np.int64)
    for b in range(len(starts) - 1):
        ends[b + 1] = ends[b] + (1 << (starts[b + 1, 0] - starts[b, 0]))
    return ends


@nb.njit(cache=True)
def _tell_against(value, many, failed, background, orders, own):  # type: ignore[no-untyped-def]
    """A leaf's interventional SHAP values, as `_tell` gives the path-dependent ones.

    A person and one of the background share their features out: some are the person's, the others
    are held. The leaf is reached when those which only the person meets (they `bring` it) are the
    person's and those which only the other meets (they `cost` it) are held. So a feature that
    brings adds the value where it comes after all others that bring and before all that cost, and
    one that costs takes it away where it comes after all that bring and before all others that
    cost. `background` is the share of persons by answers; who fails the same features is counted
    together.
    """
    present = np.zeros(1 << many)
    for answers in range(len(failed)):
        present[failed[answers]] += background[answers]
    own[:many, : 1 << many] = 0
    for brings in range(1 << many):
        if present[brings] == 0:
            continue
        rest = ((1 << many) - 1) & ~brings
        costs = rest
        while True:  # all that the person may fail: who fails what the other fails never gets there
            gains, losses = 0, 0
            for i in range(many):
                gains += (brings >> i) & 1
                losses += (costs >> i) & 1
            for i in range(many):
                if (brings >> i) & 1:
                    own[i, costs] += value * present[brings] * orders[gains - 1, losses]
                elif (costs >> i) & 1:
                    own[i, costs] -= value * present[brings] * orders[gains, losses - 1]
            if costs == 0:
                break
            costs = (costs - 1) & rest


@nb.njit(cache=True, nogil=True, fastmath=FLAGS)
def _counted(lines, starts, kept, questions, limits, sets):  # type: ignore[no-untyped-def]
    """How many persons give which answers to each branch, one branch after another."""
    places = _answer_ends(starts)
    counts = np.zeros(places[-1])
    answers = np.zeros((MOST_QUESTIONS + 1, lines.shape[1]), np.uint16)
    for b in range(len(kept)):
        many = starts[b + 1, 0] - starts[b, 0]
        for j in range(kept[b], many):
            q = starts[b, 0] + j
            _answer(
                lines[questions[q, 0]],
                questions[q],
                limits[q],
                sets,
                np.uint16(1 << j),
                answers[j],
                answers[j + 1],
            )
        for i in range(lines.shape[1]):
            counts[places[b] + answers[many, i]] += 1
    return counts


@nb.njit(parallel=True, cache=True, nogil=True, fastmath=FLAGS)
def _together(lines, margins, values, *tables):  # type: ignore[no-untyped-def]
    """Margins and SHAP values of all persons, on all cores; `lines` are the columns of their
    matrix."""
    for block in nb.prange((len(margins) + BLOCK - 1) // BLOCK):
        _add_up(block * BLOCK, lines, margins, values, *tables)


@nb.njit(cache=True, nogil=True, fastmath=FLAGS)
def _alone(lines, margins, values, *tables):  # type: ignore[no-untyped-def]
    """The same on one core."""
    for first in range(0, len(margins), BLOCK):
        _add_up(first, lines, margins, values, *tables)


@nb.njit(cache=True, nogil=True, fastmath=FLAGS)
def _add_up(  # type: ignore[no-untyped-def]
    first, lines, margins, values, start, starts, kept, questions, limits, sets, told, table
):
    """Margins and SHAP values of a block of persons; where `values` has no rows, margins alone."""
    last = min(first + BLOCK, len(margins))
    rows = 1 + len(lines) if len(values) else 1
    sums = np.zeros((rows, last - first), np.float32)
    sums[0] = start
    # to the first j questions, in row j
    answers = np.zeros((MOST_QUESTIONS + 1, last - first), np.uint16)
    for b in range(len(kept)):
        many = starts[b + 1, 0] - starts[b, 0]
        for j in range(kept[b], many):
            q = starts[b, 0] + j
            _answer(
                lines[questions[q, 0], first:last],
                questions[q],
                limits[q],
                sets,
                np.uint16(1 << j),
                answers[j],
                answers[j + 1],
            )
        for name in range(starts[b, 1], min(starts[b, 1] + rows, starts[b + 1, 1])):
            row = starts[b, 2] + ((name - starts[b, 1]) << many)
            _add(table[row : row + (1 << many)], answers[many], sums[told[name]])
    margins[first:last] = sums[0]
    for i in range(min(last, len(values)) - first):
        for f in range(len(lines)):
            values[first + i, f] = sums[1 + f, i]


@nb.njit(cache=True, inline="always")
def _answer(values, question, limit, sets, bit, before, after):  # type: ignore[no-untyped-def]
    """The answers so far with one more: the bit is set for whom the question sends left. A missing
    value is neither lower nor not lower."""
    none = np.uint16(0)
    if question[1] == CATEGORY:
        _part(values, question[2] != 0, sets[question[3] : question[4]], bit, before, after)
    elif question[2]:
        for i in range(len(values)):
            after[i] = before[i] | (none if values[i] >= limit else bit)
    else:
        for i in range(len(values)):
            after[i] = before[i] | (bit if values[i] < limit else none)


@nb.njit(cache=True, inline="always")
def _part(codes, missing_left, words, bit, before, after):  # type: ignore[no-untyped-def]
    """The same of categories: those of the set go right; codes that the model has never seen, below
    0 or too large, go left with the others."""
    for i in range(len(codes)):
        after[i] = before[i] | (bit if missing_left or not np.isnan(codes[i]) else np.uint16(0))
    for w in range(len(words)):
        for i in range(len(codes)):
            code = codes[i] - np.float32(WORD * w)
            told = (code >= 0) & (code < WORD)
            right = told & ((words[w] >> np.uint32(code if told else 0)) & np.uint32(1) != 0)
            after[i] = after[i] & ~bit if right else after[i]


@nb.njit(cache=True, inline="always")
def _add(row, answers, sums):  # type: ignore[no-untyped-def]
    """What a branch says of a feature, to each person by their answers."""
    for i in range(len(sums)):
        sums[i] += row[answers[i]]
