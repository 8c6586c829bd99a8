"""Quality-diversity archives and algorithms for genotypes of any kind."""

from elm_qd.additions import Additions
from elm_qd.archive import Archive
from elm_qd.cvt_archive import CVTArchive
from elm_qd.elite_archive import EliteArchive
from elm_qd.grid import Grid
from elm_qd.grid_archive import GridArchive
from elm_qd.mapelites import MAPElites
from elm_qd.search import SearchResult, search
from elm_qd.search_budget import Budget
from elm_qd.selection import Selector, UniformSelector
from elm_qd.statistics import normalised_qd_score
from elm_qd.voronoi import Voronoi, tessellate

__all__ = [
    "Additions",
    "Archive",
    "Budget",
    "CVTArchive",
    "EliteArchive",
    "Grid",
    "GridArchive",
    "MAPElites",
    "SearchResult",
    "Selector",
    "UniformSelector",
    "Voronoi",
    "normalised_qd_score",
    "search",
    "tessellate",
]
