"""Skills by likelihood: what a model finds likely to be named after a puzzle, for models too small to judge.

A model of 135M parameters that must answer yes or no says the same of every puzzle, in valid JSON too. How
likely it holds a skill's name to be tells puzzles apart, once what it thinks of the name itself (its mean
over reference puzzles) and of the puzzle (its mean over skills) is taken off. Source for the correction:
Zhao et al. 2021, "Calibrate Before Use", arXiv 2102.09690, section 4, with puzzles in the place of
content-free input.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from elm_envs_puzzles.puzzle import PREAMBLE
from elm_envs_puzzles.puzzle_files import load_puzzles
from elm_envs_puzzles.skills import SKILLS

REFERENCES = 8
"""How many shipped puzzles, the shortest ones, the scale is taken from."""

LEAST = 0.75
"""How far above the mean a skill must be to count, in standard deviations over the references."""


@runtime_checkable
class LikelihoodModel(Protocol):
    """A model that can say how likely a text is; the embedded one can."""

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """Return each continuation's mean log-likelihood a token (nats, at most 0) after the prompt."""
        ...


class SkillLikelihoods:
    """Labels puzzles with skills by the likelihood of the skills' names.

    Args:
        model: Says how likely a text is. The references are scored here: a few seconds with a tiny model.
    """

    def __init__(self, model: LikelihoodModel) -> None:
        self._model = model
        known = [puzzle.program(puzzle.bodies[0]) for puzzle in load_puzzles()]
        references = self._scores(sorted(known, key=len)[:REFERENCES])
        self._means = references.mean(axis=0)
        self._deviation = float(_centred(references - self._means).std()) or 1.0

    def __call__(self, programs: Sequence[str]) -> list[tuple[float, ...]]:
        """Return for each program ten numbers, 0.0 or 1.0, in the order of `SKILLS`."""
        return [tuple(map(float, row >= LEAST)) for row in self.standings(programs)]

    def standings(self, programs: Sequence[str]) -> NDArray[np.float64]:
        """Return how far each skill is above what is usual, in standard deviations.

        Returns:
            (programs, 10) array of float64.
        """
        return _centred(self._scores(programs) - self._means) / self._deviation

    def _scores(self, programs: Sequence[str]) -> NDArray[np.float64]:
        names = [f" {name.replace('_', ' ')}." for name in SKILLS]
        scored = [self._model.score(_prompt(program), names) for program in programs]
        return np.array(scored, dtype=np.float64).reshape(len(programs), len(SKILLS))


def _prompt(program: str) -> str:
    return f"{program.removeprefix(PREAMBLE).strip()}\n\n\n# The topic of this puzzle is"


def _centred(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    centred: NDArray[np.float64] = scores - scores.mean(axis=1, keepdims=True)
    return centred
