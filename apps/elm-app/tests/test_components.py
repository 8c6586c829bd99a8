"""Options, needs and help are read off the callables that packages announce."""

import numpy as np
import pytest
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from omegaconf.errors import ValidationError

from elm_app.components import Component, announced, argument_help, component, describe
from elm_app.schema import node, register
from elm_protocols import UserError


def grow(
    rng: np.random.Generator,
    *,
    speed: float = 1.5,
    bins: int | tuple[int, ...] = 3,
    names: tuple[str, ...] = ("a",),
    limit: int | None = None,
) -> dict:
    """Grow something.

    More about it.

    Args:
        rng: Not an option.
        speed: How fast,
            in metres a second.
        limit: When to stop: null is never.

    Returns:
        What it was given.
    """
    return {"rng": rng, "speed": speed, "bins": bins, "names": names, "limit": limit}


@pytest.fixture
def described() -> Component:
    return describe("qd", "grow", grow)


def test_collaborators_are_needs_and_the_rest_are_options(described):
    assert described.needs == {"rng"}
    assert [option.name for option in described.options] == ["speed", "bins", "names", "limit"]
    assert described.help == "Grow something."


def test_help_comes_from_the_docstring():
    assert argument_help(grow) == {
        "rng": "Not an option.",
        "speed": "How fast, in metres a second.",
        "limit": "When to stop: null is never.",
    }


def test_making_turns_lists_into_the_declared_tuples(described):
    made = described.make({"name": "grow", "names": ["b", "c"], "bins": [2, 3]}, rng=1, sandbox=2)
    assert made == {"rng": 1, "speed": 1.5, "bins": (2, 3), "names": ("b", "c"), "limit": None}
    assert described.make({"bins": 4}, rng=1)["bins"] == 4


def test_the_node_is_typed(described):
    config = OmegaConf.structured(node(described))
    assert OmegaConf.to_container(config) == {
        "name": "grow",
        "seed": 0,
        "batch_size": 8,
        "speed": 1.5,
        "bins": 3,
        "names": ["a"],
        "limit": None,
    }
    with pytest.raises(ValidationError):
        config.speed = "fast"


def test_a_third_partys_environment_is_announced_and_registered():
    assert "parabola" in announced("env")
    register()
    assert "parabola.yaml" in ConfigStore.instance().list("env")


def test_an_unknown_component_is_one_sentence_with_the_choices():
    with pytest.raises(UserError, match=r"no env=nowhere; choose one of: .*parabola"):
        component("env", "nowhere")


def test_one_item_stands_for_a_list_of_one():
    settings = {"measures": "height", "seeds": ["square"], "terrain": "flat"}
    environment = component("env", "sodarace").make(settings, mutation_model=None, sandbox=None)
    assert environment.behavior_space.names == ("height",)
