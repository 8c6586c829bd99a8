"""The error hierarchy.

A user's mistake is a `UserError`: one sentence that says what to do (commands print it and exit with code 2).
What a model or a generated program does wrong is never an exception: it is a status in the results.
Anything else that is raised is a bug and shows a traceback.
"""

from __future__ import annotations


class ElmError(Exception):
    """Base of every error that ELM raises on purpose."""


class UserError(ElmError):
    """Something the user can mend: a wrong option, a missing key, an unknown name."""


class MissingExtraError(UserError):
    """An optional dependency is needed and not installed.

    Args:
        distribution: The distribution that offers the extra, for example `elm-qd`.
        extra: The extra's name, for example `plot`.
        purpose: What it is needed for, completing "To ...".
    """

    def __init__(self, distribution: str, extra: str, purpose: str) -> None:
        super().__init__(f"To {purpose}, install the extra: pip install '{distribution}[{extra}]'.")
        self.distribution = distribution
        self.extra = extra


class UnreadableFileError(UserError):
    """A file is damaged, foreign, or written by a newer version."""


class OverBudgetError(ElmError):
    """A language model may be asked no more, since the limits of a run's spending are reached."""


class SandboxUnavailableError(UserError):
    """The sandbox cannot give the isolation that was asked for on this host."""
