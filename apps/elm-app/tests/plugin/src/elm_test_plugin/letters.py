"""Words that a mutation model changes letter by letter; every question and evaluation is noted in a file."""

import os
import time
from itertools import count, repeat
from pathlib import Path

import numpy as np

from elm_protocols import (
    OVER_BUDGET,
    BehaviorSpace,
    Completion,
    ContinuousAxis,
    Evaluation,
    MutationRequest,
    Offspring,
    Origin,
    Usage,
)


def note(file, line):
    """Add a line to a file at once, as one write; no file: nothing."""
    if file:
        with Path(file).open("ab", buffering=0) as log:
            log.write(f"{line}\n".encode())


class OneLetter:
    """Changes one letter, by chance: the words are never the same for two questions.

    Args:
        log: File to note questions in.
        pause: Seconds that an answer takes.
        allowance: How many answers it may give, as a model with limits of spending; null: any number.
    """

    def __init__(self, *, log: str = "", pause: float = 0.0, allowance: int | None = None):
        self._log = log
        self._pause = pause
        self._left = count(allowance, -1) if allowance is not None else repeat(1)

    def generate(self, requests):
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        if next(self._left) <= 0:
            return Completion(text=None, status=OVER_BUDGET, feedback="nothing is left")
        rng = np.random.default_rng(int.from_bytes(os.urandom(8)))  # as a model without a seed
        time.sleep(self._pause)
        word = list(request.parents[0])
        word[rng.integers(len(word))] = chr(97 + rng.integers(26))
        note(self._log, f"asked {request.seed}")
        return Completion(
            text="".join(word), origin=Origin("one_letter", "chance", "", Usage(1, 2, 3, self._pause))
        )


class Letters:
    """Words near elm.

    Args:
        log: File to note evaluations in.
        pause: Seconds that an evaluation takes.
    """

    def __init__(self, mutation_model, *, log: str = "", pause: float = 0.0):
        self.behavior_space = BehaviorSpace((ContinuousAxis("vowels", 0, 1),))
        self._mutation_model = mutation_model
        self._log = log
        self._pause = pause

    def random(self, n, rng):
        return [Offspring(genotype="".join(rng.choice(list("abcelm"), 6))) for _ in range(n)]

    def mutate(self, parents, rng):
        requests = [
            MutationRequest(parents=(group[0].genotype,), seed=int(rng.integers(2**31)), language="text")
            for group in parents
        ]
        answers = self._mutation_model.generate(requests)
        return [
            Offspring(
                genotype=answer.text,
                parents=(group[0].id,),
                status=answer.status,
                feedback=answer.feedback,
                origin=answer.origin,
            )
            for group, answer in zip(parents, answers, strict=True)
        ]

    def evaluate(self, genotypes):
        return [self._evaluation(word) for word in genotypes]

    def _evaluation(self, word):
        time.sleep(self._pause)
        note(self._log, f"evaluated {word}")
        vowels = sum(letter in "aeiou" for letter in word) / max(1, len(word))
        return Evaluation(
            fitness=float(sum(a == b for a, b in zip(word, "elmelm", strict=False))), measures=(vowels,)
        )
