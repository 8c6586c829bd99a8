"""Quality-diversity archives and algorithms for genotypes of any kind."""

from elm_qd.additions import Additions
from elm_qd.archive import Archive
from elm_qd.elite_archive import EliteArchive
from elm_qd.grid import Grid
from elm_qd.grid_archive import GridArchive
from elm_qd.mapelites import MAPElites
from elm_qd.search import SearchResult, search
from elm_qd.search_budget import Budget
from elm_qd.selection import Selector, UniformSelector
from elm_qd.statistics import normalised_qd_score

__all__ = [
    "Additions",
    "Archive",
    "Budget",
    "EliteArchive",
    "Grid",
    "GridArchive",
    "MAPElites",
    "SearchResult",
    "Selector",
    "UniformSelector",
    "normalised_qd_score",
    "search",
]
