"""Quality-diversity archives and algorithms for genotypes of any kind."""

from elm_qd.additions import Additions
from elm_qd.archive import Archive
from elm_qd.archive_state import archive_from_state
from elm_qd.cvt_archive import CVTArchive
from elm_qd.cvtmapelites import CVTMAPElites
from elm_qd.deep_grid_archive import DeepGridArchive
from elm_qd.deepgridmapelites import DeepGridMAPElites
from elm_qd.elite_archive import EliteArchive
from elm_qd.generation import Evaluator
from elm_qd.genetic import GeneticAlgorithm
from elm_qd.grid import Grid
from elm_qd.grid_archive import GridArchive
from elm_qd.history import History
from elm_qd.mapelites import MAPElites
from elm_qd.population import Population
from elm_qd.replay import replay_generations, replay_steadily
from elm_qd.schedule import Schedule, ScheduleObserver
from elm_qd.search import search
from elm_qd.search_budget import Budget
from elm_qd.search_progress import SearchResult
from elm_qd.selection import Selector
from elm_qd.selectors import (
    CuriositySelector,
    FitnessSelector,
    NicheSelector,
    NoveltySelector,
    TournamentSelector,
    UniformSelector,
)
from elm_qd.state_file import load_state, save_state
from elm_qd.statistics import cqd_score, normalised_qd_score
from elm_qd.steady_state import Lanes, search_steadily
from elm_qd.voronoi import Voronoi, tessellate

__all__ = [
    "Additions",
    "Archive",
    "Budget",
    "CVTArchive",
    "CVTMAPElites",
    "CuriositySelector",
    "DeepGridArchive",
    "DeepGridMAPElites",
    "EliteArchive",
    "Evaluator",
    "FitnessSelector",
    "GeneticAlgorithm",
    "Grid",
    "GridArchive",
    "History",
    "Lanes",
    "MAPElites",
    "NicheSelector",
    "NoveltySelector",
    "Population",
    "Schedule",
    "ScheduleObserver",
    "SearchResult",
    "Selector",
    "TournamentSelector",
    "UniformSelector",
    "Voronoi",
    "archive_from_state",
    "cqd_score",
    "load_state",
    "normalised_qd_score",
    "replay_generations",
    "replay_steadily",
    "save_state",
    "search",
    "search_steadily",
    "tessellate",
]
