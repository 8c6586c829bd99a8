"""The tables and the best program of a recorded run as files, for other programs and for people."""

from __future__ import annotations

import ast
from pathlib import Path

import elm_store
from elm_protocols import Genotype, UserError

FORMATS = ("jsonl", "parquet")


def export(path: Path, form: str) -> list[tuple[Path, str]]:
    """Write individuals, elites, history and the best genotype of a run to the folder `export` in its own.

    Args:
        path: The run's folder or file.
        form: `jsonl` (JSON Lines) or `parquet` (extra `parquet` of elm-store); the history is JSON Lines.

    Returns:
        The files, each with what it holds.

    Raises:
        UserError: There is no run, no such format, or the folder cannot be written.
        MissingExtraError: pyarrow is not installed.
    """
    if form not in FORMATS:
        raise UserError(f"format must be one of {', '.join(FORMATS)}, not '{form}'.")
    write = elm_store.export_parquet if form == "parquet" else elm_store.export_json_lines
    with elm_store.open(path) as run:
        folder = run.path.parent / "export"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise UserError(f"The folder {folder} cannot be made ({error.strerror}).") from error
        individuals, elites = folder / f"individuals.{form}", folder / f"elites.{form}"
        history = folder / "history.jsonl"
        best = run.elites()
        files = [
            (individuals, f"{write(run.individuals(), individuals)} individuals, failed ones included"),
            (elites, f"{write(best, elites)} elites: the fittest of each niche, the best first"),
            (history, f"{elm_store.export_json_lines(run.history(), history)} steps: time and statistics"),
        ]
        if best:
            file = folder / f"best{ending(best[0].genotype)}"
            elm_store.export_genotype(best[0].genotype, file)
            files.append((file, f"the best: fitness {best[0].fitness:.4g}, individual {best[0].id}"))
    return files


def ending(genotype: Genotype) -> str:
    """Return what the name of a genotype's file ends in: `.py` for a program that states anything."""
    if not isinstance(genotype, str):
        return ".json"
    try:
        statements = ast.parse(genotype).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ".txt"
    return ".txt" if all(isinstance(statement, ast.Expr) for statement in statements) else ".py"
