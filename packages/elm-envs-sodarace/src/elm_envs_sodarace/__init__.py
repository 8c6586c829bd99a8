"""Sodarace: two-dimensional robots, written as programs, that run over terrains."""

from elm_envs_sodarace.environment import Sodarace
from elm_envs_sodarace.program import INTERFACE, TEMPLATE
from elm_envs_sodarace.seeds import SEEDS
from elm_envs_sodarace.simulation import Instability, Simulation, simulate
from elm_envs_sodarace.terrain import Terrain, read_terrain
from elm_envs_sodarace.walker import InvalidWalker, Muscle, Walker, read_walker

__all__ = [
    "INTERFACE",
    "SEEDS",
    "TEMPLATE",
    "Instability",
    "InvalidWalker",
    "Muscle",
    "Simulation",
    "Sodarace",
    "Terrain",
    "Walker",
    "read_terrain",
    "read_walker",
    "simulate",
]
