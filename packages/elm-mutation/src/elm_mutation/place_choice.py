"""Which place of a parent a child differs in, and how a fragment is put there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from numpy.random import Generator

from elm_mutation.grammar import Rule, chain
from elm_mutation.interface import Interface, read_interface
from elm_mutation.places import Place, PlaceKind, find_places
from elm_protocols import MutationRequest

MIX: Mapping[PlaceKind, float] = {
    PlaceKind.NUMBER: 3.0,
    PlaceKind.ARGUMENT: 3.0,
    PlaceKind.CALL: 2.0,
    PlaceKind.VALUE: 1.0,
    PlaceKind.BOUND: 1.0,
    PlaceKind.STATEMENT: 1.0,
    PlaceKind.INSERTION: 3.0,
}
"""How often each kind of place is chosen, among those that a program has."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A program cut open at a place.

    Attributes:
        before: The program up to the place, without the white space before it: what a model is shown.
        lead: That white space; every fragment begins with it.
        rule: Grammar of the fragment itself.
        close: What follows the fragment, up to the first visible character: a model writes it too, so that
            no fragment ends because the model ends.
        after: The rest of the program, `close` included.
    """

    before: str
    lead: str
    rule: Rule
    close: str
    after: str

    @property
    def grammar(self) -> Rule:
        """The rule of everything that a model writes."""
        return chain(self.lead, self.rule, self.close)

    def child(self, written: str) -> str | None:
        """Return the program with a model's text put in; None if that text was cut short."""
        if not (written.startswith(self.lead) and written.endswith(self.close)):
            return None
        if len(written) < len(self.lead) + len(self.close):
            return None
        return self.before + written.removesuffix(self.close) + self.after

    def child_of_fragment(self, fragment: str) -> str:
        """Return the program with a bare fragment put in."""
        return self.before + self.lead + fragment + self.after


def places_of(request: MutationRequest) -> Sequence[Place]:
    """Return the places of a request's first parent behind the template; the parent must parse."""
    return _cached_places(request.parents[0], request.interface, len(request.template))


@lru_cache(maxsize=256)
def _cached_places(source: str, stub: str, first: int) -> tuple[Place, ...]:
    return tuple(find_places(source, _cached_interface(stub), first))


@lru_cache(maxsize=16)
def _cached_interface(stub: str) -> Interface:
    return read_interface(stub)


def choose_place(places: Sequence[Place], rng: Generator) -> Place | None:
    """Return a place where something fits: its kind by `MIX`, then any of that kind; None if nothing does."""
    left = list(places)
    while left:
        kinds = [kind for kind in MIX if any(place.kind is kind for place in left)]
        weights = [MIX[kind] for kind in kinds]
        kind = kinds[rng.choice(len(kinds), p=[weight / sum(weights) for weight in weights])]
        of_kind = [place for place in left if place.kind is kind]
        place = of_kind[rng.integers(len(of_kind))]
        if place.rule is not None:
            return place
        left.remove(place)
    return None


def open_somewhere(request: MutationRequest, rng: Generator) -> Cut | None:
    """Return a request's first parent cut open at a place drawn at random; None if it has none."""
    place = choose_place(places_of(request), rng)
    return None if place is None else cut_open(request.parents[0], place)


def cut_open(source: str, place: Place) -> Cut:
    """Return the program cut open at a place where something fits.

    An insertion takes a line of its own before the statement at the place.
    """
    if place.rule is None:
        raise ValueError("Nothing fits at this place.")
    before = source[: place.start].rstrip()
    lead = source[len(before) : place.start]
    if place.kind is PlaceKind.INSERTION:
        indent = lead[lead.rfind("\n") + 1 :]
        return Cut(before, lead, place.rule, "\n", f"\n{indent}{source[place.end :]}")
    after = source[place.end :] or "\n"
    visible = len(after) - len(after.lstrip(" \t"))
    return Cut(before, lead, place.rule, after[: visible + 1], after)
