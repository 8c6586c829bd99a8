"""The parts of Box2D's bindings that the simulation uses.

Distribution `box2d`, or `box2d-py` where that has no wheel: the same module `Box2D` and the same numbers.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # SWIG's types lack __module__, of which Python warns on import; where warnings are errors (as under
    # a test runner) the bindings would crash the interpreter.
    warnings.simplefilter("ignore", DeprecationWarning)
    from Box2D import (  # type: ignore[import-untyped]
        _Box2D,
        b2ChainShape,
        b2CircleShape,
        b2DistanceJoint,
        b2Filter,
        b2FixtureDef,
        b2World,
    )

# The raw calls spare a Python layer in the loop; `b2DistanceJoint.length` and `b2World.Step` end in the
# same ones.
set_length = _Box2D.b2DistanceJoint___SetLength
step_world = _Box2D.b2World_Step

__all__ = [
    "b2ChainShape",
    "b2CircleShape",
    "b2DistanceJoint",
    "b2Filter",
    "b2FixtureDef",
    "b2World",
    "set_length",
    "step_world",
]
