"""start.py: real venvs and a real pip on a very small course, without the internet."""

import ast
import importlib.util
import io
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

START = Path(__file__).parent.parent / "start.py"
_spec = importlib.util.spec_from_file_location("start", START)
assert _spec
assert _spec.loader
start: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(start)

on_posix = pytest.mark.skipif(os.name == "nt", reason="needs the signals of Linux and macOS")

# What the course is built with: it writes an editable wheel, and is slow if there is a file "slow".
BACKEND = """
import pathlib, time, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    here = pathlib.Path.cwd()
    while (here / "slow").exists():
        time.sleep(0.1)
    with zipfile.ZipFile(pathlib.Path(folder) / "upm-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("upm.pth", str(here))
        wheel.writestr("upm-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: upm\\nVersion: 1")
        wheel.writestr("upm-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any")
        wheel.writestr("upm-1.dist-info/RECORD", "")
    return "upm-1-py3-none-any.whl"
"""

# The course itself: it says how it was called, and waits for Ctrl+C if there is a file "wait".
COURSE = """
import pathlib, sys, time
try:
    print("course", sys.argv[1:], flush=True)
    while pathlib.Path("wait").exists():
        time.sleep(0.1)
except KeyboardInterrupt:
    print("saved")
sys.exit(7)
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def pinned_wheel(folder: Path, name: str, code: str) -> str:
    """Make a wheel of one module. Returns its line for a requirements file."""
    path = folder / f"{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", code)
        wheel.writestr(
            f"{name}-1.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1"
        )
        wheel.writestr(f"{name}-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any")
        wheel.writestr(f"{name}-1.dist-info/RECORD", "")
    return f"{name}==1 \\\n    --hash=sha256:{sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small course, not installed, in a folder with a blank in its name."""
    root = tmp_path_factory.mktemp("small") / "my course"
    (root / "notebooks").mkdir(parents=True)
    shutil.copy(START, root)
    write(root / "backend.py", BACKEND)
    write(
        root / "pyproject.toml",
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]',
    )
    write(root / "upm/__init__.py", "")
    write(root / "upm/__main__.py", COURSE)
    write(root / "upm/widgets/static/upm.css", "p {}")
    write(root / "upm/labextension/static/remoteEntry.js", "1;")
    needed = f"--no-index\n--find-links .\n{pinned_wheel(root, 'small', '')}"
    write(root / "requirements.txt", needed)
    tests = pinned_wheel(root, "pytest", "import sys; print('tests', sys.argv[1:])")
    write(root / "requirements-test.txt", needed + tests)
    return root


@pytest.fixture(scope="module", autouse=True)
def pip_without_settings() -> Iterator[None]:
    """A pip that knows nothing of this computer's settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            patch.delenv(name)
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        yield


@pytest.fixture(scope="module")
def first_start(root: Path, pip_without_settings: None) -> "subprocess.CompletedProcess[str]":
    """What the first start of the small course said."""
    return run_start(root, "setup")


@pytest.fixture
def place(root: Path, first_start: object, capfd: pytest.CaptureFixture[str]) -> Any:
    """The small course, installed, whatever an earlier test did to it."""
    place = start.place_in(root)
    assert start.main(["setup"], place) == 0
    capfd.readouterr()
    return place


def run_start(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run start.py of this folder from another one, in a pipe."""
    command = [sys.executable, str(root / "start.py"), *arguments]
    return subprocess.run(command, cwd=root.parent, capture_output=True, text=True, check=False)


def begin(root: Path, until: Path) -> "subprocess.Popen[str]":
    """Start, and return when this file is no longer empty."""
    command = [sys.executable, str(root / "start.py")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    while not (until.exists() and until.stat().st_size):
        assert process.poll() is None
        time.sleep(0.05)
    return process


# Installing


def test_the_first_start_installs_and_says_what_it_does(
    first_start: "subprocess.CompletedProcess[str]", root: Path
) -> None:
    assert (first_start.returncode, first_start.stderr) == (0, "")
    first, second, *_, last_but_one, last = first_start.stdout.splitlines()
    assert first.startswith("Installing the course. This happens once,")
    assert second == "Making a place for the course"
    assert last_but_one == "Adding the course itself"
    assert last.startswith("The course is ready.")
    assert "Successfully installed small-1" in start.place_in(root).log.read_text()


def test_a_second_start_installs_nothing(place: Any, capfd: pytest.CaptureFixture[str]) -> None:
    before = place.log.stat()
    assert start.main(["setup"], place) == 0
    assert capfd.readouterr().out.startswith("The course is ready.")
    assert place.log.stat() == before


def test_the_course_gets_the_notebooks_and_its_status_is_passed_on(place: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    done = run_start(place.root, "--no-browser", "--port", port)
    notebooks = str(place.root / "notebooks")
    assert done.stdout.splitlines()[-1] == (
        f"course {['course', notebooks, '--no-browser', '--port', port]}"
    )
    assert (done.returncode, done.stderr) == (7, "")


def test_the_tests_get_their_arguments_and_the_course_is_not_installed_again(place: Any) -> None:
    assert run_start(place.root, "test", "-k", "a word").stdout.splitlines()[-1] == (
        "tests ['-k', 'a word']"
    )
    before = place.log.stat()
    assert run_start(place.root).returncode == 7
    assert run_start(place.root, "test").returncode == 0
    assert place.log.stat() == before


def test_a_changed_requirements_file_is_installed_again(
    place: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    with (place.root / "requirements.txt").open("a") as file:
        file.write("# a remark\n")
    assert start.main(["setup"], place) == 0
    assert "Adding the course itself" in capfd.readouterr().out


@pytest.mark.parametrize(
    "changed",
    [
        "requirements.txt",
        "pyproject.toml",
        "upm/widgets/static/upm.css",
        "upm/labextension/static/remoteEntry.js",
        "upm/labextension/new.json",
    ],
)
def test_what_is_copied_into_the_venv_counts(tmp_path: Path, root: Path, changed: str) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", ignore=lambda *_: [".venv"])
    before = start.fingerprint(start.place_in(copy), "requirements.txt")
    assert start.fingerprint(start.place_in(copy), "requirements.txt") == before
    with (copy / changed).open("a") as file:
        file.write("\n")
    assert start.fingerprint(start.place_in(copy), "requirements.txt") != before


@pytest.mark.parametrize("unrelated", ["upm/__main__.py", "upm/labextension/.DS_Store"])
def test_other_files_do_not_count(tmp_path: Path, root: Path, unrelated: str) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", ignore=lambda *_: [".venv"])
    before = start.fingerprint(start.place_in(copy), "requirements.txt")
    with (copy / unrelated).open("a") as file:
        file.write("\n")
    assert start.fingerprint(start.place_in(copy), "requirements.txt") == before


# Going on after an interruption, and mending


@on_posix
def test_an_interrupted_installation_is_resumed(root: Path, place: Any) -> None:
    (root / "slow").touch()
    (place.venv / "kept").touch()
    with (root / "requirements.txt").open("a") as file:
        file.write("# interrupted\n")
    place.log.write_bytes(b"")
    process = begin(root, until=place.log)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    (root / "slow").unlink()
    assert process.returncode == 130
    assert output.splitlines()[-1] == "Stopped. To go on, start again."
    assert "Traceback" not in output
    assert start.read_state(place) == [place.identity]  # the venv is good, the rest is to be done
    assert "Adding the course itself" in run_start(root, "setup").stdout
    assert (place.venv / "kept").exists()


def test_a_copied_folder_gets_a_venv_of_its_own(place: Any, tmp_path: Path) -> None:
    copy = start.place_in(shutil.copytree(place.root, tmp_path / "copy", symlinks=True))
    (copy.venv / "left over").touch()
    assert start.main(["setup"], copy) == 0
    assert not (copy.venv / "left over").exists()
    assert str(copy.root) in run_start(copy.root).stdout


def test_a_venv_is_good_only_if_complete_where_it_was_made_while_its_python_runs(
    place: Any,
) -> None:
    assert start.read_state(place)
    unfinished = place._replace(state=place.venv / "absent")
    gone = place._replace(python=place.venv / "gone")
    broken = place._replace(python=place.log)  # a file that is no program
    upgraded = place._replace(identity=f"Python 3.99 in {place.root}")
    for wrong in (unfinished, gone, broken, upgraded):
        assert start.read_state(wrong) == []


def test_on_windows_the_python_of_a_venv_lies_in_scripts(tmp_path: Path) -> None:
    python = start.place_in(tmp_path, os_name="nt").python
    assert python == tmp_path / ".venv" / "Scripts" / "python.exe"
    assert start.place_in(tmp_path, os_name="posix").python == tmp_path / ".venv/bin/python"


# While it runs


@on_posix
def test_ctrl_c_leaves_the_end_to_the_course(place: Any) -> None:
    (place.root / "wait").touch()
    process = begin(place.root, until=place.state)
    assert process.stdout
    while not process.stdout.readline().startswith("course"):
        pass
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: both get it
    output, _ = process.communicate(timeout=30)
    (place.root / "wait").unlink()
    assert (output, process.returncode) == ("saved\n", 7)


FIRST = """\
Looking in indexes: https://host.example/
Ignoring appnope: markers 'sys_platform == "darwin"' don't match your environment
Ignoring numpy: markers 'python_full_version >= "3.12"' don't match your environment
"""
COLLECTING = """\
Collecting annotated-types==0.8.0 (from -r requirements.txt (line 1))
  Downloading annotated_types-0.8.0-py3-none-any.whl (13 kB)
Collecting argon2-cffi-bindings==26.2.0 (from -r requirements.txt (line 16))
  Downloading argon2_cffi_bindings-26.2.0-cp310-abi3-manylinux_2_26_x86_64.whl (26 kB)
"""
SATISFIED = (
    "Requirement already satisfied: jedi==0.20.1 in ./.venv/lib/python3.11/site-packages "
    "(from -r requirements.txt (line 590)) (0.20.1)\n"
)
FILE = "Processing /wheels/jupyter_core-5.9.1-py3-none-any.whl (from -r r.txt (line 7))\n"
LAST = "Installing collected packages: trove-classifiers, pure-eval, ptyprocess\n"
PLACING = "Putting everything in its place, for a minute or so"


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("", "Looking for the parts of the course"),
        (FIRST, "Looking for the parts of the course"),
        (FIRST + COLLECTING, "Installing 2 of 115: argon2-cffi-bindings"),
        (FIRST + COLLECTING + SATISFIED, "Installing 3 of 115: jedi"),
        (FIRST + COLLECTING + FILE, "Installing 3 of 115: jupyter_core"),
        (FIRST + COLLECTING + "Collecting asto", "Installing 2 of 115: argon2-cffi-bindings"),
        (FIRST + COLLECTING + LAST, PLACING),
        (FIRST + COLLECTING * 60, "Installing 120 of 120: argon2-cffi-bindings"),
    ],
)
def test_progress_is_read_from_what_pip_prints(output: str, words: str) -> None:
    assert start.progress(output, total=117) == words


class Terminal(io.StringIO):
    """Stands for a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_line_that_is_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "41")
    monkeypatch.setattr(sys, "stdout", out := Terminal())
    words = start.show("Installing 1 of 2: a", "", 0.2)
    words = start.show(PLACING, words, 34.4)
    start.show("", words, 0)
    assert out.getvalue().split("\r") == [
        "",
        "Installing 1 of 2: a (0 s)".ljust(40),
        "Putting everything in its place, for a m",
        " " * 40,
        "",
    ]


def test_the_seconds_go_on_while_the_words_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", out := Terminal())
    start.show(PLACING, PLACING, 34.4)
    assert out.getvalue().strip() == f"{PLACING} (34 s)"


def test_elsewhere_a_line_comes_only_with_new_words(capsys: pytest.CaptureFixture[str]) -> None:
    words = ""
    for new in ("one", "one", "two", ""):
        words = start.show(new, words, 1)
    assert capsys.readouterr().out == "one\ntwo\n"


# What can go wrong

RETRYING = (
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after "
    "connection broken by '{}': /simple/iniconfig/\n"
    "ERROR: Could not find a version that satisfies the requirement iniconfig==2.1.0 "
    "(from versions: none)\nERROR: No matching distribution found for iniconfig==2.1.0"
)
CONNECTION = "<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7fc4f3c3c990>"
NETWORK = "package index cannot be reached"


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            RETRYING.format(
                f"NewConnectionError('{CONNECTION}: Failed to establish a new connection: "
                "[Errno -2] Name or service not known')"
            ),
            NETWORK,
        ),
        (
            RETRYING.format(
                f"NewConnectionError('{CONNECTION}: Failed to establish a new connection: "
                "[Errno 11001] getaddrinfo failed')"
            ),
            NETWORK,
        ),
        (
            RETRYING.format(
                f"ProxyError('Cannot connect to proxy.', NewConnectionError('{CONNECTION}: "
                "Failed to establish a new connection: [Errno 111] Connection refused'))"
            ),
            NETWORK,
        ),
        (
            RETRYING.format(
                "NameResolutionError(\"HTTPSConnection(host='host.example', port=443): Failed to "
                "resolve 'host.example' ([Errno -3] Temporary failure in name resolution)\")"
            ),
            NETWORK,
        ),
        (
            RETRYING.format(
                'SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] '
                'certificate verify failed: self-signed certificate (_ssl.c:1006)"))'
            ),
            NETWORK,
        ),
        (
            "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool("
            "host='files.example.org', port=443): Read timed out.",
            NETWORK,
        ),
        ("ERROR: HTTP error 403 while getting https://files.example.org/x.whl", NETWORK),
        ("OSError: [Errno 101] Network is unreachable", NETWORK),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on "
            "device\n",
            "The disk is too full",
        ),
        ("[WinError 112] Es steht nicht genug Speicherplatz zur Verfügung", "The disk is too full"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 2] No such file or "
            "directory: 'C:\\\\x'\nHINT: This error might have occurred since this system does "
            "not have Windows Long Path support enabled.",
            "lies too deep",
        ),
        (
            "The virtual environment was not created successfully because ensurepip is not\n"
            "available.  On Debian/Ubuntu systems, you need to install the python3-venv\n",
            f"sudo apt install python3.{sys.version_info.minor}-venv",
        ),
        ("/usr/bin/python3: No module named venv", "A part of Python is missing"),
        ("[Errno 13] Permission denied: '/opt/course/.venv'", "Nothing can be written to"),
        ("[Errno 30] Read-only file system: '/cd/.venv'", "Nothing can be written to"),
        ("[WinError 32] Der Prozess kann nicht", "Close other windows of the course"),
        (
            "ERROR: Could not find a version that satisfies the requirement numpy==2.4.6 (from "
            "versions: 1.26.4)\nERROR: No matching distribution found for numpy==2.4.6",
            f"do not exist for Python 3.{sys.version_info.minor}",
        ),
    ],
)
def test_a_failure_is_said_in_plain_words(output: str, said: str) -> None:
    sentence = start.explain(output, start.place_in(Path("folder")))
    assert said in sentence
    assert "start again" in sentence


def test_an_unknown_failure_names_the_log_and_its_last_line() -> None:
    sentence = start.explain("first\nERROR: a surprise {}\n\n", start.place_in(Path("folder")))
    assert str(Path("folder/.venv/install.log")) in sentence
    assert sentence.endswith("Its last line: ERROR: a surprise {}")
    assert start.explain("", start.place_in(Path("folder")))


def test_without_a_network_a_start_ends_with_one_sentence(
    root: Path, place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_RETRIES", "1")
    listed = (root / "requirements.txt").read_text()
    nobody = "--index-url https://127.0.0.1:9/simple\nabsent==1 --hash=sha256:" + "0" * 64
    write(root / "requirements.txt", nobody)
    done = run_start(root)
    write(root / "requirements.txt", listed)
    assert done.returncode == 1
    assert NETWORK in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "No matching distribution" in place.log.read_text()


def test_a_full_disk_is_noticed_before_anything_is_installed(tmp_path: Path, root: Path) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", ignore=lambda *_: [".venv"])
    with pytest.raises(start.StartError, match=r"needs about 1\.5 GB"):
        start.prepare(start.place_in(copy), "requirements.txt", free_bytes=1_400_000_000)
    assert not (copy / ".venv").exists()


def test_an_installed_course_opens_on_a_full_disk(place: Any) -> None:
    start.prepare(place, "requirements.txt", free_bytes=0)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_cannot_be_written_to_is_named(
    tmp_path: Path, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", ignore=lambda *_: [".venv"])
    copy.chmod(0o500)
    assert start.main(["setup"], start.place_in(copy)) == 1
    copy.chmod(0o700)
    assert capfd.readouterr().err.startswith(f"Nothing can be written to {copy}.")


def test_an_error_of_the_system_is_no_traceback(
    tmp_path: Path, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", ignore=lambda *_: [".venv"])
    (copy / ".venv").touch()  # a file where a folder should be
    assert start.main(["setup"], start.place_in(copy)) == 1
    assert capfd.readouterr().err.startswith("The course could not be installed.")


def test_start_py_alone_asks_for_the_whole_download(tmp_path: Path) -> None:
    shutil.copy(START, tmp_path)
    done = run_start(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("The course is not complete. Unpack the whole download")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_in_use_is_refused(
    root: Path, taken_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.main(["--port", str(taken_port)], start.place_in(root)) == 1
    assert capsys.readouterr().err == (
        f"Port {taken_port} is in use. Leave --port out, or give another number.\n"
    )


@pytest.mark.parametrize("port", ["abc", "80", "65536", "-1", "88.9"])
def test_what_is_no_port_is_refused(
    root: Path, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.main([f"--port={port}"], start.place_in(root)) == 1
    assert capsys.readouterr().err.startswith(f"{port} cannot be a port.")


# Older Pythons, and windows that close

TOO_OLD = "This course needs Python 3.11 or newer, and this is Python 3."


def other_pythons() -> list[str]:
    names = [f"python3.{minor}" for minor in range(7, 11)]
    versions = Path.home() / ".pyenv" / "versions"
    found = [str(path) for name in names for path in sorted(versions.glob(f"3.*/bin/{name}"))]
    return found or [path for name in names if (path := shutil.which(name))]


@pytest.mark.parametrize("python", other_pythons() or [""])
def test_an_older_python_says_one_sentence(python: str) -> None:
    if not python:
        pytest.skip("no Python from 3.7 to 3.10 here")
    done = subprocess.run([python, str(START)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(TOO_OLD)
    assert len(done.stderr.splitlines()) == 1


def test_a_version_that_is_too_old_ends_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(START))
    assert end.value.code == 1
    assert capsys.readouterr().err.startswith(TOO_OLD + "10. Install a newer one from https://")


def test_older_pythons_can_read_the_file() -> None:
    ast.parse(START.read_text("utf-8"), feature_version=(3, 7))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a program asked for in a window that a double click opened."""
    asked: list[str] = []
    monkeypatch.delenv("PROMPT", raising=False)
    monkeypatch.setattr("builtins.input", asked.append)
    monkeypatch.setattr(sys, "stdin", Terminal())
    return asked


@pytest.mark.parametrize(("status", "times"), [(1, 1), (7, 1), (0, 0), (130, 0)])
def test_a_double_click_on_windows_waits_for_enter_after_a_failure(
    asked: list[str], status: int, times: int
) -> None:
    assert start.pause_before_closing(status, "nt") == status
    assert asked == ["Press Enter to close this window."] * times


def test_a_window_that_stays_does_not_wait(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start.pause_before_closing(1, "posix")
    monkeypatch.setenv("PROMPT", "$P$G")  # the command window of Windows
    start.pause_before_closing(1, "nt")
    monkeypatch.delenv("PROMPT")
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # started by another program
    start.pause_before_closing(1, "nt")
    assert asked == []


def test_an_impatient_end_of_the_pause_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMPT", raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal())  # at its end: nobody presses Enter
    assert start.pause_before_closing(1, "nt") == 1
