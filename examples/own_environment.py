"""An environment of one's own: programs that walk around as much land as they can, for every length of walk.

pip install elm-qd elm-mutation elm-sandbox
python examples/own_environment.py
"""

import numpy as np

from elm_protocols import (
    BehaviorSpace,
    ContinuousAxis,
    Evaluation,
    Limits,
    MutationRequest,
    Offspring,
    Program,
)

TURTLE = """import math
class Turtle:
    def __init__(self):
        self.path, self.heading = [(0.0, 0.0)], 0.0
    def forward(self, steps):
        x, y = self.path[-1]
        turn = math.radians(self.heading)
        self.path.append((x + steps * math.cos(turn), y + steps * math.sin(turn)))
    def left(self, degrees):
        self.heading += degrees
"""  # a module that the programs may import
STUB = """class Turtle:
    path: list
    def forward(self, steps: float) -> None: ...
    def left(self, degrees: float) -> None: ...
"""  # what operators are told of it
START = "from turtle import Turtle\n\n\ndef walk():\n    turtle = Turtle()\n"  # every program begins so
SEED = START + "    turtle.forward(8)\n    turtle.left(90)\n    turtle.forward(5)\n    return turtle.path\n"


class Fences:
    """Walks that enclose as much land as they can, for every length and number of corners."""

    behavior_space = BehaviorSpace((ContinuousAxis("length", 0, 100), ContinuousAxis("corners", 0, 20)))

    def __init__(self, mutation_model, sandbox, *, seconds: float = 1.0):
        self._model, self._sandbox, self._limits = mutation_model, sandbox, Limits(seconds=seconds)

    def random(self, n, rng):
        return [Offspring(genotype=SEED)] * n

    def mutate(self, parents, rng):
        requests = [
            MutationRequest(parents=(group[0].genotype,), seed=int(seed), template=START, interface=STUB)
            for group, seed in zip(parents, rng.integers(2**31, size=len(parents)), strict=True)
        ]
        children = self._model.generate(requests)
        return [
            Offspring(genotype=child.text, parents=(group[0].id,), status=child.status, origin=child.origin)
            for group, child in zip(parents, children, strict=True)
        ]

    def evaluate(self, genotypes):
        programs = [Program(source=text, entry="walk", modules={"turtle": TURTLE}) for text in genotypes]
        return [self._judge(outcome) for outcome in self._sandbox.run(programs, self._limits)]

    def _judge(self, outcome):
        if not outcome.ok:  # it looped, crashed, attacked: a result like any other
            return Evaluation(status=outcome.status, feedback=outcome.feedback)
        try:  # the value is the program's word: look before you count on it
            x, y = np.array(outcome.value, dtype=float).T
        except (TypeError, ValueError):
            return Evaluation(status="no-path", feedback="walk returned something else than points")
        length = np.hypot(np.diff(x, append=x[:1]), np.diff(y, append=y[:1])).sum()  # back to the start
        if not 0 < length < 1e6:
            return Evaluation(status="no-walk", feedback="the walk goes nowhere, or beyond all bounds")
        area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        roundness = 4 * np.pi * area / length**2  # 1 for a circle, the best there is
        return Evaluation(fitness=float(roundness), measures=(float(length), float(len(x))))


if __name__ == "__main__":
    from elm_mutation import RandomInfill
    from elm_protocols.testing import check_environment
    from elm_qd import Budget, MAPElites, search
    from elm_sandbox import Jail

    with Jail() as sandbox:
        fences = Fences(RandomInfill(), sandbox)
        check_environment(fences)  # does it keep what an environment promises?
        algorithm = MAPElites(fences.behavior_space, np.random.default_rng(0), bins=(10, 20))
        result = search(algorithm, fences, seed=0, budget=Budget(individuals=1000), batch_size=20)
    figures, best = result.statistics, algorithm.elites()[0]
    print(f"{figures.filled} niches filled, {figures.valid_share:.0%} of the programs valid")
    print(f"roundness {best.fitness:.3f} by\n{best.genotype}")
