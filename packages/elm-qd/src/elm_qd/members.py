"""The members of an archive as growing columns of equal length."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elm_protocols import Genotype, Individual, Json, UserError

Genotypes = Sequence[Genotype] | NDArray[Any]
"""A batch of genotypes: JSON values, or rows of a numeric array."""

_FIRST_CAPACITY = 64
_NOBODY_FITNESS = -math.inf


class Members:
    """A table of individuals. Row 0 is nobody, with fitness -inf, so that an empty niche needs no branch.

    Numeric genotypes live in one array; all others in a column of objects, exactly as they were given.

    Args:
        axes: Length of the measures.
        genotype_size: Length of numeric genotypes, or None for genotypes of any other kind.

    Attributes:
        count: How many members there are, in rows 1 to `count`.
        fitness: Shape (capacity,), float64.
        measures: Shape (capacity, axes), float64.
        ids: Shape (capacity,), int64.
        niches: Shape (capacity,), int64.
    """

    def __init__(self, axes: int, genotype_size: int | None = None) -> None:
        self.count = 0
        self.genotype_size = genotype_size
        self.fitness = np.full(_FIRST_CAPACITY, _NOBODY_FITNESS)
        self.measures = np.zeros((_FIRST_CAPACITY, axes))
        self.ids = np.full(_FIRST_CAPACITY, -1, dtype=np.int64)
        self.niches = np.full(_FIRST_CAPACITY, -1, dtype=np.int64)
        self.fitness_cells: memoryview[Any] = self.fitness.data
        self._metadata: list[Json] | None = None
        self._numbers = np.zeros((0, 0))
        self._values: NDArray[np.object_] = np.empty(0, dtype=object)
        if genotype_size is None:
            self._values = np.empty(_FIRST_CAPACITY, dtype=object)
        else:
            self._numbers = np.zeros((_FIRST_CAPACITY, genotype_size))

    def grow(self, extra: int) -> int:
        """Make room for `extra` more members, count them in, and return the first new row."""
        first = self.count + 1
        self.count += extra
        capacity = len(self.fitness)
        if self.count >= capacity:
            capacity = max(2 * capacity, self.count + 1)
            for name in ("fitness", "measures", "ids", "niches"):
                setattr(self, name, _longer(getattr(self, name), capacity))
            self.fitness_cells = self.fitness.data
            if self.genotype_size is None:
                self._values = _longer(self._values, capacity)
            else:
                self._numbers = _longer(self._numbers, capacity)
        if self._metadata is not None:
            self._metadata.extend([None] * extra)
        return first

    def check_genotypes(self, genotypes: Genotypes, n: int) -> Genotypes:
        """Return a batch in the form that `put` takes.

        Raises:
            UserError: If there are not `n` genotypes or they are not of the kind of this archive.
        """
        if len(genotypes) != n:
            raise UserError(f"Give one genotype for each of the {n} fitness values, not {len(genotypes)}.")
        if self.genotype_size is None:
            return genotypes
        return as_numbers(genotypes, (n, self.genotype_size), "genotypes")

    def put(
        self,
        rows: NDArray[np.int64],
        chosen: NDArray[np.int64],
        genotypes: Genotypes,
        metadata: Sequence[Json] | None,
    ) -> None:
        """Write the genotypes and metadata of the `chosen` entries of a batch into `rows`."""
        if self.genotype_size is not None:
            self._numbers[rows] = np.asarray(genotypes)[chosen]
        elif isinstance(genotypes, np.ndarray):
            for row, value in zip(rows.tolist(), genotypes[chosen].tolist(), strict=True):
                self._values[row] = value
        else:
            values = self._values
            for row, entry in zip(rows.tolist(), chosen.tolist(), strict=True):
                values[row] = genotypes[entry]
        if metadata is not None or self._metadata is not None:
            for row, entry in zip(rows.tolist(), chosen.tolist(), strict=True):
                self.put_metadata(row, None if metadata is None else metadata[entry])

    def put_genotype(self, row: int, genotype: Genotype) -> None:
        """Write one genotype."""
        if self.genotype_size is not None:
            self._numbers[row] = as_numbers([genotype], (1, self.genotype_size), "genotype")[0]
        else:
            self._values[row] = genotype

    def put_metadata(self, row: int, metadata: Json) -> None:
        """Write what is noted of one member; the column exists from the first note on."""
        if self._metadata is None:
            if metadata is None:
                return
            self._metadata = [None] * (self.count + 1)
        self._metadata[row] = metadata

    def genotypes(self) -> list[Genotype] | NDArray[np.float64]:
        """Return the genotypes of all members: a list, or a read-only array for numeric ones."""
        if self.genotype_size is None:
            members: list[Genotype] = self._values[1 : self.count + 1].tolist()
            return members
        return self.view(self._numbers)

    def genotypes_at(self, positions: NDArray[np.int64]) -> list[Genotype] | NDArray[np.float64]:
        """Return the genotypes of the members at `positions`: a list, or an array for numeric ones."""
        if self.genotype_size is None:
            chosen: list[Genotype] = self._values[1 : self.count + 1].take(positions).tolist()
            return chosen
        return self._numbers[1 : self.count + 1].take(positions, axis=0)

    def metadata(self, row: int) -> Json:
        """Return what was noted of the member in `row`, or None."""
        return None if self._metadata is None else self._metadata[row]

    def view(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return the members' part of a column, read-only."""
        part = column[1 : self.count + 1]
        part.flags.writeable = False
        return part

    def individuals(self, rows: NDArray[np.int64]) -> list[Individual]:
        """Return the members in `rows` with their metadata, where it is a text, as feedback."""
        notes = ("",) * len(rows) if self._metadata is None else map(self._feedback, rows.tolist())
        genotypes = self.genotypes_at(rows - 1)
        return [
            Individual(identity, genotype, fitness, tuple(measures), note)
            for identity, genotype, fitness, measures, note in zip(
                self.ids[rows].tolist(),
                genotypes.tolist() if isinstance(genotypes, np.ndarray) else genotypes,
                self.fitness[rows].tolist(),
                self.measures[rows].tolist(),
                notes,
                strict=True,
            )
        ]

    def _feedback(self, row: int) -> str:
        note = self.metadata(row)
        return note if isinstance(note, str) else ""

    def state(self) -> dict[str, Any]:
        """Return all members as numpy arrays and JSON values."""
        members = slice(1, self.count + 1)
        genotypes = (
            list(self._values[members]) if self.genotype_size is None else self._numbers[members].copy()
        )
        return {
            "genotype_size": self.genotype_size,
            "genotypes": genotypes,
            "metadata": None if self._metadata is None else self._metadata[members],
            **{
                name: getattr(self, name)[members].copy() for name in ("fitness", "measures", "ids", "niches")
            },
        }

    @classmethod
    def from_state(cls, axes: int, state: Mapping[str, Any]) -> Members:
        """Build the table of a `state()`."""
        table = cls(axes, state["genotype_size"])
        count = len(state["fitness"])
        table.grow(count)
        members = slice(1, count + 1)
        for name in ("fitness", "measures", "ids", "niches"):
            getattr(table, name)[members] = state[name]
        if table.genotype_size is None:
            for row, value in enumerate(state["genotypes"], start=1):
                table._values[row] = value
        else:
            table._numbers[members] = state["genotypes"]
        if state["metadata"] is not None:
            table._metadata = [None, *state["metadata"]]
        return table


def as_numbers(values: ArrayLike | Genotypes, shape: tuple[int, ...], what: str) -> NDArray[np.float64]:
    """Return `values` as float64 of `shape`.

    Raises:
        UserError: If they are not numbers or not of that shape.
    """
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"The {what} must be numbers in an array of shape {shape}.") from error
    if numbers.size == 0 and 0 in shape:
        return numbers.reshape(shape)
    if numbers.shape != shape:
        raise UserError(f"The {what} must have the shape {shape}, not {numbers.shape}.")
    return numbers


def _longer(column: NDArray[Any], capacity: int) -> NDArray[Any]:
    longer = np.zeros((capacity, *column.shape[1:]), dtype=column.dtype)
    longer[: len(column)] = column
    return longer
