"""The data of a task: rows of inputs and expected outputs from a JSON Lines or CSV file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from elm_protocols import UserError


@dataclass(frozen=True, slots=True)
class Example:
    """One row.

    Attributes:
        inputs: Column -> text.
        expected: The texts that count as right, the first for likelihoods; at least one.
    """

    inputs: Mapping[str, str]
    expected: tuple[str, ...]


def read_examples(path: Path, columns: Sequence[str], expected: str) -> list[Example]:
    """Read the rows of a `.jsonl` or `.csv` file.

    An expected output may be a list of alternatives (in CSV separated by `|`).

    Raises:
        UserError: The file cannot be read, or a row lacks a column; its line is named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The data file '{path}' cannot be read: {error}.") from error
    if path.suffix not in (".jsonl", ".csv"):
        raise UserError(f"The data file '{path}' must end in .jsonl (JSON Lines) or .csv.")
    rows = _json_lines(text, path) if path.suffix == ".jsonl" else _csv_rows(text, path)
    return [_example(row, f"{path}, line {line}", columns, expected) for line, row in rows]


def split(examples: Sequence[Example], held_out: float) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """Return training and held-out examples; which row goes where depends on the number of rows alone."""
    order = np.random.default_rng(len(examples)).permutation(len(examples))
    count = round(held_out * len(examples))
    chosen = {int(index) for index in order[:count]}
    return (
        tuple(example for index, example in enumerate(examples) if index not in chosen),
        tuple(example for index, example in enumerate(examples) if index in chosen),
    )


def _json_lines(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    for line, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        try:
            value = json.loads(row)
        except ValueError as error:
            raise UserError(f"{path}, line {line}: this is not JSON: {error}.") from error
        if not isinstance(value, dict):
            raise UserError(f"{path}, line {line}: a JSON object belongs here.")
        yield line, value


def _csv_rows(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise UserError(f"{path}, line {reader.line_num}: the row has not as many cells as the head.")
            yield reader.line_num, {name: str(value) for name, value in row.items()}
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: this is not CSV: {error}.") from error


def _example(row: Mapping[str, object], place: str, columns: Sequence[str], expected: str) -> Example:
    for name in (*columns, expected):
        if name not in row:
            raise UserError(f"{place}: the column '{name}' is missing.")
    value = row[expected]
    alternatives = value if isinstance(value, list) else str(value).split("|")
    texts = tuple(str(one).strip() for one in alternatives)
    if not texts or not all(texts):
        raise UserError(f"{place}: the expected output '{expected}' is empty.")
    return Example({name: str(row[name]) for name in columns}, texts)
