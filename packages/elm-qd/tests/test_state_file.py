"""State files: exact, never unpickled, and clear about what is wrong with a file."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_protocols import BehaviorSpace, ContinuousAxis, UnreadableFileError, UserError
from elm_qd import (
    Budget,
    DeepGridMAPElites,
    EliteArchive,
    GeneticAlgorithm,
    GridArchive,
    MAPElites,
    archive_from_state,
    load_state,
    save_state,
    search,
)
from elm_qd.domains import FunctionOptimisation
from elm_qd.testing.promises import same

SPACE = BehaviorSpace((ContinuousAxis("x", 0.0, 1.0),))

keys = st.text(max_size=5) | st.sampled_from(["__array__", "___array__", "array", "json"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(keys, inner, max_size=3)
        | st.lists(st.floats(), max_size=3).map(np.array)
    ),
    max_leaves=8,
)


@given(st.dictionaries(keys, values, max_size=3))
def test_a_state_comes_back_as_it_was(tmp_path_factory, state):
    path = tmp_path_factory.mktemp("state") / "state.npz"
    save_state(state, path)
    assert same(load_state(path), state)


def saved(tmp_path):
    archive = GridArchive(SPACE, 10)
    archive.add(["a", [1], {"__array__": "array0"}], [1.0, 2.0, 3.0], [[0.1], [0.5], [0.9]])
    path = tmp_path / "archive.state"
    save_state(archive.state(), path)
    return archive, path


def test_the_name_is_taken_as_it_is_and_nothing_else_is_left(tmp_path):
    archive, path = saved(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["archive.state"]
    assert EliteArchive.from_state(load_state(path)).genotypes == archive.genotypes


def test_a_damaged_file_gives_one_sentence_or_the_right_state(tmp_path):
    archive, path = saved(tmp_path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        damaged = bytearray(whole)
        if rng.random() < 0.3:
            del damaged[int(rng.integers(len(damaged))) :]
        else:
            damaged[int(rng.integers(len(damaged)))] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged)
        try:
            state = load_state(path)
        except UnreadableFileError as error:
            refused += 1
            assert str(error).count(".") >= 1
            assert "\n" not in str(error)
        else:
            assert same(state, archive.state())
    assert refused > 250


def test_foreign_and_missing_files_are_named(tmp_path):
    with pytest.raises(UnreadableFileError, match="There is no file"):
        load_state(tmp_path / "none")
    for content in (b"", b"not a state", b"PK\x05\x06" + b"\0" * 18):
        (tmp_path / "foreign").write_bytes(content)
        with pytest.raises(UnreadableFileError, match="damaged or not"):
            load_state(tmp_path / "foreign")
    np.savez(tmp_path / "other.npz", json=np.frombuffer(b"{}", dtype=np.uint8))
    with pytest.raises(UnreadableFileError, match="not a state"):
        load_state(tmp_path / "other.npz")


def test_a_file_from_a_newer_version_says_so(tmp_path):
    header = json.dumps({"format": "elm-qd-state", "version": 2, "new": "field"}).encode()
    np.savez(tmp_path / "newer.npz", json=np.frombuffer(header, dtype=np.uint8))
    with pytest.raises(UnreadableFileError, match=r"version 2 and .* update elm-qd"):
        load_state(tmp_path / "newer.npz")


def test_pickles_are_not_opened(tmp_path):
    np.savez(tmp_path / "pickled.npz", json=np.array([{"a": 1}], dtype=object))
    with pytest.raises(UnreadableFileError, match="damaged or not"):
        load_state(tmp_path / "pickled.npz")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        save_state({}, tmp_path / "no" / "folder" / "file")


def test_a_state_is_restored_only_where_it_belongs(tmp_path):
    environment = FunctionOptimisation()
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(0))
    search(algorithm, environment, seed=0, budget=Budget(steps=3))
    state = algorithm.state()
    for other in (
        MAPElites(SPACE, np.random.default_rng(0)),
        MAPElites(environment.behavior_space, np.random.default_rng(0), selector="curiosity"),
        MAPElites(environment.behavior_space, np.random.Generator(np.random.MT19937(0))),
    ):
        with pytest.raises(UnreadableFileError):
            other.restore(state)


@pytest.mark.parametrize("kind", [MAPElites, DeepGridMAPElites, GeneticAlgorithm])
def test_the_archive_of_any_state_can_be_had(kind):
    environment = FunctionOptimisation()
    algorithm = kind(environment.behavior_space, np.random.default_rng(0))
    search(algorithm, environment, seed=0, budget=Budget(steps=3))
    for state in (algorithm.state(), algorithm.archive.state()):
        assert same(archive_from_state(state).state(), algorithm.archive.state())
    with pytest.raises(UnreadableFileError, match="no archive"):
        archive_from_state({"kind": "other"})


def test_the_best_of_a_restored_archive_is_an_individual(tmp_path):
    """Regression: in OpenELM a resume returns an array for the best."""
    archive, path = saved(tmp_path)
    best = EliteArchive.from_state(load_state(path)).elites()[0]
    assert (best.genotype, best.fitness) == ({"__array__": "array0"}, 3.0)
    assert best == archive.elites()[0]
