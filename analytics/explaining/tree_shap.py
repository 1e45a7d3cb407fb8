"""What did each feature add to a person's log-odds? The exact SHAP values of a source's trees, read from tables.

A tree is cut into *branches*: subtrees so small that their own splits and those above them ask at most `QUESTIONS` questions. Yes or no to each makes
a person's *answers* to a branch, a whole number; and everyone with the same answers gets the same SHAP values from its leaves. So they are worked out
once per branch and answers, in a table; a person then costs one comparison per split and one look-up and addition per branch and feature.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

import numba as nb
import numpy as np

from analytics.data.refusal import Refusal
from analytics.sources.model import log_odds

if TYPE_CHECKING:
    import xgboost as xgb

QUESTIONS = 8  # per branch: 256 answers; more would save few look-ups and double the tables each time
MOST_QUESTIONS = 12  # of deeper trees: up to this depth a branch asks as many questions as its tree is deep
MEMORY = 256 * 2**20  # bytes that the tables may take
BLOCK = 1024  # persons whose values, answers and sums stay in the second-level cache while branch after branch passes
FLAGS = {"contract", "nsz"}  # not plain fastmath: that would break the test for missing values
CATEGORY = 1  # XGBoost's type of a split on a set of categories
NONE = -1  # the child of a leaf, and what stands above a root


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A source's trees as tables of SHAP values.

    Attributes
    ----------
    base : expected log-odds of the persons the trees were fitted on: where contributions start.
    features : columns of the matrix that the trees read.
    starts : for each branch, where its questions, its features and its table start, and a last row where they end; shape (branches + 1, 3).
    kept : for each branch, how many of its first questions the branch before it has asked already, shape (branches,).
    questions : for each question, the feature, whether it is about a category, whether a missing value goes left, and where its set of categories starts
        and ends in `sets`; shape (questions, 5).
    limits : for each question about a number: lower values go left, shape (questions,).
    sets : by category code, whether it goes right; one set after another.
    told : the features that a branch tells of, branch after branch.
    table : log-odds; per branch and feature it tells of, one per answers. Bit j of the answers: the person goes left at question j.
    """

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
    exact_by : "tables", or "xgboost" where `compile_trees` has none: exact too, and slow.
    """

    values: np.ndarray
    base: float
    exact_by: Literal["tables", "xgboost"]


def explain(booster: "xgb.Booster", matrix: np.ndarray, types: Sequence[str]) -> Shap:
    """Say what each feature added to each person's log-odds, by tables where they fit and by XGBoost where they do not.

    Parameters
    ----------
    matrix : shape (persons, features); NaN where missing, category codes for categorical features.
    types : XGBoost's feature types, as `Design.types`.

    Raises
    ------
    Refusal
        If the model does not speak in log-odds, or the matrix has other columns than it was fitted on.
    """
    trees = compile_trees(booster)
    if trees is None:
        return _by_xgboost(booster, matrix, types)
    return Shap(_frozen(shap_values(trees, matrix)), trees.base, "tables")


def shap_values(trees: Trees, matrix: np.ndarray) -> np.ndarray:
    """What each feature added to each person's log-odds; a person alone gets the same bits as in a crowd.

    Beside its result it needs a small block per core, so that any number of persons can be explained part by part.

    Parameters
    ----------
    matrix : shape (persons, features), best float32 and contiguous, by rows or by columns: anything else is copied first. NaN where missing, category
        codes for categorical features.

    Returns
    -------
    ndarray
        Log-odds, float32, shape (persons, features).

    Raises
    ------
    Refusal
        If the matrix has other columns than the trees were fitted on.
    """
    cells = np.asarray(matrix, np.float32)
    _suits(cells.shape, trees.features)
    by_column = cells.flags.f_contiguous and not cells.flags.c_contiguous
    lines = _frozen(np.ascontiguousarray(cells.T if by_column else cells).view())
    return _add_up(lines, by_column, trees.starts, trees.kept, trees.questions, trees.limits, trees.sets, trees.told, trees.table)


def compile_trees(booster: "xgb.Booster") -> Trees | None:
    """Work out a model's tables of SHAP values, once; None where they would not fit: trees deeper than 12, more than 256 MB, or no plain trees at all.

    Raises
    ------
    Refusal
        If the model does not speak in log-odds.

    References
    ----------
    Lundberg, Erion and Lee (2018), Consistent individualized feature attribution for tree ensembles: the values of one tree.
    """
    learner = json.loads(booster.save_raw("json"))["learner"]
    _speaks_log_odds(learner)
    model, described = learner["gradient_booster"].get("model", {}), learner["learner_model_param"]
    if learner["gradient_booster"]["name"] != "gbtree" or "weight_drop" in model:  # lines, or trees with weights: rare enough for XGBoost's own values
        return None
    nodes = _Nodes.read(model["trees"])
    branches = _branches(nodes)
    if branches is None:
        return None
    base = _log_odds(described["base_score"]) + float((nodes.reach * nodes.limit)[nodes.left == NONE].sum())
    return _tables(nodes, branches, base, int(described["num_feature"]))


@dataclass(frozen=True, slots=True, eq=False)
class _Nodes:
    """The nodes of all trees, one tree after another.

    `order` visits them from the roots down, left before right, each with its `depth` and how many splits it and all below it are (`splits`). `limit` is
    a leaf's log-odds too. `share`: of the persons above it, how many go here; `reach`: of all persons.
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
        left, right = (np.where(side < 0, NONE, side + tree).astype(np.int32) for side in (left, right))
        cover, above = _joined(trees, "sum_hessian", np.float64), _above(left, right)
        share = np.divide(cover, cover[above], out=np.full(len(cover), 0.5), where=cover[above] > 0)  # nobody came: half each, as good as any
        order, depth, splits, reach = _survey(left, right, above, share, roots[:-1])
        sets, set_ends = _sets(trees, roots)
        features, limits = _joined(trees, "split_indices", np.int32), _joined(trees, "split_conditions", np.float32)
        kinds, missing_left = _joined(trees, "split_type", np.int32), _joined(trees, "default_left", np.int32)
        return cls(left, right, above, features, limits, kinds, missing_left, sets, set_ends, order, depth, splits, share, reach)


def _joined(trees: Iterable[Mapping[str, Any]], name: str, dtype: type) -> np.ndarray:
    return np.fromiter(chain.from_iterable(t[name] for t in trees), dtype)


def _above(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The node above each node."""
    above, split = np.full(len(left), NONE, np.int32), np.flatnonzero(left != NONE).astype(np.int32)
    above[left[split]] = above[right[split]] = split
    return above


def _sets(trees: Sequence[Mapping[str, Any]], roots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By node, the categories that go right: all sets one after another, by code, and where each ends, with a 0 before the first."""
    sizes, parts = np.zeros(roots[-1] + 1, np.int64), [np.zeros(0, np.bool_)]
    for tree, root in zip(trees, roots[:-1], strict=True):
        for node, first, count in sorted(zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True)):
            codes = tree["categories"][first : first + count]
            parts.append(np.bincount(codes) > 0)
            sizes[root + node + 1] = len(parts[-1])
    return np.concatenate(parts), np.cumsum(sizes)


@dataclass(frozen=True, slots=True, eq=False)
class _Branches:
    """The branches of all trees: the `root` of each, and as in `Trees`; the questions still as the nodes that ask them."""

    root: np.ndarray
    starts: np.ndarray
    kept: np.ndarray
    asked: np.ndarray
    told: np.ndarray


def _branches(nodes: _Nodes) -> _Branches | None:
    """Cut the trees into the largest branches that ask few enough questions; None where a tree is too deep or the tables would be too large."""
    visited = nodes.order
    most = max(QUESTIONS, int(nodes.depth[visited].max(initial=0)))
    if most > MOST_QUESTIONS:
        return None
    questions = nodes.depth + nodes.splits
    small = questions <= most
    root = visited[small[visited] & (questions[visited] > 0) & ~((nodes.above[visited] != NONE) & small[nodes.above[visited]])]
    ends = _ends(questions[root])
    asked, kept, told, widths = _ask(root, ends, nodes.left, nodes.above, nodes.feature, nodes.depth, nodes.order)
    tables = _ends(widths << questions[root])
    starts = np.stack([ends, _ends(widths), tables], axis=1)
    return _Branches(root, starts, kept, asked, told) if tables[-1] * np.float32().nbytes <= MEMORY else None


def _ends(sizes: np.ndarray) -> np.ndarray:
    """Where parts of these sizes start, laid one after another, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])


def _tables(nodes: _Nodes, branches: _Branches, base: float, features: int) -> Trees:
    asked = branches.asked
    questions = np.stack([nodes.feature[asked], nodes.kind[asked], nodes.missing_left[asked], nodes.set_ends[asked], nodes.set_ends[asked + 1]], axis=1)
    points, weights = _quadrature()
    described = (nodes.left, nodes.right, nodes.above, nodes.feature, nodes.limit, nodes.share)
    table = _fill(branches.root, branches.starts, asked, branches.told, *described, points, weights)
    arrays = (branches.starts, branches.kept, questions.astype(np.int32), nodes.limit[asked], nodes.sets, branches.told, table)
    return Trees(base, features, *(_frozen(a) for a in arrays))


def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Points and weights between 0 and 1 by which a polynomial of degree 2n - 1 is integrated exactly, in row n."""
    points, weights = np.zeros((2, MOST_QUESTIONS + 1, MOST_QUESTIONS))
    for n in range(1, MOST_QUESTIONS + 1):
        at, weight = np.polynomial.legendre.leggauss(n)
        points[n, :n], weights[n, :n] = (at + 1) / 2, weight / 2
    return points, weights


def _frozen(array: np.ndarray) -> np.ndarray:
    """The array, read-only from now on."""
    array.flags.writeable = False
    return array


def _log_odds(base_score: str) -> float:
    """XGBoost's base score: a probability, in some versions written as a list of one."""
    return log_odds(float(base_score.strip("[]")))


def _speaks_log_odds(learner: Mapping[str, Any]) -> None:
    objective, outcomes = learner["objective"]["name"], int(learner["learner_model_param"]["num_target"])
    if objective != "binary:logistic" or outcomes > 1:
        raise Refusal(f"a model is explained in log-odds of one outcome, this one was fitted with {objective!r} for {outcomes}; fit it with 'binary:logistic'")


def _suits(shape: tuple[int, ...], features: int) -> None:
    if len(shape) != 2 or shape[1] != features:
        raise Refusal(f"the trees read {features} features, one column each; the matrix has shape {shape}: give it the columns the model was fitted on")


def _by_xgboost(booster: "xgb.Booster", matrix: np.ndarray, types: Sequence[str]) -> Shap:
    cells = np.asarray(matrix, np.float32)
    _suits(cells.shape, booster.num_features())
    nobody = np.full((1, cells.shape[1]), np.nan, np.float32)  # so that there is a base to read where there are no persons
    base = float(_contributions(booster, nobody, types)[0, -1])
    return Shap(_frozen(_contributions(booster, cells, types)[:, :-1]), base, "xgboost")


def _contributions(booster: "xgb.Booster", cells: np.ndarray, types: Sequence[str]) -> np.ndarray:
    """XGBoost's own SHAP values, with the base as last column."""
    import xgboost as xgb  # noqa: PLC0415 - most of a second, and the tables need none of it

    if not len(cells):
        return np.zeros((0, cells.shape[1] + 1), np.float32)
    described = {"feature_names": booster.feature_names, "feature_types": list(types), "enable_categorical": True}
    return booster.predict(xgb.DMatrix(cells, **described), pred_contribs=True)


@nb.njit(cache=True)
def _survey(left, right, above, share, roots):  # type: ignore[no-untyped-def]
    """`order`, `depth`, `splits` and `reach` of `_Nodes`. Nodes that were pruned away belong to no tree and are not visited."""
    order, visited = np.empty(len(left), np.int32), 0
    depth, splits, reach = np.zeros(len(left), np.int32), np.zeros(len(left), np.int32), np.zeros(len(left))
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
    """The nodes whose questions each branch asks, those above its root first; `kept` and `told` of `Trees`, and how many features each tells of."""
    asked, kept = np.empty(ends[-1], np.int32), np.zeros(len(root), np.int32)
    told, widths, tells = np.empty(ends[-1], np.int32), np.zeros(len(root), np.int64), 0
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
        while b > 0 and kept[b] < depth[root[b]] and asked[ends[b - 1] + kept[b]] == asked[first + kept[b]]:
            kept[b] += 1
        for q in range(first, last):
            if _slot(told[tells : tells + widths[b]], feature[asked[q]]) == widths[b]:
                told[tells + widths[b]] = feature[asked[q]]
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
def _fill(root, starts, asked, told, left, right, above, feature, value, share, points, weights):  # type: ignore[no-untyped-def]
    """The tables of all branches: each leaf's own small table, added to its branch's by what the answers mean to the leaf."""
    table = np.zeros(starts[-1, 2], np.float32)
    for b in nb.prange(len(root)):
        questions = asked[starts[b, 0] : starts[b + 1, 0]]
        names = told[starts[b, 1] : starts[b + 1, 1]]
        rows = table[starts[b, 2] : starts[b + 1, 2]].reshape(len(names), 1 << len(questions))
        failed, own = np.empty(1 << len(questions), np.int32), np.empty((len(questions), 1 << len(questions)))
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
                many = _conditions(v, left, above, feature, share, questions, features, shares, failed)
                _tell(value[v], shares[:many], points, weights, own)
                for f in range(many):
                    row, mine = rows[_slot(names, features[f])], own[f]
                    for answers in range(len(failed)):
                        row[answers] += mine[failed[answers]]
    return table


@nb.njit(cache=True)
def _conditions(leaf, left, above, feature, share, questions, features, shares, failed):  # type: ignore[no-untyped-def]
    """What leads to a leaf: per feature the share of persons who meet all its conditions, and per answers which features fail one, as bits."""
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

    Feature i gets value * (met_i - share_i) * (the mean over all orders of the product, over the other features j, of met_j where j comes before i and
    share_j where it comes after). Let every feature come at a random time and i at time t: the mean is the integral over t from 0 to 1 of the product
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


@nb.njit(parallel=True, cache=True, nogil=True, fastmath=FLAGS)
def _add_up(lines, by_column, starts, kept, questions, limits, sets, told, table):  # type: ignore[no-untyped-def]
    """SHAP values of all persons; `lines` are their rows, or the columns."""
    persons, features = lines.shape[::-1] if by_column else lines.shape
    values = np.empty((persons, features), np.float32)
    for block in nb.prange((persons + BLOCK - 1) // BLOCK):
        first = block * BLOCK
        size = min(persons - first, BLOCK)
        columns, sums = np.empty((features, size), np.float32), np.zeros((features, size), np.float32)
        answers = np.zeros((MOST_QUESTIONS + 1, size), np.uint16)  # to the first j questions, in row j
        _turn(lines, by_column, first, columns)
        for b in range(len(kept)):
            many = starts[b + 1, 0] - starts[b, 0]
            for j in range(kept[b], many):
                q = starts[b, 0] + j
                _answer(columns[questions[q, 0]], questions[q], limits[q], sets, np.uint16(1 << j), answers[j], answers[j + 1])
            for name in range(starts[b, 1], starts[b + 1, 1]):
                row = starts[b, 2] + ((name - starts[b, 1]) << many)
                _add(table[row : row + (1 << many)], answers[many], sums[told[name]])
        for i in range(size):
            for f in range(features):
                values[first + i, f] = sums[f, i]
    return values


@nb.njit(cache=True, inline="always")
def _turn(lines, by_column, first, columns):  # type: ignore[no-untyped-def]
    """A block's values, one feature after another."""
    for f in range(len(columns)):
        for i in range(columns.shape[1]):
            columns[f, i] = lines[f, first + i] if by_column else lines[first + i, f]


@nb.njit(cache=True, inline="always")
def _answer(values, question, limit, sets, bit, before, after):  # type: ignore[no-untyped-def]
    """The answers so far with one more: the bit is set for whom the question sends left. A missing value is neither lower nor not lower."""
    none = np.uint16(0)
    if question[1] == CATEGORY:
        for i in range(len(values)):
            after[i] = before[i] | (bit if _left(values[i], question[2], sets[question[3] : question[4]]) else none)
    elif question[2]:
        for i in range(len(values)):
            after[i] = before[i] | (none if values[i] >= limit else bit)
    else:
        for i in range(len(values)):
            after[i] = before[i] | (bit if values[i] < limit else none)


@nb.njit(cache=True, inline="always")
def _left(code, missing_left, chosen):  # type: ignore[no-untyped-def]
    """Does a category go left? Those of the set go right; codes that the model has never seen, below 0 or too large, go left with the others."""
    if np.isnan(code):
        return missing_left != 0
    return not (0 <= code < len(chosen)) or not chosen[int(code)]


@nb.njit(cache=True, inline="always")
def _add(row, answers, sums):  # type: ignore[no-untyped-def]
    """What a branch says of a feature, to each person by their answers."""
    for i in range(len(sums)):
        sums[i] += row[answers[i]]
