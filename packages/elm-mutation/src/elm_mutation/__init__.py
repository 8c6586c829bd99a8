"""Mutation operators: how a language model, or chance, varies a program or a text."""

from elm_mutation.bandit import OperatorBandit
from elm_mutation.budget import BudgetedModel, Prices, Spending, SpendingLimits
from elm_mutation.crossover import Crossover
from elm_mutation.diffs import DiffOperator
from elm_mutation.infill import Infill, RandomInfill
from elm_mutation.journal import JournaledModel
from elm_mutation.models import chat, embedded, hf
from elm_mutation.prompted import PromptOperator
from elm_mutation.tree_edits import TreeEdits
from elm_mutation.unseen import UnseenChildren

__all__ = [
    "BudgetedModel",
    "Crossover",
    "DiffOperator",
    "Infill",
    "JournaledModel",
    "OperatorBandit",
    "Prices",
    "PromptOperator",
    "RandomInfill",
    "Spending",
    "SpendingLimits",
    "TreeEdits",
    "UnseenChildren",
    "chat",
    "embedded",
    "hf",
]
