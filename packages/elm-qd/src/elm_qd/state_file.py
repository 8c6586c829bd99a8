"""States in one file: numpy's npz, with the arrays as members and all else as JSON in a member of its own."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elm_protocols import UnreadableFileError, UserError

FORMAT = "elm-qd-state"
VERSION = 1
_ARRAY = "__array__"
_DAMAGE = (
    OSError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy and zipfile raise for files that are damaged or something else."""


def save_state(state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write the `state()` of an archive or an algorithm to a file.

    The file is written beside its place and then moved there, so that a crash leaves the old one whole.

    Args:
        state: JSON values and numpy arrays, nested.
        path: The file; its name is taken as it is.

    Raises:
        UserError: If the file cannot be written.
    """
    arrays: dict[str, Any] = {}
    header = {"format": FORMAT, "version": VERSION, "state": _without_arrays(state, arrays)}
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogatepass")
    target = Path(path)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, json=np.frombuffer(text, dtype=np.uint8), **arrays)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError(f"The state cannot be written to {target} ({error.strerror}).") from error


def load_state(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the state that `save_state` wrote; nothing in the file is executed or unpickled.

    Raises:
        UnreadableFileError: If the file is missing, damaged, foreign, or of a newer version.
    """
    target = Path(path)
    try:
        with target.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(arrays.pop("json").tobytes().decode("utf-8", "surrogatepass"))
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {target}.") from error
    except _DAMAGE as error:
        raise UnreadableFileError(f"The file {target} is damaged or not a state of elm-qd.") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise UnreadableFileError(f"The file {target} is not a state of elm-qd.")
    if header.get("version") != VERSION:
        raise UnreadableFileError(
            f"The file {target} has the format version {header.get('version')} and this elm-qd reads "
            f"{VERSION}; update elm-qd."
        )
    state: dict[str, Any] = _with_arrays(header["state"], arrays)
    return state


def _without_arrays(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """Return `value` with every array moved to `arrays` and its name in its place."""
    if isinstance(value, np.ndarray):
        name = f"array{len(arrays)}"
        arrays[name] = value
        return {_ARRAY: name}
    if isinstance(value, Mapping):
        # Keys of the data itself that look like ours get one more underscore.
        return {
            f"_{key}" if str(key).lstrip("_") == "array__" else key: _without_arrays(part, arrays)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_arrays(part, arrays) for part in value]
    return value


def _with_arrays(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return arrays[value[_ARRAY]]
        return {
            key[1:] if key.lstrip("_") == "array__" else key: _with_arrays(part, arrays)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_with_arrays(part, arrays) for part in value]
    return value
