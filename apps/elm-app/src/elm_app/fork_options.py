"""The configuration of a fork: that of its source, with what is set beside `fork=RUN`."""

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
    """Return the overrides that choose the components of a fork's source, where it is not said otherwise.

    So that `fork=RUN qd.bins=...` is checked against the algorithm that the run has.
    """
    keys = {option_key(override): override.partition("=")[2] for override in overrides}
    if "fork" not in keys:
        return []
    config = recorded_config(keys["fork"])
    return [
        f"{group}={config[group]['name']}"
        for group in GROUPS
        if group not in keys and group in config and config[group]["name"] in announced(group)
    ]


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
