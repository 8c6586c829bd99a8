"""Runs untrusted generated programs.

Names are loaded when first used: the worker, which lives in this package too, imports nothing of the host's
side.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elm_sandbox.client import RemoteSandbox
    from elm_sandbox.gvisor import GVisor
    from elm_sandbox.jail import Jail

__all__ = ["GVisor", "Jail", "RemoteSandbox"]

_HOMES = {
    "GVisor": "elm_sandbox.gvisor",
    "Jail": "elm_sandbox.jail",
    "RemoteSandbox": "elm_sandbox.client",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'elm_sandbox' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)
