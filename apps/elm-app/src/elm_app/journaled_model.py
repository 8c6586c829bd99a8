"""Mutation models over the journal: no child is asked of a model twice, and none when a run is replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from elm_protocols import (
    OVER_BUDGET,
    Completion,
    Json,
    MutationModel,
    MutationRequest,
    Origin,
    Usage,
    UserError,
)


class FoundReplies(Protocol):
    """The journal as a replay reads it."""

    def find(self, request: Json, draw: int) -> Mapping[str, Json] | None:
        """Return the reply on record, or None."""
        ...


class ReplyJournal(FoundReplies, Protocol):
    """The journal as a search writes it."""

    def record(self, request: Json, draw: int, reply: Mapping[str, Json]) -> Mapping[str, Json]:
        """Put a reply on record; return the one that counts."""
        ...


class JournaledModel:
    """A mutation model whose completions are recorded before anyone sees them.

    A request that its model's limits of spending did not allow was never made: it is asked again when the run
    is resumed with more to spend.

    Args:
        model: The model that is asked what is not on record.
        identity: What decides its completions besides the request: operator and model with their options.
    """

    def __init__(self, model: MutationModel, identity: Json) -> None:
        self._model = model
        self._identity = identity
        self._journal: ReplyJournal | None = None

    def keep_in(self, journal: ReplyJournal) -> None:
        """Record in `journal` from now on (the run's file needs the environment, which needs this)."""
        self._journal = journal

    def generate(self, requests: Sequence[MutationRequest]) -> Sequence[Completion]:
        """Return one completion a request, in order: those on record, and the model's for the others."""
        if self._journal is None:
            raise RuntimeError("the journaled model was asked before it was given its journal")
        found = [self._journal.find(request_json(self._identity, request), 0) for request in requests]
        missing = [i for i, reply in enumerate(found) if reply is None]
        if missing:
            made = self._model.generate([requests[i] for i in missing])
            for i, completion in zip(missing, made, strict=True):
                reply = completion_json(completion)
                if completion.status == OVER_BUDGET:
                    found[i] = reply
                else:
                    request = request_json(self._identity, requests[i])
                    found[i] = self._journal.record(request, 0, reply)
        return [completion_of(reply) for reply in found if reply is not None]


class RecordedModel:
    """A mutation model that knows only what is on record.

    Args:
        journal: The run's.
        identity: See `JournaledModel`.
    """

    def __init__(self, journal: FoundReplies, identity: Json) -> None:
        self._journal = journal
        self._identity = identity

    def generate(self, requests: Sequence[MutationRequest]) -> Sequence[Completion]:
        """Return one completion a request, in order.

        Raises:
            UserError: If one is not on record.
        """
        return [self._completion(request) for request in requests]

    def _completion(self, request: MutationRequest) -> Completion:
        reply = self._journal.find(request_json(self._identity, request), 0)
        if reply is None:
            raise UserError(
                "The replay asks a model for something that is not in the run's journal; replay it with the "
                "versions that recorded it."
            )
        return completion_of(reply)


def request_json(identity: Json, request: MutationRequest) -> Json:
    """Return everything that decides a completion."""
    return {"by": identity, "request": asdict(request)}


def completion_json(completion: Completion) -> dict[str, Json]:
    """Return a completion as JSON."""
    return asdict(completion)


def completion_of(reply: Mapping[str, Any]) -> Completion:
    """Return the completion that a reply of the journal is."""
    origin = reply["origin"]
    return Completion(
        text=reply["text"],
        status=reply["status"],
        feedback=reply["feedback"],
        origin=Origin(**{**origin, "usage": Usage(**origin["usage"])}),
    )
