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
nox.options.sessions = ["lint", "types", "imports", "tests", "box2d_py", "dist"]


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
    uv_sync(
        session,
        "--all-packages",
        "--all-extras",
        "--no-extra",
        "hf",
        "--no-default-groups",
        "--group",
        "lint",
    )
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


@nox.session
def box2d_py(session: nox.Session) -> None:
    """The Sodarace tests with `box2d-py`, compiled from its sdist, in the place of `box2d`."""
    package = "elm-envs-sodarace"
    uv_sync(session, "--package", package, "--no-default-groups", "--group", "test", "--extra", "render")
    session.run_install("uv", "pip", "uninstall", "box2d")
    session.run_install("uv", "pip", "install", "box2d-py==2.3.8")
    session.run("pytest", f"packages/{package}/tests", *session.posargs)


@nox.session
def dist(session: nox.Session) -> None:
    """Every wheel and sdist builds and is described well; the app runs from the wheels alone."""
    folder = Path(session.create_tmp()).resolve() / "dist"
    session.run_install("uv", "build", "--quiet", "--all-packages", "--out-dir", str(folder))
    wheels = [str(wheel) for wheel in sorted(folder.glob("*.whl"))]
    session.install(*wheels, "twine")
    session.run("twine", "check", "--strict", *wheels, *map(str, sorted(folder.glob("*.tar.gz"))))
    session.run("elm-run", "--help", silent=True)
    session.run("elm-run", "env=string_evolution", "budget.individuals=100", f"runs={folder.parent / 'runs'}")


@nox.session
@nox.parametrize("package", [nox.param(name, id=name) for name in NAMES])
def minimums(session: nox.Session, package: str) -> None:
    """One package's tests with the lowest versions that its own requirements allow."""
    member = MEMBERS[NAMES.index(package)]
    extras = ",".join(test_settings(member).get("extras", []))
    session.install(
        "--resolution",
        "lowest-direct",
        "-e",
        f"{member}[{extras}]",
        "--group",
        f"{member}/pyproject.toml:test",
    )
    session.run("pytest", str(member / "tests"), *session.posargs)
