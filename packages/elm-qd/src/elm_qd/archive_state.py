"""Archives of any kind from their states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elm_protocols import UnreadableFileError
from elm_qd.deep_grid_archive import DeepGridArchive
from elm_qd.elite_archive import EliteArchive
from elm_qd.population import Population

_KINDS: dict[str, type[EliteArchive] | type[DeepGridArchive] | type[Population]] = {
    "elite-archive": EliteArchive,
    "deep-grid-archive": DeepGridArchive,
    "population": Population,
}


def archive_from_state(state: Mapping[str, Any]) -> EliteArchive | DeepGridArchive | Population:
    """Build the archive of a `state()`, be it of an archive or of an algorithm.

    Raises:
        UnreadableFileError: If it is a state of something else.
    """
    own = state.get("archive", state)
    kind = own.get("kind")
    if kind not in _KINDS:
        raise UnreadableFileError(f"The state is of no archive that this elm-qd knows (kind {kind!r}).")
    return _KINDS[kind].from_state(own)
