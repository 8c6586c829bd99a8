"""Curves of a search."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from elm_protocols import Statistics
from elm_qd.plot.figures import new_figure, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_history(
    history: Sequence[Statistics], path: str | os.PathLike[str] | None = None, *, title: str = ""
) -> Figure:
    """Draw fitness, QD score, coverage and the share of valid individuals over the individuals told.

    Args:
        history: The figures after each step, in order.
        path: Where to write the picture; None: nowhere.
        title: Title; empty: none.

    Returns:
        The figure, for more to be added.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        UserError: If the file cannot be written.
    """
    figure = new_figure(8.0, 5.6)
    (fitness, score), (coverage, valid) = figure.subplots(2, 2, sharex=True)
    told = [figures.individuals for figures in history]
    _draw_curve(fitness, told, [figures.best for figures in history], "best")
    _draw_curve(fitness, told, [figures.mean for figures in history], "mean of elites")
    fitness.set_ylabel("fitness")
    fitness.legend(frameon=False)
    _draw_curve(score, told, [figures.qd_score for figures in history], "")
    score.set_ylabel("QD score")
    _draw_curve(coverage, told, [figures.coverage for figures in history], "")
    coverage.set_ylabel("coverage (share of niches)")
    coverage.set_ylim(bottom=0)
    _draw_curve(valid, told, [figures.valid_share for figures in history], "")
    valid.set_ylabel("valid (share of individuals)")
    valid.set_ylim(0, 1.05)
    for axes in (coverage, valid):
        axes.set_xlabel("individuals")
    if title:
        figure.suptitle(title)
    save(figure, path)
    return figure


def _draw_curve(axes: Axes, told: Sequence[int], values: Sequence[float], label: str) -> None:
    axes.plot(told, values, label=label, drawstyle="steps-post", marker="o" if len(told) == 1 else None)
    axes.grid(alpha=0.3)
