"""pass@k: the chance that at least one of k attempts solves a puzzle."""

from __future__ import annotations

import math

from elm_protocols import UserError


def pass_at_k(attempts: int, solved: int, k: int) -> float:
    """Return the unbiased estimate of pass@k.

    1 - C(n - c, k) / C(n, k). Source: Chen et al. 2021, "Evaluating Large Language Models Trained on Code",
    arXiv 2107.03374, section 2.1, equation 1. The quotient is a product of k or, as in the paper, of c
    factors; the shorter one is taken, which stays in range for any n and is exact in the plainest cases.

    Args:
        attempts: n, how many attempts were drawn.
        solved: c, how many of them solve the puzzle, 0 to n.
        k: How many attempts a solver would have, 1 to n.

    Raises:
        UserError: If the numbers are out of range.
    """
    if not 1 <= k <= attempts:
        raise UserError(
            f"pass@{k} needs at least {max(k, 1)} attempts and k of 1 or more, got {attempts} attempts."
        )
    if not 0 <= solved <= attempts:
        raise UserError(f"Of {attempts} attempts, {solved} cannot have solved the puzzle.")
    if attempts - solved < k:
        return 1.0
    if k <= solved:
        return 1.0 - math.prod((attempts - solved - i) / (attempts - i) for i in range(k))
    return 1.0 - math.prod((attempts - k - i) / (attempts - i) for i in range(solved))
