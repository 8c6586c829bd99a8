"""What an environment suggests to be run with, where the command line says nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from elm_app.components import GROUPS, announced, component
from elm_app.earlier_options import option_key


def suggested_overrides(overrides: Sequence[str]) -> list[str]:
    """Return the overrides that the chosen environment suggests.

    An environment announces them as `suggested_options`: `group` -> component, `group.option` -> value. A
    group that the command line chooses is left alone, its options too; and so is what a choice of the
    command line brings along (model=ast brings its operator).

    Args:
        overrides: The command line's.
    """
    keys = {option_key(override): override.partition("=")[2] for override in overrides}
    if keys.keys() & {"fork", "resume", "replay"} or keys.get("env") not in announced("env"):
        return []
    suggested: Mapping[str, str] = getattr(component("env", keys["env"]).build, "suggested_options", {})
    chosen = {key for key in keys if key in GROUPS}
    if keys.get("model", "") not in {"", *announced("model")}:
        chosen.add("operator")
    return [
        f"{key}={value}"
        for key, value in suggested.items()
        if key not in keys and key.partition(".")[0] not in chosen
    ]
