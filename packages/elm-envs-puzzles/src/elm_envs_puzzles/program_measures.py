"""The behaviour space of an environment of programs, put together from measures by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elm_envs_puzzles.embedding_axes import Embedder, EmbeddingAxes
from elm_envs_puzzles.program_shape import SHAPE_MEASURES
from elm_protocols import Axis, BehaviorSpace, UserError

_EMBEDDING = re.compile(r"embedding_([1-9]\d?)")


@dataclass(frozen=True, slots=True)
class MeasuredProgram:
    """What measures are taken from.

    Attributes:
        tree: Syntax tree whose shape is measured.
        text: Source that is embedded.
        given: Measures taken elsewhere, by name: one number an axis.
    """

    tree: ast.AST
    text: str
    given: Mapping[str, tuple[float, ...]]


class ProgramMeasures:
    """Takes named measures: shapes of syntax trees, embedding axes, and what the environment measures itself.

    Args:
        names: Measures in the order of the axes: those of `SHAPE_MEASURES`, `embedding_1`, `embedding_2`,
            ..., and the names in `given`.
        embedder: Embeds programs.
        reference: Programs that span the embedding axes (see `EmbeddingAxes`).
        given: Axes of measures that the environment takes itself, by name.

    Raises:
        UserError: If a name is unknown.
    """

    def __init__(
        self,
        names: Sequence[str],
        embedder: Embedder,
        reference: Sequence[str],
        given: Mapping[str, tuple[Axis, ...]],
    ) -> None:
        components = [int(match[1]) for name in names if (match := _EMBEDDING.fullmatch(name))]
        self._embedding = EmbeddingAxes(embedder, reference, max(components)) if components else None
        self._names = tuple(names)
        axes: list[Axis] = []
        for name in names:
            if name in given:
                axes += given[name]
            elif name in SHAPE_MEASURES:
                axes.append(SHAPE_MEASURES[name].axis)
            elif self._embedding and _EMBEDDING.fullmatch(name):
                axes.append(self._embedding.axes[_component(name)])
            else:
                known = ", ".join([*SHAPE_MEASURES, "embedding_1", "embedding_2", *given])
                raise UserError(f"There is no measure '{name}'; choose from {known}.")
        self.space = BehaviorSpace(tuple(axes))

    def measure(self, programs: Sequence[MeasuredProgram]) -> list[tuple[float, ...]]:
        """Return the measures of each program, in the order of the space's axes."""
        places = self._embedding.measure([program.text for program in programs]) if self._embedding else None
        measured = []
        for index, program in enumerate(programs):
            point: list[float] = []
            for name in self._names:
                if name in program.given:
                    point += program.given[name]
                elif name in SHAPE_MEASURES:
                    point.append(SHAPE_MEASURES[name].measure(program.tree))
                elif places is not None and _EMBEDDING.fullmatch(name):
                    point.append(float(places[index, _component(name)]))
            measured.append(tuple(point))
        return measured


def _component(name: str) -> int:
    return int(name.rsplit("_", 1)[1]) - 1
