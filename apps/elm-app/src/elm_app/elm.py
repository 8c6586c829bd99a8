"""A search tied to its configuration, for use from Python."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console

import elm_store
from elm_app.command import composed
from elm_app.earlier_options import choices_of_run, option_key, recorded_config, resumed_config
from elm_app.run import execute, new_plan, resumed_plan
from elm_app.schema import COMMANDS, register
from elm_app.suggestions import suggested_overrides
from elm_protocols import UserError
from elm_qd import SearchResult


class ELM:
    """Evolution with a language model, as `elm-run` with the same words would do it.

    ::

        elm = ELM("env=sodarace", "model=ast", "budget.individuals=200")
        result = elm.run()
        print(result.reason, elm.elites()[0].genotype)

    Args:
        overrides: What one would type behind `elm-run`: `group=name`, `group.option=value`.

    Attributes:
        config: The whole configuration, group -> settings, as JSON values.
        directory: The run's folder; None before the first `run`.

    Raises:
        UserError: One of them does not exist or has no such value.
    """

    def __init__(self, *overrides: str) -> None:
        register()
        self.config = composed([*suggested_overrides(overrides), *overrides])
        for name in COMMANDS:
            if self.config.pop(name) is not None:
                raise UserError(
                    f"{name}= is for the command elm-run: from Python, use ELM.resume and elm_store."
                )
        self.directory: Path | None = None

    @classmethod
    def resume(cls, directory: str | Path, *overrides: str) -> ELM:
        """Return the search of an existing run, to be continued by `run`.

        Args:
            directory: The run's folder.
            overrides: Those of `budget.*` and the executor.
        """
        recorded, keys = recorded_config(str(directory)), [option_key(word) for word in overrides]
        elm = cls(*choices_of_run(recorded, keys), *overrides)
        elm.config = resumed_config(recorded, elm.config, keys)
        elm.directory = Path(directory)
        return elm

    def run(self, console: Console | None = None) -> SearchResult:
        """Search until the budget is used up; called again, continue with what the budget then allows.

        Args:
            console: Where to show progress and the summary; None: nowhere.

        Raises:
            UserError: As `elm-run` would tell it.
        """
        if self.directory is None:
            plan = new_plan(self.config, datetime.now().astimezone())
        else:
            plan = resumed_plan(self.directory, self.config)
        self.directory = plan.directory
        return execute(plan, console or Console(quiet=True))

    def elites(self) -> list[elm_store.IndividualRecord]:
        """Return the fittest individual of each niche, the best first; see `elm_store.Run.elites`.

        Raises:
            UserError: If there is no run yet.
        """
        if self.directory is None:
            raise UserError("There are no elites before the first run.")
        with elm_store.open(self.directory) as run:
            return run.elites()
