"""Individuals as the page shows them: short for maps and lists, whole for the page of one."""

from __future__ import annotations

from collections.abc import Sequence

from elm_protocols import Json
from elm_store import IndividualRecord, IndividualSummary
from elm_viewer.highlighting import highlighted_lines, language_of, unified_line_ends
from elm_viewer.line_differences import line_differences
from elm_viewer.page_json import readable_json
from elm_viewer.phenotypes import is_png, phenotype_parts

LARGEST_THUMBNAIL = 12_000
"""Of a picture's base64 text, in characters: larger ones are not shown beside a name."""


def columns(shorts: Sequence[IndividualSummary], axes: int) -> dict[str, Json]:
    """Return many individuals column by column, which takes a third of the room of rows."""
    return {
        "id": [short.id for short in shorts],
        "step": [short.step for short in shorts],
        "niche": [short.niche for short in shorts],
        "fitness": [short.fitness for short in shorts],
        "operator": [short.operator for short in shorts],
        "measures": [[short.measures[axis] for short in shorts] for axis in range(axes)],
    }


def short_document(short: IndividualSummary) -> dict[str, Json]:
    """Return an individual as lists show it."""
    return {
        "id": short.id,
        "step": short.step,
        "parents": list(short.parents),
        "operator": short.operator,
        "model": short.model,
        "cause": short.cause,
        "fitness": short.fitness,
        "measures": list(short.measures),
        "addition": short.addition,
        "improvement": short.improvement,
    }


def ancestor_document(record: IndividualRecord) -> dict[str, Json]:
    """Return an individual as its line of descent shows it."""
    picture = next(
        (
            value
            for value in record.artifacts.values()
            if is_png(value) and len(str(value)) < LARGEST_THUMBNAIL
        ),
        None,
    )
    return {
        "id": record.id,
        "step": record.step,
        "parents": list(record.parents),
        "operator": record.operator,
        "fitness": record.fitness,
        "addition": record.addition,
        "png": picture,
    }


def whole_document(record: IndividualRecord, parents: Sequence[IndividualRecord]) -> dict[str, Json]:
    """Return what the page shows of one individual: all but its relatives and its request.

    Args:
        record: The individual.
        parents: Its parents, in order.
    """
    text = unified_line_ends(readable_json(record.genotype))
    language = language_of(text) if isinstance(record.genotype, str) else "json"
    return {
        "id": record.id,
        "step": record.step,
        "parents": [
            {"id": parent.id, "fitness": parent.fitness, "operator": parent.operator} for parent in parents
        ],
        "operator": record.operator,
        "model": record.model,
        "cause": record.status if record.offspring_status == "ok" else record.offspring_status,
        "fitness": record.fitness,
        "measures": list(record.measures),
        "addition": record.addition,
        "improvement": record.improvement,
        "niche": record.niche,
        "feedback": record.feedback or record.offspring_feedback,
        "recorded": record.recorded,
        "evaluation_seconds": record.evaluation_seconds,
        "usage": {
            "requests": record.requests,
            "prompt_tokens": record.prompt_tokens,
            "completion_tokens": record.completion_tokens,
            "seconds": record.model_seconds,
        },
        "lost": dict(record.lost),
        "language": language,
        "lines": None if record.genotype is None else highlighted_lines(text, language),
        "difference": _difference(record, parents[0], language) if parents else None,
        "phenotype": phenotype_parts(record.artifacts),
    }


def _difference(record: IndividualRecord, parent: IndividualRecord, language: str) -> Json:
    """Return the blocks in which parent and child differ, with the parent's lines to show."""
    if record.genotype is None or parent.genotype is None:
        return None
    before, after = (unified_line_ends(readable_json(one.genotype)) for one in (parent, record))
    blocks = line_differences(before, after)
    if blocks is None:
        return None
    return {"parent": parent.id, "lines": highlighted_lines(before, language), "blocks": blocks}
