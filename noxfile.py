"""All checks: `uv run nox` runs every one of them, `uv run nox -s "tests(elm-qd)"` one package alone."""

import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
MEMBERS = sorted(path.parent for path in ROOT.glob("*/*/pyproject.toml"))
NAMES = [member.name for member in MEMBERS]
SOURCES = [str(member.relative_to(ROOT) / "src") for member in MEMBERS]

nox.needs_version = ">=2026.2.9"
nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lint", "types", "imports", "tests"]


def uv_sync(session: nox.Session, *options: str) -> None:
    """Install from uv.lock into the session's own environment."""
    session.run_install(
        "uv",
        "sync",
        "--locked",
        *options,
        env={"UV_PROJECT_ENVIRONMENT": session.virtualenv.location, "UV_PYTHON": session.virtualenv.location},
    )


def test_settings(member: Path) -> dict:
    """Return the member's own settings for its test session: [tool.elm.tests] of its pyproject.toml."""
    settings = tomllib.loads((member / "pyproject.toml").read_text())
    return settings.get("tool", {}).get("elm", {}).get("tests", {})


@nox.session
def lint(session: nox.Session) -> None:
    """Style and common mistakes (ruff)."""
    uv_sync(session, "--only-group", "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types in every src/ (mypy)."""
    uv_sync(session, "--all-packages", "--all-extras", "--no-default-groups", "--group", "lint")
    session.run("mypy", *SOURCES)


@nox.session
def imports(session: nox.Session) -> None:
    """Who may import whom (import-linter)."""
    uv_sync(session, "--all-packages", "--no-default-groups", "--group", "lint")
    session.run("lint-imports", "--no-cache")


@nox.session
@nox.parametrize("package", [nox.param(name, id=name) for name in NAMES])
def tests(session: nox.Session, package: str) -> None:
    """One package's tests, installed alone with only its own dependencies."""
    member = MEMBERS[NAMES.index(package)]
    extras = [option for extra in test_settings(member).get("extras", []) for option in ("--extra", extra)]
    uv_sync(session, "--package", package, "--no-default-groups", "--group", "test", *extras)
    session.run("pytest", str(member / "tests"), *session.posargs)
