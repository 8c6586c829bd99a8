"""Infill: exchange one fragment of a program, held to a grammar of what fits there.

Lehman et al. (2022), "Evolution through Large Models", section 3, let a language model trained on diffs
mutate a program. A model small enough for a laptop cannot: here it writes a fragment of some ten tokens,
and a grammar sees to it that the program stays whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.random import Generator

from elm_mutation.completions import Attempt
from elm_mutation.drawing import check_draws, check_parent, first_valid_draw
from elm_mutation.gap_filling import filling_by
from elm_mutation.grammar import draw
from elm_mutation.model_calls import AskedModel, Reply, accepts, ask, behind, conversation_text
from elm_mutation.number_draws import with_drawn_numbers
from elm_mutation.place_choice import Cut, open_somewhere
from elm_mutation.program_checks import Problem, check_child
from elm_protocols import OVER_BUDGET, Completion, MutationRequest, UserError, content_hash

_NO_PLACE = Problem("no-place", "The parent has no place where a fragment could be exchanged.")
_REQUESTS_AT_ONCE = 8  # to a service, which answers several in the time of one


class Infill:
    """Let a language model rewrite one fragment of the parent, held to a grammar of what fits there.

    Any causal model that can be held to a GBNF grammar will do, however small. One that takes no grammar is
    asked all the same, for a fragment that fits by itself (see `gap_filling`), which is meant for chat models
    of some billion parameters.

    Args:
        model: A LangChain LLM or chat model.
        draws: Most fragments drawn for one child before it is given up, at least 1.
        temperature: Sampling temperature of the model, above 0.
        concurrency: Most children made at once; 0: as many as the model runs at once.
        numbers: `model`: the model writes numbers digit by digit; `drawn`: it chooses among a few that are
            drawn near the parent's numbers, so that it decides structure only; needs a model that takes a
            grammar.
    """

    def __init__(
        self,
        model: AskedModel,
        *,
        draws: int = 4,
        temperature: float = 0.9,
        concurrency: int = 0,
        numbers: str = "model",
    ) -> None:
        check_draws(draws)
        if temperature <= 0:
            raise UserError(f"Option 'temperature' must be above 0, not {temperature}.")
        if concurrency < 0:
            raise UserError(f"Option 'concurrency' must be at least 0, not {concurrency}.")
        if numbers not in ("model", "drawn"):
            raise UserError(f"Option 'numbers' must be model or drawn, not '{numbers}'.")
        if numbers == "drawn" and not accepts(model, "grammar"):
            raise UserError("Option numbers=drawn needs a model that takes a grammar (embedded, hf).")
        self._drawn_numbers = numbers == "drawn"
        self._model = model
        self._filling = filling_by(model)
        self._draws = draws
        self._temperature = temperature
        self._concurrency = concurrency or int(getattr(behind(model), "prompts_at_once", _REQUESTS_AT_ONCE))

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        """Return one completion a request, in order."""
        searches = [_Search(request, self._draws) for request in requests]
        groups = _by_parent((search for search in searches if search.open), self._concurrency)
        with ThreadPoolExecutor(self._concurrency) as pool:
            list(pool.map(self._work_off, groups))
        return [search.completion() for search in searches]

    def _work_off(self, searches: list[_Search]) -> None:
        """Draw for each child, in rounds, until it is found or given up.

        All have one parent, and the last cut goes first: each prompt is then a prefix of the one before,
        which the server still holds.
        """
        while searches := [search for search in searches if search.open]:
            cuts = [(search, cut) for search in searches if (cut := search.next_cut())]
            for search, cut in sorted(cuts, key=lambda pair: -len(pair[1].before)):
                search.take(self._ask(search, cut), partial(self._filling.child, cut))

    def _ask(self, search: _Search, cut: Cut) -> Reply:
        rule = cut.grammar
        if self._drawn_numbers:
            rule = with_drawn_numbers(rule, search.request.parents[0], search.rng)
        prompt = self._filling.prompt(search.request, cut, search.rng)
        settings = self._filling.settings(rule)
        search.attempt.prompt_hash = content_hash([conversation_text(prompt), *map(str, settings.values())])
        return ask(
            self._model,
            prompt,
            seed=int(search.rng.integers(2**31)),
            temperature=self._temperature,
            max_tokens=self._filling.most_tokens,
            **settings,
        )


class _Search:
    """The draws for one request."""

    def __init__(self, request: MutationRequest, draws: int) -> None:
        self.request = request
        self.rng: Generator = np.random.default_rng(request.seed)
        self.attempt = Attempt("infill")
        self._left = draws
        self._child: Completion | None = None
        problem = check_parent("infill", request)
        if problem is not None:
            self.attempt.problems.append(problem)
            self._left = 0

    @property
    def open(self) -> bool:
        """Whether another draw is due."""
        return self._child is None and self._left > 0

    def next_cut(self) -> Cut | None:
        """Return the parent cut open at a place of the next draw's own; None, and no more, if it has none."""
        self._left -= 1
        cut = open_somewhere(self.request, self.rng)
        if cut is None:
            self.attempt.problems.append(_NO_PLACE)
            self._left = 0
        return cut

    def take(self, reply: Reply, child: Callable[[Reply], str | Problem]) -> None:
        """Take note of a reply, of which `child` makes a child."""
        self.attempt.usage += reply.usage
        self.attempt.model = reply.model
        read = reply.problem or child(reply)
        problem = read if isinstance(read, Problem) else check_child(read, self.request)
        if problem is not None:
            self.attempt.problems.append(problem)
            self._left = 0 if problem.status == OVER_BUDGET else self._left
        elif isinstance(read, str):
            self._child = self.attempt.child(read)

    def completion(self) -> Completion:
        """Return the child, or why there is none."""
        return self._child or self.attempt.failure()


def _by_parent(searches: Iterable[_Search], shares: int) -> list[list[_Search]]:
    """Group searches by parent, no group larger than an equal share of the work."""
    families: dict[str, list[_Search]] = {}
    for search in searches:
        families.setdefault(search.request.parents[0], []).append(search)
    largest = max(1, -(-sum(map(len, families.values())) // shares))
    return [
        family[start : start + largest]
        for family in families.values()
        for start in range(0, len(family), largest)
    ]


class RandomInfill:
    """Exchange one fragment of the parent for one drawn at random from the same grammar: infill's control.

    What the language model itself adds to infill is the difference to this operator.

    Args:
        draws: Most fragments drawn for one child before it is given up, at least 1.
    """

    def __init__(self, *, draws: int = 4) -> None:
        check_draws(draws)
        self._draws = draws

    def generate(self, requests: Sequence[MutationRequest]) -> list[Completion]:
        """Return one completion a request, in order, decided by its seed."""
        return [
            first_valid_draw("random_infill", request, _Fragment(request).draw, self._draws)
            for request in requests
        ]


class _Fragment:
    """Random fragments at random places of one request's parent."""

    def __init__(self, request: MutationRequest) -> None:
        self._request = request
        self._problem = check_parent("random_infill", request)

    def draw(self, rng: Generator) -> str | Problem:
        """Return the parent with one fragment exchanged, or why there is none."""
        if self._problem is not None:
            return self._problem
        cut = open_somewhere(self._request, rng)
        return _NO_PLACE if cut is None else cut.child_of_fragment(draw(cut.rule, rng))
