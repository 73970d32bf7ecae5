"""What holds for the project as a whole: imports, tools, pins, and nothing of one machine."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
MODULES = {
    file.relative_to(ROOT / "upm").as_posix(): ast.parse(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / "upm").rglob("*.py"))
    if "_course" not in file.parts
}

# ── Code ────────────────────────────────────────────────────────────────────────────────────────

# What each part may import of the others; everything may ask `upm` itself for its version.
MAY_IMPORT = {
    "__init__": set(),
    "paths": set(),
    "lab": set(),
    "working_copy": set(),
    "content": set(),
    "writing": {"content"},
    "simulation": {"content"},
    "kinds": {"content", "writing", "simulation"},
    "audit": {"content"},
    "learning": {"content"},
    "widgets": set(),
    "survey": {"content", "paths"},
    "course": {"paths", "content", "kinds", "learning", "widgets"},
    "cli": {
        "audit",
        "content",
        "kinds",
        "lab",
        "learning",
        "paths",
        "simulation",
        "working_copy",
        "writing",
    },
    "__main__": {"cli"},
}


def part_of(module: str) -> str:
    return module.partition("/")[0].removesuffix(".py")


def imported(tree: ast.Module) -> Iterator[str]:
    """The parts of the project that a module imports, wherever in it."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            package, _, rest = name.partition(".")
            if package == "upm" and rest != "__version__":
                yield rest.partition(".")[0]


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str) -> None:
    part = part_of(module)
    assert set(imported(MODULES[module])) - {part} <= MAY_IMPORT[part]


def test_the_parts_that_may_be_imported_make_no_circle() -> None:
    assert {*TopologicalSorter(MAY_IMPORT).static_order()} == set(map(part_of, MODULES))


def test_learning_needs_neither_numpy_nor_pandas() -> None:
    script = """
import sys
sys.modules["numpy"] = sys.modules["pandas"] = None
import upm.content, upm.kinds, upm.learning.session, upm.widgets, upm.course
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


@pytest.mark.parametrize("module", MODULES)
def test_only_the_command_prints_and_nothing_asserts_or_asks(module: str) -> None:
    nodes = list(ast.walk(MODULES[module]))
    called = {
        node.func.id for node in nodes if isinstance(node, ast.Call) and hasattr(node.func, "id")
    }
    may_print = {"print"} if module.endswith("cli.py") else set()
    assert called.isdisjoint({"print", "input"} - may_print)
    assert not any(isinstance(node, ast.Assert) for node in nodes)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short(module: str) -> None:
    assert len((ROOT / "upm" / module).read_text(encoding="utf-8").splitlines()) <= 350


@pytest.mark.parametrize("tool", [["ruff", "check", "."], ["mypy"]], ids=["ruff", "mypy"])
def test_the_tools_find_nothing(tool: list[str]) -> None:
    command = [sys.executable, "-m", *tool]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ── Files ───────────────────────────────────────────────────────────────────────────────────────


def files() -> Iterator[Path]:
    """All files of the project, without those that git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists():
        names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
        yield from (ROOT / name for name in names.split("\0") if (ROOT / name).is_file())
        return
    for folder, inner, found in os.walk(ROOT):
        made = {name for name in inner if name.startswith(".") or name.endswith(".egg-info")}
        inner[:] = set(inner) - made - {"__pycache__", "build", "dist", "_course"}
        yield from (Path(folder, name) for name in found)


# Written so that this file does not hold what it looks for.
OF_A_MACHINE = [r"/(?:home|Users)/\w+/", r"/roo[t]/", r"\b[A-Z]:(?:\\|\\\\|/)Users\b"]
REGISTRIES = [
    r"pypi\.(?:org|python)",
    r"pythonhoste[d]",
    r"anaconda\.(?:org|com)",
    r"npmjs\.(?:org|com)",
]
if len(ROOT.parts) > 2:
    OF_A_MACHINE.append(re.escape(str(ROOT)) + r"(?![\w-])")


@pytest.mark.parametrize("pattern", [*OF_A_MACHINE, *REGISTRIES])
def test_no_file_names_a_place_on_a_machine_or_a_package_registry(pattern: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {hit[0]}"
        for file in files()
        for hit in re.finditer(pattern, file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


# ── Versions ────────────────────────────────────────────────────────────────────────────────────

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COURSE = PROJECT["project"]["dependencies"]
BUILD = PROJECT["dependency-groups"]["build"]
EXTRA = PROJECT["project"]["optional-dependencies"]
NEEDED = {
    "requirements.txt": [*COURSE, *BUILD, *EXTRA["survey"]],
    "requirements-test.txt": [*COURSE, *BUILD, *EXTRA["survey"], *EXTRA["test"]],
}
PIN = re.compile(
    r"(?P<pin>(?P<name>[a-z0-9-]+)==(?P<version>[0-9][\w.+!]*))( ; (?P<where>[\w .*'\"()<>=!]+))?"
    r"( --hash=sha256:[0-9a-f]{64})+"
)


def lines(name: str) -> list[str]:
    """The requirements of a file, one a line, without comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"\s*\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("name", NEEDED)
def test_requirements_are_pins_with_hashes_and_nothing_else(name: str) -> None:
    assert [line for line in lines(name) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("name", NEEDED)
def test_the_pins_are_what_the_project_asks_for(name: str) -> None:
    pins = [PIN.fullmatch(line) for line in lines(name)]
    for need in map(Requirement, NEEDED[name]):
        versions = [
            pin["version"] for pin in pins if pin and pin["name"] == canonicalize_name(need.name)
        ]
        assert versions, need
        assert all(map(need.specifier.contains, versions)), need


def test_the_tests_run_with_the_pins_of_the_course() -> None:
    course, test = (
        {pin["pin"] for line in lines(name) if (pin := PIN.fullmatch(line))} for name in NEEDED
    )
    assert course <= test


def test_the_conda_environment_agrees_with_the_project() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert (environment["name"], environment["channels"]) == ("upm", ["conda-forge"])
    *packages, rest = environment["dependencies"]
    assert rest["pip"][-1].endswith("-e .")
    found: dict[str, str] = {}
    for package in packages:
        name, version = re.match(r"([\w-]+)[ =]*(.*)", package).groups()  # type: ignore[union-attr]
        found[str(canonicalize_name(name))] = version.removesuffix(".*")
    assert found.pop("python").startswith(PROJECT["project"]["requires-python"])
    found.pop("pip")  # which installs the course itself
    needs = {
        str(canonicalize_name(need.name)): str(need.specifier).strip("=").removesuffix(".*")
        for need in map(Requirement, NEEDED["requirements-test.txt"])
    }
    course = {canonicalize_name(Requirement(each).name) for each in NEEDED["requirements.txt"]}
    course -= {canonicalize_name(Requirement(each).name) for each in BUILD}
    assert course | {"nbval", "papermill"} <= set(found)
    assert found == {name: needs.get(name) for name in found}
