"""Puzzle files in P3's format: read from a path, a URL or the package, with a cache and a checksum."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from elm_envs_puzzles.puzzle import Puzzle, puzzle_from_json
from elm_protocols import UnreadableFileError, UserError

OWN = "own"
"""Source name of the puzzles that this package ships."""

TUTORIAL = "tutorial"
"""Source name of five short puzzles with solutions, for the prompt of a model that is to solve others."""

P3 = "p3"
"""Source name of the public P3 file: 1715 puzzles of 397 problems."""

P3_URL = "https://raw.githubusercontent.com/microsoft/PythonProgrammingPuzzles/main/puzzles/puzzles.json"
P3_SHA256 = "d3b61141ea0d935c389d602867ba2c154db1854df9ff4402daaa947ad880d8bb"

_MAX_BYTES = 64 * 2**20
_TIMEOUT_SECONDS = 60.0


def load_puzzles(
    source: str | Path = OWN, *, sha256: str = "", cache: str | Path | None = None
) -> tuple[Puzzle, ...]:
    """Return the puzzles of a source, in the order of the file.

    Args:
        source: `own` or `tutorial` (shipped with this package), `p3` (the public file, downloaded once), the
            path of a file in P3's format, or its http(s) URL.
        sha256: Checksum that the file must have, 64 hexadecimal digits; empty: any (`p3`: its known one).
        cache: Folder for downloads; None: `$ELM_CACHE`, else `elm/puzzles` in the user's cache folder.

    Raises:
        UserError: If the file cannot be had, or its checksum is another.
        UnreadableFileError: If it is damaged or in another format.
    """
    if source in (OWN, TUTORIAL):
        return parse_puzzles(_shipped(f"{source}_puzzles.json"), str(source))
    if source == P3:
        source, sha256 = P3_URL, sha256 or P3_SHA256
    text = str(source)
    if urlsplit(text).scheme in ("http", "https"):
        folder = Path(cache) if cache is not None else _cache_folder()
        return parse_puzzles(_download_once(text, sha256, folder), text)
    data = _read(Path(text))
    _check(data, sha256, text)
    return parse_puzzles(data, text)


def parse_puzzles(data: bytes, origin: str) -> tuple[Puzzle, ...]:
    """Return the puzzles of a file's content; `origin` names it in messages.

    Raises:
        UnreadableFileError: If the content is not a list of puzzles with different names.
    """
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError):
        raise UnreadableFileError(f"The puzzle file '{origin}' is not JSON; fetch it anew.") from None
    if not isinstance(entries, list) or not entries:
        raise UnreadableFileError(f"The puzzle file '{origin}' is not a list of puzzles as P3's is.")
    puzzles = tuple(puzzle_from_json(entry, position) for position, entry in enumerate(entries))
    name, times = Counter(puzzle.name for puzzle in puzzles).most_common(1)[0]
    if times > 1:
        raise UnreadableFileError(f"The puzzle file '{origin}' has {times} puzzles named '{name}'.")
    return puzzles


def select_puzzles(puzzles: Sequence[Puzzle], names: Iterable[str]) -> tuple[Puzzle, ...]:
    """Return the puzzles that `names` names: a puzzle's own name, or a problem's for all its instances.

    Raises:
        UserError: If a name fits none.
    """
    chosen: list[Puzzle] = []
    for name in names:
        fitting = [
            puzzle for puzzle in puzzles if puzzle.name == name or puzzle.name.rsplit(":", 1)[0] == name
        ]
        if not fitting:
            raise UserError(f"There is no puzzle named '{name}'; the first there is is '{puzzles[0].name}'.")
        chosen += fitting
    return tuple(dict.fromkeys(chosen)) or tuple(puzzles)


def p3_test_split(puzzles: Sequence[Puzzle]) -> tuple[Puzzle, ...]:
    """Return the first instance of each of P3's 228 test problems.

    The split is the one published with "Language Models Can Teach Themselves to Program Better"
    (Haluptzok et al., ICLR 2023, arXiv 2207.14502) as `puzzles/split.json` of P3's repository.

    Raises:
        UserError: If the puzzles lack one of them.
    """
    names = json.loads(_shipped("p3_test_problems.json"))
    by_name = {puzzle.name: puzzle for puzzle in puzzles}
    missing = [name for name in names if f"{name}:0" not in by_name]
    if missing:
        raise UserError(f"P3's test split needs the puzzles of P3, and '{missing[0]}:0' is not among them.")
    return tuple(by_name[f"{name}:0"] for name in names)


def write_puzzles(puzzles: Iterable[Puzzle], path: Path) -> None:
    """Write puzzles as a file in P3's format."""
    entries = [puzzle.to_json() for puzzle in puzzles]
    path.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def _shipped(name: str) -> bytes:
    return resources.files("elm_envs_puzzles").joinpath(name).read_bytes()


def _cache_folder() -> Path:
    chosen = os.environ.get("ELM_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "elm" / "puzzles"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"The puzzle file '{path}' cannot be read: {error.strerror}.") from None


def _check(data: bytes, sha256: str, origin: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if sha256 and found != sha256.lower():
        raise UserError(f"The puzzle file '{origin}' has the checksum {found}, not {sha256}; fetch it anew.")


def _download_once(url: str, sha256: str, folder: Path) -> bytes:
    """Return the file from the cache, where its own checksum still holds, or from the URL."""
    stem = folder / hashlib.sha256(url.encode()).hexdigest()[:32]
    cached, checksum = stem.with_suffix(".json"), stem.with_suffix(".sha256")
    if cached.is_file() and checksum.is_file():
        data = _read(cached)
        found = hashlib.sha256(data).hexdigest()
        if found == _read(checksum).decode("ascii", "replace").strip() and sha256.lower() in ("", found):
            return data
    data = _download(url)
    _check(data, sha256, url)
    _write_atomically(cached, data)
    _write_atomically(checksum, hashlib.sha256(data).hexdigest().encode())
    return data


def _download(url: str) -> bytes:
    try:
        with urlopen(url, timeout=_TIMEOUT_SECONDS) as response:  # the scheme is http or https
            data: bytes = response.read(_MAX_BYTES + 1)
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise UserError(f"The puzzle file cannot be fetched from {url}: {reason}.") from None
    if len(data) > _MAX_BYTES:
        raise UserError(f"The puzzle file at {url} is larger than {_MAX_BYTES >> 20} MB, so it is not P3's.")
    return data


def _write_atomically(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError as error:
        raise UserError(f"The cache folder '{path.parent}' cannot be written: {error.strerror}.") from None
