"""The search loop on the toy domain of strings."""

import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from elm_protocols import SANDBOX_ERROR, Evaluation, Origin, Usage, UserError, canonical_json
from elm_protocols.testing import check_environment
from elm_qd import Budget, MAPElites, search
from elm_qd.domains import StringEvolution


def mapelites(environment, seed=0):
    return MAPElites(environment.behavior_space, np.random.default_rng(seed), bins=(10,))


def recorded(algorithm, environment=None, **options):
    class Recorder:
        def __init__(self):
            self.steps = []

        def on_step(self, step):
            self.steps.append(step)

    recorder = Recorder()
    options = {"seed": 3, "budget": Budget(steps=6)} | options
    result = search(algorithm, environment or StringEvolution(), observers=[recorder], **options)
    return result, recorder.steps


def text(algorithm):
    return canonical_json([[i.id, i.genotype, i.fitness, list(i.measures)] for i in algorithm.elites()])


def test_the_environment_keeps_its_promises():
    check_environment(StringEvolution())


def test_a_search_improves_and_is_repeatable():
    environment = StringEvolution(target="abc def")
    one, other = mapelites(environment), mapelites(environment)
    first, _ = recorded(one, environment, budget=Budget(target_fitness=1.0, steps=2000))
    second, _ = recorded(other, environment, budget=Budget(target_fitness=1.0, steps=2000))
    assert first == second
    assert first.reason == "target_fitness"
    assert one.elites()[0].genotype == "abc def"
    assert text(one) == text(other)


def test_the_first_individuals_are_random_and_the_next_have_parents():
    environment = StringEvolution()
    _, steps = recorded(mapelites(environment))
    assert all(child.parents == () for child in steps[0].offspring)
    assert all(len(child.parents) == 1 for step in steps[1:] for child in step.offspring)
    ids = [addition.id for step in steps for addition in step.additions]
    assert ids == list(range(48))


@pytest.mark.parametrize("done", [0, 1, 4, 6])
def test_a_resumed_search_ends_as_one_never_interrupted(done):
    environment = StringEvolution()
    whole = mapelites(environment)
    result, steps = recorded(whole)
    resumed = mapelites(environment)
    again, rest = recorded(resumed, history=steps[:done])
    assert rest == steps[done:]
    assert again == result
    assert text(resumed) == text(whole)
    assert canonical_json(resumed.state()["rng"]) == canonical_json(whole.state()["rng"])


def test_a_history_of_another_search_is_refused():
    _, steps = recorded(mapelites(StringEvolution()))
    with pytest.raises(UserError, match="cannot be continued"):
        recorded(mapelites(StringEvolution(), seed=1), history=steps)
    with pytest.raises(UserError, match="cannot be continued"):
        recorded(mapelites(StringEvolution()), history=steps[1:])


@pytest.mark.parametrize("pool", ["threads", "processes"])
def test_executors_change_nothing(pool):
    environment = StringEvolution()
    plain = mapelites(environment)
    _, expected = recorded(plain)
    executor = (
        ThreadPoolExecutor(3)
        if pool == "threads"
        else ProcessPoolExecutor(2, mp_context=get_context("spawn"))
    )
    with executor:
        pooled = mapelites(environment)
        _, steps = recorded(pooled, evaluate=environment.evaluate, evaluation_executor=executor)
    assert steps == expected


class Failing(StringEvolution):
    """Every third child is none, and every fifth evaluation meets a broken sandbox."""

    def mutate(self, parents, rng):
        children = super().mutate(parents, rng)
        spent = Origin(operator="characters", usage=Usage(1, 5, 5))
        return [
            replace(child, genotype=None, status="syntax", feedback="no", origin=spent)
            if i % 3 == 2
            else child
            for i, child in enumerate(children)
        ]

    def evaluate(self, genotypes):
        return [
            Evaluation(status=SANDBOX_ERROR, feedback="away") if i % 5 == 4 else evaluation
            for i, evaluation in enumerate(super().evaluate(genotypes))
        ]


def test_failures_are_recorded_and_never_added():
    environment = Failing()
    algorithm = mapelites(environment)
    result, steps = recorded(algorithm, environment)
    told = [
        triple
        for step in steps
        for triple in zip(step.offspring, step.evaluations, step.additions, strict=True)
    ]
    failed = [(c, e, a) for c, e, a in told if not (c.ok and e.ok)]
    assert {e.status for _, e, _ in failed} == {"syntax", SANDBOX_ERROR}
    assert all(a.status == "invalid" and a.niche == -1 for _, _, a in failed)
    assert result.statistics.individuals == 48
    assert result.statistics.valid == 48 - len(failed)
    assert result.tokens == 10 * sum(c.status == "syntax" for c, _, _ in failed)
    assert {i.id for i in algorithm.elites()}.isdisjoint(a.id for _, _, a in failed)


def test_each_limit_of_the_budget_ends_the_search():
    for budget, steps in [
        (Budget(steps=0), 0),
        (Budget(individuals=20), 3),
        (Budget(seconds=0), 0),
        (Budget(target_fitness=-1.0), 1),
    ]:
        result, seen = recorded(mapelites(StringEvolution()), budget=budget)
        assert (result.steps, len(seen)) == (steps, steps)
    assert result.reason == "target_fitness"
    result, seen = recorded(mapelites(StringEvolution()), budget=Budget(individuals=20))
    assert sum(len(step.offspring) for step in seen) == result.statistics.individuals == 20
    environment = StringEvolution(target="a")
    result, seen = recorded(mapelites(environment), environment, budget=Budget(stagnation=5))
    assert result.reason == "stagnation"
    assert all(a.status == "rejected" for step in seen[-5:] for a in step.additions)
    environment = Failing()
    result, seen = recorded(mapelites(environment), environment, budget=Budget(tokens=30))
    assert (result.reason, result.tokens, len(seen)) == ("tokens", 40, 3)


class Spending(StringEvolution):
    """Asks a model that makes `left` children and then refuses for its limits of spending."""

    def __init__(self, left):
        super().__init__()
        self.left = left

    def mutate(self, parents, rng):
        children = super().mutate(parents, rng)
        self.left -= len(children)
        refused = max(0, min(len(children), -self.left))
        made = len(children) - refused
        return [*children[:made], *(replace(c, genotype=None, status="budget") for c in children[made:])]


def test_a_models_limits_of_spending_end_the_search_before_the_generation_they_cut():
    whole = mapelites(StringEvolution())
    _, uncut = recorded(whole, budget=Budget(steps=6))
    environment = Spending(20)
    result, steps = recorded(mapelites(environment), environment, budget=Budget(steps=6))
    assert (result.reason, len(steps)) == (
        "budget",
        3,
    )  # 8 random ones, 16 children; 4 were left for the next
    environment.left = 100
    algorithm = mapelites(environment)
    result, more = recorded(algorithm, environment, budget=Budget(steps=6), history=steps)
    assert result.reason == "steps"
    assert steps + more == uncut
    assert text(algorithm) == text(whole)


class Judged(StringEvolution):
    """Asks a judge that evaluates `left` genotypes and then refuses for its limits of spending."""

    def __init__(self, left):
        super().__init__()
        self.left = left

    def evaluate(self, genotypes):
        self.left -= len(genotypes)
        refused = max(0, min(len(genotypes), -self.left))
        made = len(genotypes) - refused
        return [*super().evaluate(genotypes[:made]), *[Evaluation(status="budget")] * refused]


def test_a_judges_limits_of_spending_end_the_search_and_what_it_left_is_judged_when_it_goes_on():
    whole = mapelites(StringEvolution())
    _, uncut = recorded(whole, budget=Budget(steps=6))
    environment = Judged(20)
    result, steps = recorded(mapelites(environment), environment, budget=Budget(steps=6))
    assert (result.reason, len(steps)) == ("budget", 2)
    environment.left = 100
    algorithm = mapelites(environment)
    result, more = recorded(algorithm, environment, budget=Budget(steps=6), history=steps)
    assert result.reason == "steps"
    assert steps + more == uncut


def test_an_interrupt_ends_the_search_after_the_generation():
    event = threading.Event()

    class Interrupter:
        def on_step(self, step):
            if step.index == 2:
                event.set()

    algorithm = mapelites(StringEvolution())
    result = search(
        algorithm,
        StringEvolution(),
        seed=0,
        budget=Budget(),
        observers=[Interrupter()],
        interrupted=event,
    )
    assert (result.reason, result.steps) == ("interrupted", 3)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: Budget(steps=-1),
        lambda: Budget(seconds=float("nan")),
        lambda: Budget(stagnation=0),
        lambda: recorded(mapelites(StringEvolution()), batch_size=0),
        lambda: recorded(mapelites(StringEvolution()), seed=-1),
        lambda: StringEvolution(target="ABC"),
        lambda: StringEvolution(mutations=0),
        lambda: MAPElites(StringEvolution().behavior_space, np.random.default_rng(), parents=0),
    ],
)
def test_mistakes_are_told_in_one_sentence(mistake):
    with pytest.raises(UserError, match=r"^[A-Z][^\n]*\.$"):
        mistake()


@pytest.mark.parametrize("method", ["random", "mutate", "evaluate"])
def test_an_environment_that_owes_results_is_named(method):
    class Forgetful(StringEvolution):
        pass

    setattr(Forgetful, method, lambda self, *a: getattr(StringEvolution, method)(self, *a)[:-1])
    environment = Forgetful()
    with pytest.raises(RuntimeError, match=f"environment's {method} owes 8 results and returned 7"):
        recorded(mapelites(environment), environment)
