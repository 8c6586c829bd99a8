"""What became of a batch of individuals that an archive was offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from elm_protocols import Addition, AddStatus

STATUS_OF_CODE = (AddStatus.REJECTED, AddStatus.IMPROVED, AddStatus.NEW, AddStatus.INVALID)
"""The status that each integer code of `Additions.codes` stands for."""

CODE_OF_STATUS = {status: code for code, status in enumerate(STATUS_OF_CODE)}

REJECTED, IMPROVED, NEW, INVALID = range(4)


class Added(NamedTuple):
    """The outcome of one individual.

    Attributes:
        status: What the archive did.
        improvement: Gain over the niche's former elite, or over the QD-score offset for a new niche;
            0.0 where rejected or invalid.
        niche: Index of the niche, -1 where invalid.
    """

    status: AddStatus
    improvement: float
    niche: int


NOT_SCORED = Added(AddStatus.INVALID, 0.0, -1)
"""The outcome of an individual that cannot be scored."""


@dataclass(frozen=True, slots=True, eq=False)
class Additions:
    """The outcome of a batch, one entry an individual, in the order of the batch.

    Attributes:
        ids: Ids of the individuals, shape (n,), int64.
        codes: Statuses as positions in `STATUS_OF_CODE`, shape (n,), int8.
        improvements: Gain over the niche's former elite, or over the QD-score offset for a new niche;
            0.0 where rejected or invalid. Shape (n,), float64.
        niches: Index of the niche, -1 where invalid. Shape (n,), int64.
    """

    ids: NDArray[np.int64]
    codes: NDArray[np.int8]
    improvements: NDArray[np.float64]
    niches: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Addition]:
        columns = (self.ids, self.codes, self.improvements, self.niches)
        for identity, code, improvement, niche in zip(*(c.tolist() for c in columns), strict=True):
            yield Addition(identity, STATUS_OF_CODE[code], improvement, niche)

    @property
    def statuses(self) -> list[AddStatus]:
        """The statuses, one an individual."""
        return [STATUS_OF_CODE[code] for code in self.codes.tolist()]
