"""Steps and individuals as rows of the tables, and back."""

from __future__ import annotations

import json
from typing import Any

from elm_protocols import Addition, AddStatus, Evaluation, Offspring, Statistics, Step
from elm_store.records import IndividualRecord, StepSummary
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

INSERT_INDIVIDUAL = f"INSERT INTO individuals VALUES ({', '.join('?' * 23)})"
INSERT_STEP = f"INSERT INTO steps VALUES ({', '.join('?' * 12)})"
SELECT_INDIVIDUALS = (
    "SELECT individuals.*, steps.recorded FROM individuals JOIN steps ON steps.id = individuals.step"
)
SELECT_ELITES = (  # served by the index `added` alone: it does not read the whole run
    "SELECT id FROM ("
    "SELECT id, fitness, row_number() OVER (PARTITION BY niche ORDER BY fitness DESC, id) AS place"
    " FROM individuals WHERE addition IN ('new', 'improved')"
    ") WHERE place = 1 ORDER BY fitness DESC, id"
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
