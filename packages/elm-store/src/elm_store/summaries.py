"""Individuals without what is long (genotype, feedback, artifacts), and sums over many of them.

A page or a report over a run of 100 000 individuals reads these: SQLite leaves the long columns on the disk.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from elm_protocols import OK
from elm_store.rows import SqlRow
from elm_store.sql_values import float_from_sql, measures_from_sql, text_from_sql

_CAUSE = f"iif(offspring_status = '{OK}', status, offspring_status)"
SELECT_SUMMARIES = (
    "SELECT id, step, parents, operator, model, prompt_hash,"
    f" {_CAUSE}, fitness, measures, addition, improvement, niche FROM individuals NOT INDEXED"
)
SELECT_ADDED = f"{SELECT_SUMMARIES} WHERE addition IN ('new', 'improved') AND id"
SELECT_LATEST = (
    f"{SELECT_SUMMARIES} WHERE id < ? AND (? = '' OR {_CAUSE} = ?) AND (? = '' OR operator = ?)"
    " ORDER BY id DESC LIMIT ?"
)
SELECT_CHILDREN = (
    f"{SELECT_SUMMARIES} WHERE id > ? AND parents LIKE ? AND"
    " EXISTS (SELECT 1 FROM json_each(parents) WHERE value = ?) ORDER BY id LIMIT ?"
)
SELECT_TALLIES = (
    f"SELECT id / ? AS interval, operator, model, {_CAUSE} AS cause, addition, count(*),"
    " sum(iif(addition IN ('new', 'improved'), improvement, 0.0)), sum(requests), sum(prompt_tokens),"
    " sum(completion_tokens), sum(model_seconds), sum(evaluation_seconds)"
    " FROM individuals NOT INDEXED GROUP BY interval, operator, model, cause, addition"
)
SELECT_LOST = (
    "SELECT key, sum(value) FROM individuals, json_each(individuals.lost) WHERE lost <> '{}'"
    " GROUP BY key ORDER BY 2 DESC, 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndividualSummary:
    """One individual, short.

    Attributes:
        id: See `IndividualRecord`, as for those without a description here.
        step: Index of its step.
        parents: Ids of its parents.
        operator: Name of the mutation operator.
        model: Name of the language model; empty if none.
        prompt_hash: `content_hash` of the final prompt; empty if none.
        cause: `ok`, or why there is no child, or how its evaluation failed.
        fitness: Higher is better; NaN where `cause` is not `ok`.
        measures: Point in the behaviour space; empty where `cause` is not `ok`.
        addition: What the archive did with it.
        improvement: Gain in fitness that it brought.
        niche: Index of its niche; -1 where invalid.
    """

    id: int
    step: int
    parents: tuple[int, ...]
    operator: str
    model: str
    prompt_hash: str
    cause: str
    fitness: float
    measures: tuple[float, ...]
    addition: str
    improvement: float
    niche: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many individuals of one kind were born in one interval of ids, and what they cost.

    Attributes:
        interval: Number of the interval: ids from `interval * length` on.
        operator: Name of the mutation operator.
        model: Name of the language model; empty if none.
        cause: `ok`, or why there is no child, or how its evaluation failed.
        addition: What the archive did with them.
        individuals: How many.
        improvement: Sum of the gains in fitness; of additions only.
        requests: Calls to a model.
        prompt_tokens: Tokens the models read.
        completion_tokens: Tokens the models wrote.
        model_seconds: Time those calls took.
        evaluation_seconds: Wall-clock time of the evaluations.
    """

    interval: int
    operator: str
    model: str
    cause: str
    addition: str
    individuals: int
    improvement: float
    requests: int
    prompt_tokens: int
    completion_tokens: int
    model_seconds: float
    evaluation_seconds: float


def summary_from_row(row: SqlRow) -> IndividualSummary:
    """Return the summary of a row of `SELECT_SUMMARIES`."""
    return IndividualSummary(
        id=row[0],
        step=row[1],
        parents=tuple(json.loads(row[2])),
        operator=text_from_sql(row[3]),
        model=text_from_sql(row[4]),
        prompt_hash=text_from_sql(row[5]),
        cause=text_from_sql(row[6]),
        fitness=float_from_sql(row[7]),
        measures=measures_from_sql(row[8]),
        addition=row[9],
        improvement=float_from_sql(row[10]),
        niche=row[11],
    )


def tally_from_row(row: SqlRow) -> Tally:
    """Return the tally of a row of `SELECT_TALLIES`."""
    return Tally(
        interval=row[0],
        operator=text_from_sql(row[1]),
        model=text_from_sql(row[2]),
        cause=text_from_sql(row[3]),
        addition=row[4],
        individuals=row[5],
        improvement=float_from_sql(row[6]),
        requests=row[7],
        prompt_tokens=row[8],
        completion_tokens=row[9],
        model_seconds=float_from_sql(row[10]),
        evaluation_seconds=float_from_sql(row[11]),
    )
