"""The seven seeds: valid, and written so that every operator can vary them."""

import ast

import pytest
from sodarace_walkers import SEED_WALKERS

from elm_envs_sodarace import SEEDS, TEMPLATE, Walker
from elm_envs_sodarace.drive import is_bone

NAMES = ("square", "radial", "wheel", "cppn_fixed", "cppn_mutable", "galloper", "runner")


def test_there_are_seven():
    assert tuple(SEEDS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_makes_a_valid_walker_with_muscles(name):
    walker = SEED_WALKERS[name]
    assert isinstance(walker, Walker)
    assert any(not is_bone(muscle.amplitude) for muscle in walker.muscles)


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_reads_as_unparse_writes_it(name):
    """So that an operator on syntax trees changes nothing but what it means to."""
    assert ast.unparse(ast.parse(SEEDS[name])) + "\n" == SEEDS[name]
    assert SEEDS[name].startswith(TEMPLATE)
