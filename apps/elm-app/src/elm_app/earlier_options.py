"""The configuration that an earlier run gives: to a fork, a resumed session, or a replay of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import elm_store
from elm_app.components import GROUPS, announced


def option_key(override: str) -> str:
    """Return what an override sets, for example `qd.seed`."""
    return override.lstrip("+").partition("=")[0]


def recorded_config(path: str) -> Mapping[str, Any]:
    """Return the configuration of the run at `path`."""
    with elm_store.open(path) as run:
        return dict(run.config)


def choices_of_source(overrides: Sequence[str]) -> list[str]:
    """Return what `choices_of_run` gives for the run that the overrides name, if they name one."""
    named = {option_key(override): override.partition("=")[2] for override in overrides}
    earlier = next((named[key] for key in ("fork", "resume", "replay") if key in named), None)
    return [] if earlier is None else choices_of_run(recorded_config(earlier), list(named))


def choices_of_run(recorded: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    """Return the overrides that choose the components of an earlier run, where `keys` do not choose.

    So that `fork=RUN qd.bins=...` is checked against the algorithm that the run has.
    """
    return [
        f"{group}={recorded[group]['name']}"
        for group in GROUPS
        if group not in keys and group in recorded and recorded[group]["name"] in announced(group)
    ]


def is_free_in_session(key: str) -> bool:
    """Whether a session of an existing run may set this: what decides its end, and where it is computed."""
    return key.partition(".")[0] in ("budget", "executor")


def resumed_config(
    recorded: Mapping[str, Any], composed: Mapping[str, Any], keys: Sequence[str]
) -> dict[str, Any]:
    """Return a run's configuration for another session: see `forked_config`, and `is_free_in_session`."""
    return forked_config(recorded, composed, [key for key in keys if is_free_in_session(key)])


def forked_config(
    recorded: Mapping[str, Any], composed: Mapping[str, Any], keys: Sequence[str]
) -> dict[str, Any]:
    """Return the source's configuration with the options `keys` as they were composed.

    Args:
        recorded: The source's.
        composed: What the command line composes.
        keys: What the command line sets: `qd` takes over the whole group, `qd.seed` that option.
    """
    config = copy.deepcopy(dict(recorded))
    for key in (key for key in keys if key not in ("fork", "step")):
        group, _, option = key.partition(".")
        changed = config.get(group, {}).get("name") != composed[group]["name"] if group in GROUPS else False
        if not option and group in GROUPS and not changed:
            continue  # the source's own choice
        if not option or changed:
            config[group] = composed[group]
        else:
            config[group] = {
                **config[group],
                option.partition(".")[0]: composed[group][option.partition(".")[0]],
            }
    if "model" in keys:  # model=ast and the like choose an operator too
        config["operator"] = composed["operator"]
    return config
