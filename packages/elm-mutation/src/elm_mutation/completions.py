"""The record of one request on its way to a child: draws, what they cost, why they were lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from elm_mutation.program_checks import Problem
from elm_protocols import Completion, Origin, Usage


@dataclass(slots=True)
class Attempt:
    """Collects the draws for one child.

    Attributes:
        operator: Name of the operator.
        model: Name of the language model; empty if none is asked.
        prompt_hash: Hash of the latest prompt.
        usage: Spent so far.
        problems: Why each draw so far was lost, in order.
    """

    operator: str
    model: str = ""
    prompt_hash: str = ""
    usage: Usage = field(default_factory=Usage)
    problems: list[Problem] = field(default_factory=list)

    def child(self, text: str, note: str = "") -> Completion:
        """Return the completion of a draw that succeeded, with a line on it if there is one to say."""
        return Completion(text=text, feedback=note, origin=self._origin(self.problems))

    def failure(self) -> Completion:
        """Return the completion of a request whose every draw was lost; at least one was."""
        last = self.problems[-1]
        return Completion(
            text=None,
            status=last.status,
            feedback=last.feedback,
            origin=self._origin(self.problems[:-1]),
        )

    def _origin(self, lost: list[Problem]) -> Origin:
        causes = Counter(problem.status for problem in lost)
        return Origin(self.operator, self.model, self.prompt_hash, self.usage, dict(causes))
