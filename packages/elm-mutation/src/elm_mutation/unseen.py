"""No evaluation for a child that was evaluated before."""

from __future__ import annotations

import ast
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from elm_mutation.program_checks import parse
from elm_protocols import Completion, MutationModel, MutationRequest, Step, UserError, content_hash

SEEN = "seen"
"""Status of a child that was evaluated before, and cause of a draw lost for it."""


class UnseenChildren:
    """Has another operator draw again where its child is one that was evaluated already.

    It is a `MutationModel`, and a `RunObserver` that must be told of every step to know what was evaluated.
    Programs are the same if their syntax trees are, texts if they differ in white space only.

    Args:
        operator: The operator that makes the children.
        draws: How often it is asked for one child, at least 1.

    Raises:
        UserError: `draws` is out of range.
    """

    def __init__(self, operator: MutationModel, *, draws: int = 3) -> None:
        if draws < 1:
            raise UserError(f"Option 'draws' must be at least 1, not {draws}.")
        self._operator = operator
        self._draws = draws
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        """Return one completion a request, in order; no two with the same child."""
        completions: dict[int, Completion] = {}
        taken: set[str] = set()
        left = list(range(len(requests)))
        for draw in range(self._draws):
            made = self._operator.generate([_redrawn(requests[place], draw) for place in left])
            again = []
            for place, completion in zip(left, made, strict=True):
                whole = _with_earlier(completion, completions.get(place))
                key = _key(completion.text) if completion.text is not None else ""
                if not key or self._is_new(key, taken):
                    taken.add(key)
                    completions[place] = whole
                else:
                    completions[place] = replace(
                        whole, text=None, status=SEEN, feedback="The child was evaluated before."
                    )
                    again.append(place)
            left = again
        return [completions[place] for place in range(len(requests))]

    def _is_new(self, key: str, taken: set[str]) -> bool:
        with self._lock:
            return key not in self._seen and key not in taken

    def on_step(self, step: Step) -> None:
        """Take note of what was evaluated."""
        keys = {_key(child.genotype) for child in step.offspring if isinstance(child.genotype, str)}
        with self._lock:
            self._seen |= keys


def _redrawn(request: MutationRequest, draw: int) -> MutationRequest:
    if draw == 0:
        return request
    return replace(request, seed=int(np.random.default_rng([request.seed, draw]).integers(2**63)))


def _with_earlier(completion: Completion, earlier: Completion | None) -> Completion:
    """Return the completion with what the earlier draws for its request cost and lost."""
    if earlier is None:
        return completion
    lost = Counter(completion.origin.lost) + Counter(earlier.origin.lost) + Counter({SEEN: 1})
    usage = completion.origin.usage + earlier.origin.usage
    return replace(completion, origin=replace(completion.origin, usage=usage, lost=dict(lost)))


def _key(text: str) -> str:
    tree = parse(text)
    return content_hash(ast.dump(tree) if isinstance(tree, ast.Module) else " ".join(text.split()))
