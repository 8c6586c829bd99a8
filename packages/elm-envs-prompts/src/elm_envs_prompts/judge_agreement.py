"""Do the judgements of one text agree? What a judge's noise is read from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import mean, stdev

from elm_protocols import Json


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the judgements of the same texts agree.

    Attributes:
        texts: Texts that were judged more than once.
        judgements: Their judgements.
        quality_spread: Standard deviation of the quality of one text (points of 10), mean over texts.
        quality_difference: Mean difference in quality between two judgements of one text.
        same_label: For each axis the share of pairs of judgements that name the same label, 0 to 1.
    """

    texts: int
    judgements: int
    quality_spread: float
    quality_difference: float
    same_label: Mapping[str, float]


def agreement(said: Sequence[Sequence[Mapping[str, Json]]]) -> Agreement | None:
    """Return the agreement of judgements; None where no text was judged twice.

    Args:
        said: For each text the artifacts of its evaluations: `quality`, and `labels` by axis.
    """
    several = [judgements for judgements in said if len(judgements) > 1]
    if not several:
        return None
    qualities = [[float(str(one["quality"])) for one in judgements] for judgements in several]
    differences = [abs(a - b) for values in qualities for a, b in combinations(values, 2)]
    pairs = [pair for judgements in several for pair in combinations(map(_labels, judgements), 2)]
    return Agreement(
        texts=len(several),
        judgements=sum(map(len, several)),
        quality_spread=mean(stdev(values) for values in qualities),
        quality_difference=mean(differences),
        same_label={name: mean(float(a[name] == b[name]) for a, b in pairs) for name in pairs[0][0]},
    )


def agreement_text(found: Agreement | None) -> str:
    """Return the agreement in one line."""
    if found is None:
        return "unknown: no text was judged twice"
    labels = ", ".join(f"{name} the same in {share:.0%}" for name, share in found.same_label.items())
    return (
        f"{found.texts} texts judged {found.judgements} times: quality differs by "
        f"{found.quality_difference:.1f} points between two judgements, {labels} of the pairs"
    )


def mean_and_count(judgements: Sequence[Mapping[str, Json]]) -> tuple[float, int]:
    """Return the mean quality of a text's judgements and their number; NaN and 0 without any."""
    values = [float(str(one["quality"])) for one in judgements]
    return (mean(values) if values else math.nan, len(values))


def _labels(judgement: Mapping[str, Json]) -> Mapping[str, Json]:
    labels = judgement["labels"]
    assert isinstance(labels, Mapping)
    return labels
