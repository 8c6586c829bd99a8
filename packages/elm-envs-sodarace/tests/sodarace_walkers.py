"""Walkers that tests share: the seeds', and hypothesis strategies for valid ones."""

from hypothesis import assume
from hypothesis import strategies as st

from elm_envs_sodarace import SEEDS, Walker, read_walker
from elm_envs_sodarace.trusted_run import run_trusted

SEED_WALKERS = {name: run_trusted(program) for name, program in SEEDS.items()}
"""The walker of each seed."""

# Eighths, so that moving a walker by whole numbers changes no bit of its shape.
coordinates = st.integers(0, 16 * 8).map(lambda eighths: eighths / 8)
amplitudes = st.integers(-10, 10).map(lambda tenths: tenths / 10)
phases = st.integers(-64, 64).map(lambda tenths: tenths / 10)


@st.composite
def walkers(draw, amplitude=amplitudes):
    """Valid walkers of 2 to 8 joints, connected by a tree and some further muscles."""
    joints = draw(st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=8, unique=True))
    tree = [(j, draw(st.integers(0, j - 1))) for j in range(1, len(joints))]
    index = st.integers(0, len(joints) - 1)
    more = draw(st.lists(st.tuples(index, index), max_size=8))
    muscles = [[a, b, draw(amplitude), draw(phases)] for a, b in tree + more]
    walker = read_walker({"joints": joints, "muscles": muscles})
    assume(isinstance(walker, Walker))
    return walker
