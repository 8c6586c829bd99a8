"""Steps and individuals as rows of the store, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elm_protocols import (
    Addition,
    AddStatus,
    Evaluation,
    Genotype,
    Json,
    Offspring,
    Origin,
    Statistics,
    Step,
    Usage,
)
from elm_store.sql_values import (
    float_from_sql,
    float_to_sql,
    json_to_sql,
    measures_from_sql,
    measures_to_sql,
    text_from_sql,
    text_to_sql,
)

SqlRow = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndividualRecord:
    """One individual with everything the run knows of it, flat for tables.

    Attributes:
        id: Position in the order in which the algorithm was told of individuals: 0, 1, 2, ...
        step: Index of its step.
        parents: Ids of its parents.
        operator: Name of the mutation operator.
        model: Name of the language model; empty if none.
        prompt_hash: `content_hash` of the final prompt; empty if none.
        offspring_status: `ok`, or why no child could be made.
        offspring_feedback: One line on that failure.
        requests: Calls to a model spent on it.
        prompt_tokens: Tokens the models read for it.
        completion_tokens: Tokens the models wrote for it.
        model_seconds: Time those calls took.
        lost: Earlier draws for this child that were discarded, by cause.
        status: `ok`, or how its evaluation failed.
        fitness: Higher is better; NaN where `status` is not `ok`.
        measures: Point in the behaviour space; empty where `status` is not `ok`.
        feedback: What the evaluation said of it.
        evaluation_seconds: Wall-clock time of the evaluation.
        addition: What the archive did with it: `new`, `improved`, `rejected`, `invalid`.
        improvement: Gain in fitness that it brought.
        niche: Index of its niche; -1 where invalid.
        recorded: When its step was recorded (Unix time, seconds).
        genotype: What evolves; None where no child could be made.
        artifacts: JSON that a viewer needs to show the phenotype.
    """

    id: int
    step: int
    parents: tuple[int, ...]
    operator: str
    model: str
    prompt_hash: str
    offspring_status: str
    offspring_feedback: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    model_seconds: float
    lost: Mapping[str, int]
    status: str
    fitness: float
    measures: tuple[float, ...]
    feedback: str
    evaluation_seconds: float
    addition: str
    improvement: float
    niche: int
    recorded: float
    genotype: Genotype
    artifacts: Mapping[str, Json]

    @property
    def offspring(self) -> Offspring:
        """The child as it went into the search."""
        usage = Usage(self.requests, self.prompt_tokens, self.completion_tokens, self.model_seconds)
        return Offspring(
            genotype=self.genotype,
            parents=self.parents,
            status=self.offspring_status,
            feedback=self.offspring_feedback,
            origin=Origin(self.operator, self.model, self.prompt_hash, usage, self.lost),
        )

    @property
    def evaluation(self) -> Evaluation:
        """Its evaluation as it went into the search."""
        return Evaluation(
            fitness=self.fitness,
            measures=self.measures,
            status=self.status,
            feedback=self.feedback,
            artifacts=self.artifacts,
            seconds=self.evaluation_seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSummary:
    """One step's time and statistics, flat for tables.

    Attributes:
        step: Index of the step.
        recorded: When it was recorded (Unix time, seconds).
        size: How many individuals it told the algorithm of.
        individuals: How many the algorithm was told of up to here.
        valid: How many of them were valid.
        niches: How many niches the archive has.
        filled: How many of them are filled.
        coverage: Filled share of the niches.
        qd_score: Sum over filled niches of (best fitness in the niche - offset).
        best: Highest fitness; NaN while the archive is empty.
        mean: Mean of the niches' best fitness; NaN while empty.
        lowest: Lowest of the niches' best fitness; NaN while empty.
    """

    step: int
    recorded: float
    size: int
    individuals: int
    valid: int
    niches: int
    filled: int
    coverage: float
    qd_score: float
    best: float
    mean: float
    lowest: float


INSERT_INDIVIDUAL = f"INSERT INTO individuals VALUES ({', '.join('?' * 23)})"
INSERT_STEP = f"INSERT INTO steps VALUES ({', '.join('?' * 12)})"
SELECT_INDIVIDUALS = (
    "SELECT individuals.*, steps.recorded FROM individuals JOIN steps ON steps.id = individuals.step"
)
SELECT_STEPS = "SELECT * FROM steps"


def individual_to_row(step: int, offspring: Offspring, evaluation: Evaluation, addition: Addition) -> SqlRow:
    """Return the row of `individuals`, in the order of its columns."""
    origin = offspring.origin
    usage = origin.usage
    return (
        int(addition.id),
        step,
        json_to_sql([int(parent) for parent in offspring.parents]),
        text_to_sql(origin.operator),
        text_to_sql(origin.model),
        text_to_sql(origin.prompt_hash),
        text_to_sql(offspring.status),
        text_to_sql(offspring.feedback),
        int(usage.requests),
        int(usage.prompt_tokens),
        int(usage.completion_tokens),
        float_to_sql(usage.seconds),
        json_to_sql({cause: int(count) for cause, count in origin.lost.items()}),
        text_to_sql(evaluation.status),
        float_to_sql(evaluation.fitness),
        measures_to_sql(evaluation.measures),
        text_to_sql(evaluation.feedback),
        float_to_sql(evaluation.seconds),
        str(addition.status),
        float_to_sql(addition.improvement),
        int(addition.niche),
        json_to_sql(offspring.genotype),
        json_to_sql(dict(evaluation.artifacts)),
    )


def individual_from_row(row: SqlRow) -> IndividualRecord:
    """Return the record of a row of `SELECT_INDIVIDUALS`."""
    return IndividualRecord(
        id=row[0],
        step=row[1],
        parents=tuple(json.loads(row[2])),
        operator=text_from_sql(row[3]),
        model=text_from_sql(row[4]),
        prompt_hash=text_from_sql(row[5]),
        offspring_status=text_from_sql(row[6]),
        offspring_feedback=text_from_sql(row[7]),
        requests=row[8],
        prompt_tokens=row[9],
        completion_tokens=row[10],
        model_seconds=float_from_sql(row[11]),
        lost=json.loads(row[12]),
        status=text_from_sql(row[13]),
        fitness=float_from_sql(row[14]),
        measures=measures_from_sql(row[15]),
        feedback=text_from_sql(row[16]),
        evaluation_seconds=float_from_sql(row[17]),
        addition=row[18],
        improvement=float_from_sql(row[19]),
        niche=row[20],
        genotype=json.loads(row[21]),
        artifacts=json.loads(row[22]),
        recorded=row[23],
    )


def step_to_row(step: Step, first_individual: int, recorded: float) -> SqlRow:
    """Return the row of `steps`, in the order of its columns."""
    figures = step.statistics
    return (
        int(step.index),
        first_individual,
        len(step.offspring),
        recorded,
        int(figures.individuals),
        int(figures.valid),
        int(figures.niches),
        int(figures.filled),
        float_to_sql(figures.qd_score),
        float_to_sql(figures.best),
        float_to_sql(figures.mean),
        float_to_sql(figures.lowest),
    )


def statistics_from_row(row: SqlRow) -> Statistics:
    """Return the statistics in a row of `SELECT_STEPS`."""
    return Statistics(
        individuals=row[4],
        valid=row[5],
        niches=row[6],
        filled=row[7],
        qd_score=float_from_sql(row[8]),
        best=float_from_sql(row[9]),
        mean=float_from_sql(row[10]),
        lowest=float_from_sql(row[11]),
    )


def summary_from_row(row: SqlRow) -> StepSummary:
    """Return the summary of a row of `SELECT_STEPS`."""
    figures = statistics_from_row(row)
    return StepSummary(
        step=row[0],
        recorded=row[3],
        size=row[2],
        individuals=figures.individuals,
        valid=figures.valid,
        niches=figures.niches,
        filled=figures.filled,
        coverage=figures.coverage,
        qd_score=figures.qd_score,
        best=figures.best,
        mean=figures.mean,
        lowest=figures.lowest,
    )


def step_from_rows(row: SqlRow, records: list[IndividualRecord]) -> Step:
    """Return the step of a row of `SELECT_STEPS` and its individuals' records, in order of id."""
    return Step(
        index=row[0],
        offspring=tuple(record.offspring for record in records),
        evaluations=tuple(record.evaluation for record in records),
        additions=tuple(
            Addition(record.id, AddStatus(record.addition), record.improvement, record.niche)
            for record in records
        ),
        statistics=statistics_from_row(row),
    )
