"""`pip install .` brings everything: the command, the notebooks, the data, the lab extension."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel holds, unpacked where Python would look for it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", folder], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_holds_all_notebooks_and_data(site: Path) -> None:
    for folder in ("notebooks", "data"):
        files = subprocess.run(
            ["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.splitlines()
        assert files
        for name in files:
            assert (site / "upm" / "_course" / name).read_bytes() == (ROOT / name).read_bytes()


def test_jupyterlab_finds_the_extension_and_the_calm_settings(site: Path) -> None:
    (info,) = site.glob("upm-*.data")
    share = info / "data" / "share" / "jupyter"
    for name in ("package.json", "static/remoteEntry.js", "static/upm.css"):
        assert (share / "labextensions" / "upm" / name).is_file()
    assert (share / "lab" / "settings" / "overrides.d" / "upm.json").is_file()


def test_the_installed_course_uses_its_own_files(site: Path, tmp_path: Path) -> None:
    code = (
        "from upm import cli, paths, working_copy\n"
        "from pathlib import Path\n"
        "assert '_course' in paths.NOTEBOOKS.parts, paths.NOTEBOOKS\n"
        "print(working_copy.lay_out(paths.NOTEBOOKS, Path('copy')).new)\n"
        "raise SystemExit(cli.main(['check']))"
    )
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "01_build_trust.ipynb" in done.stdout
    assert "no problem" in done.stdout
    assert (tmp_path / "copy" / "01_build_trust.ipynb").is_file()


def test_it_brings_the_command(site: Path) -> None:
    (entries,) = site.glob("upm-*.dist-info/entry_points.txt")
    assert "upm = upm.cli:main" in entries.read_text("utf-8")
