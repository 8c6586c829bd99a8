"""The map of texts at the end of a run: a picture, and pages that people read."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from elm_protocols import BehaviorSpace, CategoricalAxis, Individual, MissingExtraError

_CELL_CHARACTERS, _CELL_LINES = 28, 6
_MOST_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class NicheText:
    """The best text of a niche.

    Attributes:
        text: The text.
        quality: Its fitness in the archive, 1 to 10.
        judgements: How many judgements that is the mean of, at least 1.
        individual: Its id.
    """

    text: str
    quality: float
    judgements: int
    individual: int


@dataclass(frozen=True, slots=True)
class NicheMap:
    """Texts by the first two axes of the space; with one axis there is one row.

    Attributes:
        title: What the texts are.
        rows: Names of the rows: the second axis.
        columns: Names of the columns: the first axis.
        row_axis: Name of the second axis; empty where there is none.
        column_axis: Name of the first axis.
        texts: (row, column) -> the best text there.
    """

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_axis: str
    column_axis: str
    texts: Mapping[tuple[int, int], NicheText]


def niche_map(
    title: str,
    space: BehaviorSpace,
    elites: Sequence[Individual],
    judgements: Mapping[int, int],
) -> NicheMap:
    """Arrange elites.

    Args:
        title: What the texts are.
        space: Its first axis gives the columns, its second the rows; others are looked through.
        elites: Best fitness first.
        judgements: Id -> how often the text was judged.
    """
    axes = list(space)[:2]
    names = [_niche_names(axis) for axis in axes]
    texts: dict[tuple[int, int], NicheText] = {}
    for elite in elites:
        places = [_niche(axis, value) for axis, value in zip(axes, elite.measures, strict=False)]
        place = (places[1] if len(places) > 1 else 0, places[0])
        count = judgements.get(elite.id, 1)
        texts.setdefault(place, NicheText(str(elite.genotype), elite.fitness, count, elite.id))
    return NicheMap(
        title=title,
        rows=names[1] if len(axes) > 1 else ("",),
        columns=names[0],
        row_axis=axes[1].name if len(axes) > 1 else "",
        column_axis=axes[0].name,
        texts=texts,
    )


def _niche_names(axis: object) -> tuple[str, ...]:
    if isinstance(axis, CategoricalAxis):
        return axis.categories
    return tuple(f"{low:g} to {high:g}" for low, high in pairwise(_bounds(axis)))


def _bounds(axis: object) -> tuple[float, ...]:
    low, high, edges = (getattr(axis, name) for name in ("low", "high", "edges"))
    return (low, *edges, high)


def _niche(axis: object, value: float) -> int:
    if isinstance(axis, CategoricalAxis):
        return round(value)
    return sum(value >= edge for edge in _bounds(axis)[1:-1])


def markdown_page(found: NicheMap, remarks: Sequence[tuple[str, str]]) -> str:
    """Return the map as Markdown: a table of qualities, then each niche's best text."""
    lines = [f"# {found.title}", ""]
    lines += [f"- {name}: {told}" for name, told in remarks] + [""]
    head = f"{found.row_axis} \\ {found.column_axis}" if found.row_axis else found.column_axis
    lines += [f"| {head} | {' | '.join(found.columns)} |", "|---" * (len(found.columns) + 1) + "|"]
    for row, name in enumerate(found.rows):
        cells = [_quality(found.texts.get((row, column))) for column in range(len(found.columns))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for (row, column), niche in sorted(found.texts.items()):
        lines += ["", f"## {_title(found, row, column)}", "", _remark(niche), ""]
        lines += [f"> {line}".rstrip() for line in niche.text.splitlines()]
    return "\n".join(lines) + "\n"


def html_page(found: NicheMap, remarks: Sequence[tuple[str, str]]) -> str:
    """Return the map as an HTML page that needs nothing else; every text is escaped."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in found.columns)
    rows = []
    for row, name in enumerate(found.rows):
        cells = "".join(_html_cell(found.texts.get((row, column))) for column in range(len(found.columns)))
        rows.append(f"<tr><th>{html.escape(name)}</th>{cells}</tr>")
    told = "".join(f"<li>{html.escape(name)}: {html.escape(text)}</li>" for name, text in remarks)
    corner = f"{found.row_axis} \\ {found.column_axis}" if found.row_axis else found.column_axis
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(found.title)}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(found.title)}</h1><ul>{told}</ul>"
        f"<table><tr><th>{html.escape(corner)}</th>{head}</tr>{''.join(rows)}</table></html>\n"
    )


_STYLE = (
    "body{font:16px/1.5 Georgia,serif;margin:2rem;color:#222;background:#fffdf8}"
    "table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.7rem;vertical-align:top}"
    "th{font-weight:600;text-align:left;background:#f4efe4}td{min-width:13rem}"
    "td.empty{background:#f6f6f6;color:#999}p{white-space:pre-line;margin:0}"
    "small{color:#666;display:block;margin-top:.5rem}"
)


def draw_picture(found: NicheMap, path: Path) -> None:
    """Draw the map: the colour is the quality, the words are how the text begins.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib import colormaps  # noqa: PLC0415 (an extra)
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.cm import ScalarMappable  # noqa: PLC0415
        from matplotlib.colors import Normalize  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("elm-envs-prompts", "plot", "draw the map of texts") from error
    columns, rows = len(found.columns), len(found.rows)
    words = columns <= _MOST_COLUMNS
    figure = Figure(figsize=(2.3 * columns + 2.4 if words else 0.9 * columns + 2.4, 1.5 * rows + 1.3))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    scale, colours = Normalize(1.0, 10.0), colormaps["YlGnBu"]
    for (row, column), niche in found.texts.items():
        shade = scale(niche.quality)
        axes.fill_between([column, column + 1], row, row + 1, color=colours(shade))
        begin = _beginning(niche.text) + "\n" if words else ""
        axes.text(
            column + 0.5,
            row + 0.5,
            f"{begin}({niche.quality:.1f})",
            ha="center",
            va="center",
            fontsize=7,
            color="white" if shade > 0.6 else "black",
            parse_math=False,
        )
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_xticks([column + 0.5 for column in range(columns)], found.columns)
    axes.set_yticks([row + 0.5 for row in range(rows)], found.rows)
    axes.tick_params(length=0)
    axes.hlines(range(rows + 1), 0, columns, colors="grey", linewidth=0.5)
    axes.vlines(range(columns + 1), 0, rows, colors="grey", linewidth=0.5)
    axes.set_xlabel(found.column_axis)
    axes.set_ylabel(found.row_axis)
    axes.set_title(found.title)
    figure.colorbar(ScalarMappable(scale, colours), ax=axes, label="quality (1 to 10)")
    figure.savefig(path, dpi=110, bbox_inches="tight")


def _beginning(text: str) -> str:
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, _CELL_CHARACTERS)]
    return "\n".join(lines[:_CELL_LINES]) + (" ..." if len(lines) > _CELL_LINES else "")


def _title(found: NicheMap, row: int, column: int) -> str:
    named = f"{found.column_axis} {found.columns[column]}"
    return f"{named}, {found.row_axis} {found.rows[row]}" if found.row_axis else named


def _quality(niche: NicheText | None) -> str:
    return "" if niche is None else f"{niche.quality:.1f}"


def _remark(niche: NicheText) -> str:
    times = "judgement" if niche.judgements == 1 else f"mean of {niche.judgements} judgements"
    return f"Quality {niche.quality:.1f} ({times}), individual {niche.individual}."


def _html_cell(niche: NicheText | None) -> str:
    if niche is None:
        return '<td class="empty">empty</td>'
    return f"<td><p>{html.escape(niche.text)}</p><small>{html.escape(_remark(niche))}</small></td>"
