"""The way from a request to a child for operators that need no language model: draw, check, draw again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from elm_mutation.completions import Attempt
from elm_mutation.program_checks import Problem, check_child, parse
from elm_protocols import Completion, MutationRequest, UserError


def first_valid_draw(
    operator: str,
    request: MutationRequest,
    draw: Callable[[Generator], str | Problem],
    draws: int,
) -> Completion:
    """Return the first of at most `draws` drawn texts that passes the checks.

    The generator handed to `draw` is decided by the request's seed alone.
    """
    rng = np.random.default_rng(request.seed)
    attempt = Attempt(operator)
    for _ in range(draws):
        text = draw(rng)
        problem = text if isinstance(text, Problem) else check_child(text, request)
        if problem is None and isinstance(text, str):
            return attempt.child(text)
        if problem is not None:
            attempt.problems.append(problem)
    return attempt.failure()


def check_parent(operator: str, request: MutationRequest) -> Problem | None:
    """Return why a program cannot be edited in place, None if it can.

    Raises:
        UserError: The request is not about programs.
    """
    if request.language != "python":
        raise UserError(
            f"The operator '{operator}' edits Python programs; "
            f"for {request.language} choose another, for example operator=crossover."
        )
    parent = request.parents[0]
    tree = parse(parent)
    if isinstance(tree, Problem):
        return tree
    if not parent.startswith(request.template):
        return Problem("no-place", "The parent does not begin with the template.")
    return None


def check_draws(draws: int) -> None:
    """Raise UserError unless `draws` is at least 1."""
    if draws < 1:
        raise UserError(f"Option 'draws' must be at least 1, not {draws}.")
