"""Evaluations of a step that is not over: what a killed generation need not compute again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from elm_protocols import Evaluation, Genotype, content_hash
from elm_store.sql_values import (
    float_from_sql,
    float_to_sql,
    json_to_sql,
    measures_from_sql,
    measures_to_sql,
    text_from_sql,
    text_to_sql,
)
from elm_store.write_connection import WriteConnection

_INSERT = "INSERT OR REPLACE INTO pending_evaluations VALUES (?, ?, ?, ?, ?, ?, ?)"
_SELECT = (
    "SELECT status, fitness, measures, feedback, seconds, artifacts FROM pending_evaluations WHERE hash = ?"
)
_DELETE = "DELETE FROM pending_evaluations WHERE hash = ?"


class EvaluationJournal:
    """Evaluations recorded as each ends, until their step is. Safe to use from several threads.

    An evaluation is a function of the genotype, so it is found by it. Once a step with the genotype is
    recorded, the entry is dropped: the individual holds it then.

    Args:
        connection: The store's.
    """

    def __init__(self, connection: WriteConnection) -> None:
        self._connection = connection
        with connection.query() as db:
            self._used = db.execute("SELECT 1 FROM pending_evaluations LIMIT 1").fetchone() is not None

    def find(self, genotype: Genotype) -> Evaluation | None:
        """Return the evaluation of a genotype, if it was recorded and its step was not."""
        with self._connection.query() as db:
            row = db.execute(_SELECT, (_hash(genotype),)).fetchone()
        if row is None:
            return None
        status, fitness, measures, feedback, seconds, artifacts = row
        return Evaluation(
            fitness=float_from_sql(fitness),
            measures=measures_from_sql(measures),
            status=text_from_sql(status),
            feedback=text_from_sql(feedback),
            artifacts=json.loads(artifacts),
            seconds=float_from_sql(seconds),
        )

    def record(self, genotype: Genotype, evaluation: Evaluation) -> None:
        """Put the evaluation of a genotype on record.

        Raises:
            UserError: It could not be written; see `Store.on_step`.
        """
        row = (
            _hash(genotype),
            text_to_sql(evaluation.status),
            float_to_sql(evaluation.fitness),
            measures_to_sql(evaluation.measures),
            text_to_sql(evaluation.feedback),
            float_to_sql(evaluation.seconds),
            json_to_sql(dict(evaluation.artifacts)),
        )
        with self._connection.transaction() as db:
            db.execute(_INSERT, row)
            self._used = True

    def drop(self, db: sqlite3.Connection, genotypes: Iterable[Genotype]) -> None:
        """Forget the evaluations of `genotypes`, inside the transaction that records them as individuals."""
        if self._used:
            db.executemany(_DELETE, [(_hash(genotype),) for genotype in genotypes])


def _hash(genotype: Genotype) -> bytes:
    return bytes.fromhex(content_hash(genotype))
