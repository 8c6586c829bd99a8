"""The steady state on the toy domain of strings, with real threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from elm_protocols import Evaluation, UserError, canonical_json
from elm_qd import Budget, Lanes, MAPElites, Schedule, replay_steadily, search_steadily
from elm_qd.domains import StringEvolution


class Recorder:
    """Keeps steps and schedule; ends the search after `stop` steps as a crash would."""

    def __init__(self, stop=None):
        self.steps, self.asked, self.told, self.stop = [], [], [], stop

    def on_step(self, step):
        self.steps.append(step)
        if len(self.steps) == self.stop:
            raise RuntimeError("crash")

    def on_ask(self, child, steps):
        assert child == len(self.asked)
        self.asked.append(steps)

    def on_tell(self, step, child):
        assert step == len(self.told)
        self.told.append(child)

    @property
    def schedule(self):
        return Schedule(tuple(self.asked), tuple(self.told))


class Irregular(StringEvolution):
    """Takes an irregular time for everything, fails to make one child in four, and keeps count."""

    def __init__(self):
        super().__init__(target="abc def")
        self.evaluated, self.now, self.most = [], 0, 0
        self._lock = threading.Lock()

    def mutate(self, parents, rng):
        children = super().mutate(parents, rng)
        time.sleep(rng.uniform(0, 0.01))
        fails = rng.random() < 0.25
        return [replace(child, genotype=None, status="syntax") if fails else child for child in children]

    def evaluate(self, genotypes):
        with self._lock:
            self.evaluated += genotypes
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.002 + 0.002 * (sum(map(ord, genotypes[0])) % 3))
        with self._lock:
            self.now -= 1
        return super().evaluate(genotypes)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(16) as executor:
        yield executor


def mapelites(environment):
    return MAPElites(environment.behavior_space, np.random.default_rng(7), bins=(10,), reevaluation=0.1)


def steadily(environment, algorithm, pool, recorder, *, individuals=80, **options):
    lanes = Lanes(pool, pool, 5, 3, environment.evaluate)
    options = {"seed": 3, "budget": Budget(individuals=individuals)} | options
    return search_steadily(
        algorithm, environment, lanes, observers=[recorder], schedule_observer=recorder, **options
    )


def text(algorithm):
    return canonical_json([[i.id, i.genotype, i.fitness, list(i.measures)] for i in algorithm.elites()])


def test_every_child_is_a_step_and_the_slots_are_respected(pool):
    environment, recorder = Irregular(), Recorder()
    algorithm = mapelites(environment)
    result = steadily(environment, algorithm, pool, recorder)
    assert (result.reason, result.steps, len(recorder.steps)) == ("individuals", 80, 80)
    assert [step.additions[0].id for step in recorder.steps] == list(range(80))
    assert sorted(recorder.told) == list(range(80))
    assert environment.most == 3
    assert {"syntax", "ok"} == {step.evaluations[0].status for step in recorder.steps}
    assert algorithm.elites()


def test_a_replay_by_the_schedule_gives_the_same_steps(pool):
    environment, recorder = Irregular(), Recorder()
    algorithm, again = mapelites(environment), mapelites(environment)
    steadily(environment, algorithm, pool, recorder)
    lanes = Lanes(pool, pool, 5, 3, environment.evaluate)
    steps = list(replay_steadily(again, environment, lanes, recorder.schedule, seed=3))
    assert steps == recorder.steps
    assert text(again) == text(algorithm)


@pytest.mark.parametrize("stop", [1, 20, 41])
def test_after_a_crash_nothing_told_is_evaluated_again_and_children_in_flight_are_the_same(pool, stop):
    environment, recorder = Irregular(), Recorder(stop)
    with pytest.raises(RuntimeError, match="crash"):
        steadily(environment, mapelites(environment), pool, recorder)
    history, schedule = list(recorder.steps), recorder.schedule
    in_flight = sorted(set(range(len(schedule.asked))) - set(schedule.told))
    assert in_flight
    recorder.stop = None
    resumed = mapelites(environment)
    environment.evaluated.clear()
    result = steadily(environment, resumed, pool, recorder, history=history, schedule=schedule)
    assert result.statistics.individuals == 80
    assert sorted(recorder.told) == list(range(80))
    assert len(environment.evaluated) == sum(s.offspring[0].ok for s in recorder.steps[stop:])
    replayed = mapelites(environment)
    lanes = Lanes(pool, pool, 5, 3, environment.evaluate)
    assert list(replay_steadily(replayed, environment, lanes, recorder.schedule, seed=3)) == recorder.steps


class Spending(Irregular):
    """Asks a model that makes `left` children and then refuses for its limits of spending."""

    def __init__(self, left):
        super().__init__()
        self.left = left

    def mutate(self, parents, rng):
        with self._lock:
            self.left -= 1
            refused = self.left < 0
        children = super().mutate(parents, rng)
        return [replace(child, genotype=None, status="budget") if refused else child for child in children]


def test_a_models_limits_of_spending_end_it_and_nothing_that_was_paid_is_lost(pool):
    environment, recorder = Spending(30), Recorder()
    result = steadily(environment, mapelites(environment), pool, recorder)
    assert result.reason == "budget"
    made = [step for step in recorder.steps if step.offspring[0].parents]
    again = [step for step in made if step.offspring[0].origin.operator == "reevaluation"]
    assert len(made) - len(again) == 30, "each child that was made was waited for"
    assert "budget" not in {step.evaluations[0].status for step in recorder.steps}
    environment.left = 100
    history, schedule = list(recorder.steps), recorder.schedule
    options = {"history": history, "schedule": schedule}
    result = steadily(environment, mapelites(environment), pool, recorder, **options)
    assert result.reason == "individuals"
    assert sorted(recorder.told) == list(range(80)), "those refused were made then"


class Judged(StringEvolution):
    """Asks a judge that evaluates `left` genotypes and then refuses for its limits of spending."""

    def __init__(self, left):
        super().__init__()
        self.left = left
        self._lock = threading.Lock()

    def evaluate(self, genotypes):
        with self._lock:
            self.left -= len(genotypes)
            refused = self.left < 0
        return [Evaluation(status="budget")] * len(genotypes) if refused else super().evaluate(genotypes)


def test_a_judges_limits_of_spending_end_it_and_what_it_left_is_judged_when_it_goes_on(pool):
    environment, recorder = Judged(30), Recorder()
    result = steadily(environment, mapelites(environment), pool, recorder)
    assert (result.reason, len(recorder.steps)) == ("budget", 30)
    environment.left = 100
    options = {"history": list(recorder.steps), "schedule": recorder.schedule}
    result = steadily(environment, mapelites(environment), pool, recorder, **options)
    assert result.reason == "individuals"
    assert sorted(recorder.told) == list(range(80))


def test_a_schedule_of_another_search_is_refused(pool):
    environment, recorder = Irregular(), Recorder()
    steadily(environment, mapelites(environment), pool, recorder, individuals=40)
    with pytest.raises(UserError, match="cannot be continued"):
        steadily(environment, mapelites(environment), pool, Recorder(), history=recorder.steps)


def test_a_straggler_holds_nobody_up(pool):
    released = threading.Event()

    class OneStraggler(StringEvolution):
        def evaluate(self, genotypes):
            if first.acquire(blocking=False):
                assert released.wait(20)
            return super().evaluate(genotypes)

    class Release(Recorder):
        def on_step(self, step):
            super().on_step(step)
            if len(self.steps) == 59:
                released.set()

    first, recorder = threading.Semaphore(1), Release()
    environment = OneStraggler()
    steadily(environment, mapelites(environment), pool, recorder, individuals=60)
    assert len(recorder.steps) == 60


def test_an_evaluation_over_its_limit_is_counted_and_the_search_goes_on(pool):
    class Late(StringEvolution):
        def evaluate(self, genotypes):
            if sum(map(ord, genotypes[0])) % 2:
                raise TimeoutError
            return super().evaluate(genotypes)

    recorder = Recorder()
    environment = Late()
    steadily(environment, mapelites(environment), pool, recorder)
    statuses = [step.evaluations[0].status for step in recorder.steps]
    assert {"timeout", "ok"} <= set(statuses)


def test_an_interrupt_ends_it_while_everything_hangs():
    released, interrupted = threading.Event(), threading.Event()

    class Hanging(StringEvolution):
        def evaluate(self, genotypes):
            released.wait(20)
            return super().evaluate(genotypes)

    environment = Hanging()
    with ThreadPoolExecutor(4) as executor:
        threading.Timer(0.2, interrupted.set).start()
        result = steadily(environment, mapelites(environment), executor, Recorder(), interrupted=interrupted)
        assert not released.is_set()
        released.set()
    assert (result.reason, result.steps) == ("interrupted", 0)


def test_slots_must_be_positive(pool):
    with pytest.raises(UserError, match=r"^[A-Z][^\n]*\.$"):
        Lanes(pool, pool, 0, 1, StringEvolution().evaluate)
