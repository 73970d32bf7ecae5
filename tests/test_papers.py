"""What README and CONTRIBUTING promise is there: commands, places, links, figures."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from upm import paths
from upm.kinds import load_bank

ROOT = Path(__file__).parent.parent
PAPERS = {path.name: path.read_text("utf-8") for path in ROOT.glob("*.md")} | {
    "data/README.md": (ROOT / "data" / "README.md").read_text("utf-8")
}
README = PAPERS["README.md"]


@pytest.mark.parametrize("paper", PAPERS)
def test_every_link_to_a_file_leads_somewhere(paper: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", PAPERS[paper]):
        assert (ROOT / paper).parent.joinpath(target).exists(), target


def test_the_map_of_the_tree_is_true_and_complete() -> None:
    block = README.split("```text")[1].split("```")[0]
    places = [line.split()[0] for line in block.strip().splitlines()]
    assert [place for place in places if not (ROOT / place).exists()] == []
    packages = {f"upm/{file.parent.name}/" for file in (ROOT / "upm").glob("*/*.py")}
    assert packages <= {*places}


def test_the_figures_in_the_readme_are_true() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"{len(load_bank(paths.DATA).items)} exercises" in README
    assert f"Python](https://www.python.org/downloads/) {project['requires-python'][2:]}" in README


def test_two_commands_do_all_the_set_up() -> None:
    blocks = [block.strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]
    assert blocks == ["python3 start.py", "python3 start.py test"]
    assert "\npython3 start.py test\n" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize(
    "command",
    sorted(
        {
            match
            for text in PAPERS.values()
            for match in re.findall(r"`(?:python3 |py )?(start\.py(?: [^`]*)?|upm [a-z]+)", text)
        }
    ),
)
def test_every_command_that_is_named_exists(command: str) -> None:
    program, *arguments = shlex.split(command)
    start = program == "start.py"
    module = [str(ROOT / "start.py")] if start else ["-m", "upm"]
    if start and arguments[:1] == ["test"]:
        return  # this is it
    helped = subprocess.run(
        [sys.executable, *module, *arguments, "--help"], capture_output=True, text=True, check=False
    )
    assert helped.returncode == 0, helped.stderr
    for option in filter(lambda each: each.startswith("--"), arguments):
        assert option in helped.stdout
