"""Pictures are drawn for every kind of archive, with labels, and with empty niches left empty."""

import sys

import numpy as np
import pytest

from elm_protocols import BehaviorSpace, CategoricalAxis, ContinuousAxis, MissingExtraError, UserError
from elm_qd import (
    Budget,
    CVTArchive,
    DeepGridArchive,
    Grid,
    GridArchive,
    History,
    MAPElites,
    Population,
    search,
)
from elm_qd.domains import Arm
from elm_qd.plot import plot_archive, plot_history
from elm_qd.plot.archives import best_of_niches

pytest.importorskip("matplotlib")
X = ContinuousAxis("size", 0.0, 1.0, unit="m")
Y = ContinuousAxis("tempo", -1.0, 1.0, unit="Hz", edges=(-0.5, 0.0))
KIND = CategoricalAxis("kind", ("haiku", "ode"))
LINE, PLANE, BOX = BehaviorSpace((X,)), BehaviorSpace((X, Y)), BehaviorSpace((KIND, X, Y))


def more_axes(count):
    return [ContinuousAxis(f"axis {number}", 0, 1) for number in range(count)]


def filled(archive):
    rng = np.random.default_rng(0)
    low, high = np.array(archive.space.bounds).T
    archive.add(["g"] * 20, rng.normal(size=20), rng.uniform(low, high, (20, len(low))))
    return archive


ARCHIVES = {
    "line": lambda: GridArchive(LINE, 9),
    "plane": lambda: GridArchive(PLANE),
    "slices": lambda: GridArchive(BOX, 4),
    "many slices": lambda: GridArchive(BehaviorSpace((X, *more_axes(1), KIND, Y)), (3, 2, 2, 4)),
    "parallel": lambda: GridArchive(BehaviorSpace((X, Y, *more_axes(2), KIND))),
    "cells on a line": lambda: CVTArchive(LINE, 7, samples=100),
    "cells": lambda: CVTArchive(PLANE, 30, samples=500),
    "one cell": lambda: CVTArchive(PLANE, centroids=[[0.2, 0.1]]),
    "cells that coincide": lambda: CVTArchive(PLANE, centroids=[[0.2, 0.1], [0.2, 0.1], [7.0, 9.0]]),
    "cells in a box": lambda: CVTArchive(BOX, 30, samples=500),
    "deep": lambda: DeepGridArchive(Grid(PLANE, 4), np.random.default_rng(0), depth=3),
    "population": lambda: Population(PLANE, size=12),
    "population on a line": lambda: Population(LINE, size=12),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_every_archive_has_a_picture(name, tmp_path):
    for archive in (ARCHIVES[name](), filled(ARCHIVES[name]())):
        figure = plot_archive(archive, tmp_path / "archive.png")
        assert (tmp_path / "archive.png").read_bytes().startswith(b"\x89PNG")
        texts = {text.get_text() for axes in figure.axes for text in axes.get_xticklabels()}
        texts |= {axes.get_xlabel() for axes in figure.axes} | {axes.get_ylabel() for axes in figure.axes}
        texts |= {figure.get_supxlabel(), figure.get_supylabel()}
        texts |= {axes.get_title() for axes in figure.axes}
        assert "fitness" in texts
        assert any("size" in text for text in texts)
    assert "of" in figure.get_suptitle()


def test_empty_niches_have_no_value():
    archive = GridArchive(PLANE, 2)
    archive.add(["a", "b"], [1.0, 3.0], [[0.1, -0.9], [0.9, 0.9]])
    best = best_of_niches(archive, archive.partition)
    assert np.array_equal(best, [[1.0, np.nan], [np.nan, 3.0]], equal_nan=True)


def test_every_category_has_its_name_where_its_members_are():
    figure = plot_archive(filled(GridArchive(BehaviorSpace((X, KIND)))), kind="parallel")
    heights = {text.get_text().strip(): text.get_position()[1] for text in figure.axes[0].texts}
    assert (heights["haiku"], heights["ode"]) == (0.25, 0.75)
    slices = plot_archive(filled(GridArchive(BehaviorSpace((X, KIND, Y)), 2)))
    assert "size 0 to 0.5 m" in {axes.get_title() for axes in slices.axes}


def test_a_history_has_curves(tmp_path):
    environment, history = Arm(), History()
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(0), bins=(5,))
    search(algorithm, environment, seed=0, budget=Budget(steps=8), observers=[history])
    figure = plot_history(history.statistics, tmp_path / "history.svg", title="arm")
    assert "<svg" in (tmp_path / "history.svg").read_text()
    best = figure.axes[0].lines[0]
    assert best.get_ydata().tolist() == [figures.best for figures in history.statistics]
    assert best.get_xdata().tolist() == list(range(8, 65, 8))
    assert plot_history([]).axes
    assert plot_archive(algorithm).get_suptitle()


def test_nothing_global_is_touched():
    plot_archive(filled(GridArchive(PLANE)))
    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.parametrize(
    ("archive", "kind"),
    [
        (GridArchive(LINE), "points"),
        (GridArchive(LINE), "heat"),
        (CVTArchive(BOX, 5, samples=50), "niches"),
        (GridArchive(BOX, (2, 100, 100)), "tiles"),
    ],
)
def test_kinds_that_do_not_suit_are_refused(archive, kind):
    with pytest.raises(UserError, match="choose"):
        plot_archive(archive, kind=kind)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    for path in (tmp_path / "none" / "a.png", tmp_path / "a.nonsense"):
        with pytest.raises(UserError, match="cannot be written"):
            plot_archive(GridArchive(PLANE), path)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"elm-qd\[plot\]"):
        plot_history([])
