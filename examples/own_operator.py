"""An operator of one's own: scale every number of a program at once, and let it evolve robots.

    pip install elm-qd elm-sandbox elm-envs-sodarace
    python examples/own_operator.py

`elm-run operator=scale` would offer it once a package announces it:

    [project.entry-points."elm.operators"]
    scale = "own_operator:ScaleNumbers"
"""

import re

import numpy as np

from elm_protocols import Completion, Origin, UserError

NUMBER = re.compile(r"(?<![\w.])\d+(\.\d+)?(?![\w.])")


class ScaleNumbers:
    """Multiply all numbers of a program after its template by one factor.

    Args:
        most: Largest factor, above 1; its inverse is the smallest.
    """

    def __init__(self, *, most: float = 1.5):
        if most <= 1:
            raise UserError(f"operator.most must be above 1, not {most}.")
        self._most = most

    def generate(self, requests):
        return [self._child(request) for request in requests]

    def _child(self, request):
        origin = Origin(operator="scale")
        parent = request.parents[0]
        if not parent.startswith(request.template):
            return Completion(text=None, status="template", origin=origin)  # no child: say why
        rng = np.random.default_rng(request.seed)  # same request, same child
        factor = self._most ** rng.uniform(-1, 1)
        body = parent[len(request.template) :]
        child = NUMBER.sub(lambda number: f"{float(number[0]) * factor:.2f}", body)
        if child == body:
            return Completion(text=None, status="no-place", feedback="no number in it", origin=origin)
        return Completion(text=request.template + child, origin=origin)


if __name__ == "__main__":
    from elm_envs_sodarace import SEEDS, TEMPLATE, Sodarace
    from elm_protocols import MutationRequest
    from elm_protocols.testing import check_mutation_model
    from elm_qd import Budget, MAPElites, search
    from elm_sandbox import Jail

    walkers = [MutationRequest(parents=(text,), seed=1, template=TEMPLATE) for text in SEEDS.values()]
    check_mutation_model(ScaleNumbers(), walkers)  # does it keep what an operator promises?
    with Jail() as sandbox:
        robots = Sodarace(ScaleNumbers(), sandbox, duration=5.0)
        algorithm = MAPElites(robots.behavior_space, np.random.default_rng(0), random_individuals=7)
        result = search(algorithm, robots, seed=0, budget=Budget(individuals=100), batch_size=20)
    figures = result.statistics
    print(
        f"{figures.filled} niches filled, {figures.valid_share:.0%} valid, farthest {figures.best:.1f} units"
    )
