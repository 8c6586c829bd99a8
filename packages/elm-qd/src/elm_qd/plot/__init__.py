"""Pictures of archives and searches; needs the extra `elm-qd[plot]`.

Nothing here touches matplotlib's global state or a display: every picture is a `Figure` of its own.
"""

from elm_qd.plot.archives import HasArchive, plot_archive
from elm_qd.plot.histories import plot_history

__all__ = ["HasArchive", "plot_archive", "plot_history"]
