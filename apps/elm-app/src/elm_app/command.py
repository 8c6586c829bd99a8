"""The command `elm-run`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console

from elm_app.earlier_options import (
    choices_of_source,
    forked_config,
    is_free_in_session,
    option_key,
    recorded_config,
    resumed_config,
)
from elm_app.export import export
from elm_app.help import help_text
from elm_app.replay import replay
from elm_app.report import print_files
from elm_app.run import execute, forked_plan, new_plan, resumed_plan
from elm_app.schema import COMMANDS, register
from elm_app.suggestions import suggested_overrides
from elm_protocols import UserError

USER_ERROR = 2
INTERRUPTED = 130


def main() -> None:
    """Run `elm-run`; exit with 0, with 2 and one sentence for a user's mistake, 130 if interrupted twice."""
    # Hydra then raises what it finds wrong instead of printing and exiting, and so does the task.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        register()
        overrides = [word for word in sys.argv[1:] if not word.startswith("-")]
        if {"--help", "-h"} & set(sys.argv[1:]):
            print(help_text(composed([*suggested_overrides(overrides), *overrides])))
            return
        require_own_options(overrides)
        sys.argv += [*choices_of_source(overrides), *suggested_overrides(overrides)]
        _task()
    except UserError as error:
        _fail(str(error))
    except (HydraException, OmegaConfBaseException) as error:
        _fail(sentence(error))
    except KeyboardInterrupt:
        print("elm-run: stopped at once; what was recorded is kept.", file=sys.stderr)
        sys.exit(INTERRUPTED)


@hydra.main(version_base="1.3", config_path="pkg://elm_app.conf", config_name="config")
def _task(config: DictConfig) -> None:
    try:
        _run(plain(config))
    except UserError as error:  # here, since hydra would print a heading of its own over it
        _fail(str(error))


def _run(settings: dict[str, Any]) -> None:
    resume, again, source, step, exported, form = (settings.pop(name) for name in COMMANDS)
    console, now = Console(), datetime.now().astimezone()
    task = HydraConfig.get().overrides.task
    keys = [option_key(word) for word in task]
    if exported is not None:
        print_files(console, export(Path(exported), form or "jsonl"))
    elif again is not None:
        replay(Path(again), resumed_config(recorded_config(again), settings, keys), console)
    elif resume is not None:
        execute(resumed_plan(Path(resume), resumed_config(recorded_config(resume), settings, keys)), console)
    elif source is not None:
        config = forked_config(recorded_config(source), settings, keys)
        execute(forked_plan(Path(source), step, config, now), console)
    else:
        execute(new_plan(settings, now), console)


def composed(overrides: Sequence[str]) -> dict[str, Any]:
    """Return the configuration that `overrides` compose, as JSON values."""
    with hydra.initialize_config_module("elm_app.conf", version_base="1.3"):
        return plain(hydra.compose("config", list(overrides)))


def plain(config: DictConfig) -> dict[str, Any]:
    """Return a configuration as JSON values, interpolations resolved."""
    container = OmegaConf.to_container(config, resolve=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def require_own_options(overrides: Sequence[str]) -> None:
    """Refuse options that the run has already.

    Raises:
        UserError: If anything but budget.* and the executor is set together with resume or replay, or step
            without fork.
    """
    keys = [option_key(override) for override in overrides]
    for again in ("resume", "replay"):
        foreign = [key for key in keys if key != again and not is_free_in_session(key)]
        if again in keys and foreign:
            raise UserError(
                f"{again}=RUN keeps the run's own options: leave out {foreign[0]} (only budget.* and the "
                "executor may be set)."
            )
    if "export" in keys and (more := sorted({*keys} - {"export", "format"})):
        raise UserError(f"export=RUN only writes files: leave out {more[0]} (format=parquet may be set).")
    if "format" in keys and "export" not in keys:
        raise UserError("format=NAME is of exported tables: set export=RUN too.")
    if "step" in keys and "fork" not in keys:
        raise UserError("step=N says where to fork: set fork=RUN too.")


def sentence(error: Exception) -> str:
    """Return what is wrong with a configuration in one sentence, without hydra's search paths."""
    if isinstance(error, MissingConfigException) and error.options:
        group, _, name = (error.missing_cfg_file or "").rpartition("/")
        return f"There is no {group}={name}; choose one of: {', '.join(sorted(error.options))}."
    told = str(error).strip().splitlines()[0]
    if isinstance(error, OverrideParseException):
        told = f"Cannot read '{error.override}' as group=name or group.option=value"
    cause = error.__cause__
    if isinstance(cause, OmegaConfBaseException):
        told += ": " + str(cause).strip().splitlines()[0]
    return f"{told.rstrip('.')}; `elm-run --help` lists what can be set."


def _fail(text: str) -> None:
    print(f"elm-run: {text}", file=sys.stderr)
    sys.exit(USER_ERROR)
