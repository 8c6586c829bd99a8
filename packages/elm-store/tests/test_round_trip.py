"""What goes into a store comes out of it, bit for bit."""

import math
import struct
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

import elm_store
from elm_protocols import (
    Addition,
    AddStatus,
    BehaviorSpace,
    CategoricalAxis,
    ContinuousAxis,
    Evaluation,
    Offspring,
    Origin,
    Statistics,
    Step,
    Usage,
)

any_text = st.text(st.characters(), max_size=12)  # lone surrogates and NUL included
any_float = (
    st.floats() | st.just(math.nan) | st.just(-0.0) | st.just(struct.unpack("<d", b"\0" * 6 + b"\xf8\xff")[0])
)
counts = st.integers(0, 2**40)
niches = st.integers(-1, 2**40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)

usages = st.builds(Usage, counts, counts, counts, any_float)
origins = st.builds(
    Origin, any_text, any_text, any_text, usages, st.dictionaries(any_text, counts, max_size=2)
)
offspring = st.builds(
    Offspring,
    genotype=json_values,
    parents=st.lists(counts, max_size=3).map(tuple),
    status=any_text,
    feedback=any_text,
    origin=origins,
)
evaluations = st.builds(
    Evaluation,
    fitness=any_float,
    measures=st.lists(any_float, max_size=3).map(tuple),
    status=any_text,
    feedback=any_text,
    artifacts=st.dictionaries(any_text, json_values, max_size=2),
    seconds=any_float,
)
statistics = st.builds(
    Statistics,
    individuals=counts,
    valid=counts,
    niches=counts,
    filled=counts,
    qd_score=any_float,
    best=any_float,
    mean=any_float,
    lowest=any_float,
)


@st.composite
def step_lists(draw):
    """A run of 0 to 4 steps of 0 to 3 individuals, anything in them."""
    steps, number = [], 0
    for index in range(draw(st.integers(0, 4))):
        size = draw(st.integers(0, 3))
        additions = [
            Addition(
                number + i, draw(st.sampled_from(AddStatus)), draw(any_float), draw(st.integers(-1, 2**40))
            )
            for i in range(size)
        ]
        number += size
        steps.append(
            Step(
                index,
                tuple(draw(offspring) for _ in range(size)),
                tuple(draw(evaluations) for _ in range(size)),
                tuple(additions),
                draw(statistics),
            )
        )
    return steps


def bits(value):
    """A value with every float replaced by its bits, so that == means equal bit for bit."""
    if isinstance(value, float):
        return struct.pack("<d", value)
    if isinstance(value, (list, tuple)):
        return type(value)(bits(item) for item in value)
    if isinstance(value, dict):
        return [(key, bits(item)) for key, item in value.items()]  # the order of keys counts too
    if hasattr(value, "__dataclass_fields__"):
        return {name: bits(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


@settings(deadline=None, max_examples=60)  # each example makes a file, on whatever disk
@given(step_lists())
def test_steps_come_back_bit_for_bit(steps):
    with tempfile.TemporaryDirectory() as folder:
        with elm_store.create(folder, config={}) as store:
            for step in steps:
                store.on_step(step)
        with elm_store.open(folder) as run:
            assert bits(list(run.steps())) == bits(steps)
            assert len(run) == sum(len(step.offspring) for step in steps)


@settings(deadline=None, max_examples=30)  # each example makes a file, on whatever disk
@given(st.dictionaries(any_text, json_values, max_size=4))
def test_the_configuration_comes_back(config):
    with tempfile.TemporaryDirectory() as folder:
        elm_store.create(folder, config=config).close()
        with elm_store.open(folder) as run:
            assert bits(run.config) == bits(config)


def test_numbers_of_numpys_types_are_taken(tmp_path, plain_step):
    import numpy as np

    one = plain_step(0, 1)
    step = Step(
        0,
        (Offspring(genotype="x", parents=(np.int64(0),)),),
        (Evaluation(fitness=np.float32(0.5), measures=(np.float64(2.0),)),),
        (Addition(np.int64(0), AddStatus.NEW, np.float64(1.0), np.int32(7)),),
        one.statistics,
    )
    with elm_store.create(tmp_path, config={}) as store:
        store.on_step(step)
    with elm_store.open(tmp_path) as run:
        assert list(run.steps()) == [step]
        assert type(run.individual(0).niche) is int


def test_facts_of_the_run_come_back(tmp_path):
    space = BehaviorSpace(
        (ContinuousAxis("height", 0, 10, "m", (1.0, 4.0)), CategoricalAxis("genre", ("haiku", "ode")))
    )
    store = elm_store.create(tmp_path, config={"a": [1, None]}, seeds={"qd": 7}, behavior_space=space)
    store.close()
    with elm_store.open(tmp_path) as run:
        assert run.seeds == {"qd": 7}
        assert run.behavior_space == space
        assert run.config == {"a": [1, None]}
        (session,) = run.sessions
        assert run.created <= session.started
        assert session.provenance.packages["elm-store"]
        assert session.provenance.host
