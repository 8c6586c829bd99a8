"""The journal of a model: every request and reply on disk, so that none is paid for twice.

One line of JSON a reply, written by one process at a time. A last line that a crash cut off is dropped when
the journal is opened again. Prompts,
settings of the call, replies and their cost are written; no key, header or other setting of the client is.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from elm_mutation.model_calls import AskedModel, Prompt, Reply, ask, behind, conversation_text
from elm_mutation.program_checks import Problem
from elm_protocols import UnreadableFileError, Usage, UserError, content_hash

_NAMES = ("model_name", "model", "name_or_path", "path")  # what LangChain's classes call the model's name
_DECIDING = (
    "temperature",
    "max_tokens",
    "top_p",
    "top_k",
    "context",
    "reasoning_effort",
    "instruct",
    "dtype",
)


class JournaledModel:
    """Answers from a journal what it answered before, and asks the model for the rest.

    A request is known by its content: model, its deciding settings, prompt, stop texts, and the settings of
    the call with its seed, which the operators draw anew for each draw. Failed calls are in the journal too;
    only a replay (`offline`) takes them from it.

    Args:
        model: A LangChain model, or a budget around one.
        path: The journal's file; it is made if it is not there.
        offline: Never ask the model: replay a run, at no cost, as it was.

    Raises:
        UnreadableFileError: The file is no journal.
        UserError: There is no journal to replay.
    """

    def __init__(self, model: AskedModel, path: Path | str, *, offline: bool = False) -> None:
        self.wrapped = model
        self._path = Path(path)
        self._offline = offline
        self._lock = threading.Lock()
        if offline and not self._path.is_file():
            raise UserError(f"There is no journal '{self._path}' to replay.")
        self._replies = _read(self._path) if self._path.is_file() else {}
        self._identity = _identity(model)
        self.replayed = 0

    def reply(self, prompt: Prompt, stop: tuple[str, ...], settings: dict[str, object]) -> Reply:
        """Return the journal's reply to a request, or the model's, which the journal then holds."""
        request: dict[str, Any] = {
            "model": self._identity,
            "prompt": conversation_text(prompt),
            "stop": list(stop),
            "settings": settings,
        }
        key = content_hash(request)
        known = self._replies.get(key)
        if known is not None and (self._offline or known.problem is None):
            self.replayed += 1
            return known
        if self._offline:
            raise UserError(f"The journal '{self._path}' lacks a reply: it is of another run than this one.")
        reply = ask(self.wrapped, prompt, stop=stop, **settings)
        self._write(key, request, reply)
        return reply

    def _write(self, key: str, request: dict[str, Any], reply: Reply) -> None:
        line = json.dumps({"key": key, "request": request, "reply": asdict(reply)}, ensure_ascii=False)
        with self._lock:
            self._replies[key] = reply
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(f"{line}\n")


def _read(path: Path) -> dict[str, Reply]:
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):  # a crash cut off the last line
        with path.open("r+b") as stream:
            stream.truncate(len(whole))
    replies = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            entry = json.loads(line)
            replies[str(entry["key"])] = _reply(entry["reply"])
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableFileError(
                f"Line {number} of '{path}' is not one of a journal: give another file, or mend it."
            ) from error
    return replies


def _reply(entry: dict[str, Any]) -> Reply:
    problem = Problem(**entry["problem"]) if entry["problem"] else None
    return Reply(entry["text"], entry["finished"], Usage(**entry["usage"]), entry["model"], problem)


def _identity(model: AskedModel) -> dict[str, str]:
    """What decides a model's replies beside the settings of a call, as far as its fields tell."""
    lang_chain = behind(model)
    fields = {name: getattr(lang_chain, name, None) for name in (*_NAMES, *_DECIDING)}
    known = {name: str(value) for name, value in fields.items() if value is not None}
    if "path" in known:
        known["path"] = Path(known["path"]).name  # the same file elsewhere is the same model
    return {"class": type(lang_chain).__name__, **known}
