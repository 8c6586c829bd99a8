"""Exports: tables of a run as JSON Lines or Parquet, one genotype to a file."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from elm_protocols import Genotype, Json, MissingExtraError, UserError
from elm_store.records import IndividualRecord, StepSummary
from elm_store.sql_values import json_to_sql

_BATCH = 10_000  # individuals in memory at once, and in a row group of a Parquet file
_JSON_COLUMNS = ("genotype", "artifacts", "lost")

Record = IndividualRecord | StepSummary


def export_json_lines(records: Iterable[Record], path: str | Path) -> int:
    """Write one JSON object a record.

    JSON has no NaN and no infinity: such numbers become null.

    Args:
        records: `run.individuals()`, `run.elites()`, `run.history()`, or some of them.
        path: The file to write; replaced if it exists, whole or not at all.

    Returns:
        How many records were written.

    Raises:
        UserError: The file cannot be written.
    """
    written = 0
    with _replacing(Path(path)) as partial, partial.open("w", encoding="utf-8", newline="\n") as lines:
        for record in records:
            lines.write(json_to_sql(finite(_fields(record))) + "\n")
            written += 1
    return written


def export_parquet(individuals: Iterable[IndividualRecord], path: str | Path) -> int:
    """Write individuals as a Parquet table, which keeps NaN and infinities.

    The columns are the fields of `IndividualRecord`; `genotype`, `artifacts` and `lost` are JSON texts. Lone
    surrogates, which Parquet cannot hold, become question marks in the others.

    Args:
        individuals: `run.individuals()`, `run.elites()`, or some of them.
        path: The file to write; replaced if it exists, whole or not at all.

    Returns:
        How many individuals were written.

    Raises:
        MissingExtraError: pyarrow is not installed.
        UserError: The file cannot be written.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
        from pyarrow import parquet  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("elm-store", "parquet", "write Parquet files") from None
    text, integer, number = pa.string(), pa.int64(), pa.float64()
    types = {"int": integer, "float": number, "str": text}
    special = {"parents": pa.list_(integer), "measures": pa.list_(number)}
    columns = [
        (field.name, special.get(field.name) or types.get(str(field.type), text))
        for field in dataclasses.fields(IndividualRecord)
    ]
    schema = pa.schema(columns)
    written = 0
    with _replacing(Path(path)) as partial, parquet.ParquetWriter(partial, schema) as table:
        remaining = iter(individuals)
        while batch := [_parquet_row(record) for record in itertools.islice(remaining, _BATCH)]:
            table.write_table(pa.Table.from_pylist(batch, schema=schema))
            written += len(batch)
    return written


def export_genotype(genotype: Genotype, path: str | Path) -> None:
    """Write one genotype: a program or another text as it is, anything else as JSON.

    Args:
        genotype: For example `run.elites()[0].genotype`.
        path: The file to write; replaced if it exists.

    Raises:
        UserError: The file cannot be written.
    """
    text = genotype if isinstance(genotype, str) else json.dumps(genotype, indent=2, ensure_ascii=False)
    with _replacing(Path(path)) as partial:
        partial.write_bytes(text.encode("utf-8", "surrogatepass"))


def _fields(record: Record) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def finite(value: Json) -> Json:
    """Return `value` with null in the place of NaN and infinities, which JSON has not."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [finite(item) for item in value]
    return value


def _parquet_row(record: IndividualRecord) -> dict[str, Any]:
    row = _fields(record)
    for column, value in row.items():
        if column in _JSON_COLUMNS:
            row[column] = json_to_sql(value)
        elif isinstance(value, str):
            row[column] = value.encode("utf-8", "replace").decode()
    return row


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a file to write to, and put it in the place of `path` in the end."""
    partial = path.with_name(path.name + ".part")
    try:
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}): choose another file or free some space."
        ) from error
