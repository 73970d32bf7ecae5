"""Open the course. What it needs is installed beside this file at the first start."""

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

COURSE, TESTS = "requirements.txt", "requirements-test.txt"  # TESTS holds all of COURSE
NEEDED_BYTES = 1_500_000_000


def refuse(message: str) -> int:
    """Say why it does not go on. Returns the exit status."""
    print(message, file=sys.stderr)
    return 1


def pause_before_closing(status: int, os_name: str = os.name) -> int:
    """After a double click on Windows, keep the window open until the message was read."""
    double_clicked = os_name == "nt" and "PROMPT" not in os.environ and sys.stdin.isatty()
    if double_clicked and status not in (0, 130):
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            input("Press Enter to close this window.")
    return status


if sys.version_info < (3, 11):  # noqa: UP036 - an older Python reads the file up to here
    _found = "This course needs Python 3.11 or newer, and this is Python {}.{}."
    _advice = "Install a newer one from https://www.python.org/downloads/ and start again with it."
    sys.exit(pause_before_closing(refuse(_found.format(*sys.version_info) + " " + _advice)))


# What the output of venv or pip, or the text of an OSError, means. The first that is found counts.
REASONS = {
    r"Errno (28|122)\b|WinError 112\b|No space left on device":
        "The disk is too full: the course needs about 1.5 GB. "
        "Make room, for example by emptying the trash, and start again.",
    r"Long Path support|WinError 206\b|File ?name too long":
        "The folder of the course lies too deep. "
        "Move it to a shorter place, such as your home folder, and start again.",
    r"ensurepip is not|No module named '?(venv|ensurepip)":
        "A part of Python is missing. Install it (on Debian or Ubuntu with the command "
        "sudo apt install python{python}-venv) and start again.",
    r"connection broken by|Failed to (establish|resolve)|(Connection|Resolution|Proxy|SSL)Error"
    r"|Name or service not known|Temporary failure in name resolution|getaddrinfo failed"
    r"|Network is unreachable|Connection reset|RemoteDisconnected|IncompleteRead|[Tt]imed out"
    r"|TimeoutError|HTTP error (403|407|5\d\d)|CERTIFICATE_VERIFY_FAILED":
        "The course could not be downloaded, because Python's package index cannot be "
        "reached. Check the internet connection (in an office, ask the IT department to allow it) "
        "and start again.",
    r"Errno (1|13|30)\b|WinError (5|32)\b|Permission denied|Read-only file system":
        "Nothing can be written to {root}. Close other windows of the course, "
        "or move the folder to a place of your own, such as Documents, and start again.",
    r"No matching distribution|[Ff]ailed building wheel|Failed to build|metadata-generation":
        "Some parts of the course do not exist for Python {python} on this computer. Install "
        "Python 3.13 (64 bit) from https://www.python.org/downloads/ and start again with it.",
    r"":
        "The course could not be installed. Start again; if that does not help, show {log} "
        "to somebody who knows Python. Its last line: {last}",
}


class StartError(Exception):
    """A reason to stop, in words for whoever started."""


class Place(NamedTuple):
    """The folder of the course and what start.py keeps in it."""

    root: Path
    venv: Path
    python: Path
    log: Path  # all that venv and pip printed at the last installation
    state: Path  # the identity once .venv is made, then the fingerprints of what was installed
    identity: str  # what a .venv is bound to


def place_in(root: Path, os_name: str = os.name) -> Place:
    """Return where everything lies in this folder."""
    venv = root / ".venv"
    python = venv / ("Scripts/python.exe" if os_name == "nt" else "bin/python")
    identity = f"Python {sys.version_info.major}.{sys.version_info.minor} in {root}"
    return Place(root, venv, python, venv / "install.log", venv / "start-state", identity)


def main(arguments: list[str], place: Place) -> int:
    """Do what the command line asks. Returns the exit status; a failure is said in plain words."""
    try:
        return start(arguments, place)
    except StartError as error:
        return refuse(str(error))
    except OSError as error:
        return refuse(explain(str(error), place))
    except KeyboardInterrupt:
        print("\nStopped. To go on, start again.", file=sys.stderr)
        return 130


def start(arguments: list[str], place: Place) -> int:
    """Prepare, then run the course or its tests. Returns their exit status."""
    if not (place.root / "notebooks").is_dir() or not (place.root / COURSE).is_file():
        raise StartError("The course is not complete. Unpack the whole download into a folder, "
                         "and start the start.py that lies there.")
    if arguments[:1] == ["test"]:
        prepare(place, TESTS)
        return hand_over(["pytest", *arguments[1:]], place)
    options = read(arguments)
    prepare(place, COURSE)
    if options.command == "setup":
        print(f"The course is ready. To open it: {Path(sys.executable).stem} start.py")
        return 0
    print("Opening the course. It runs until you press Ctrl+C or close this window.", flush=True)
    browser = ["--no-browser"] if options.no_browser else []
    port = ["--port", str(options.port)] if options.port else []
    return hand_over(["upm", "course", str(place.root / "notebooks"), *browser, *port], place)


def read(arguments: list[str]) -> argparse.Namespace:
    """Return `command` ("setup"; None: open the course), `no_browser` and `port`."""
    tests = "start.py test [pytest arguments]: install what the tests need, too, and run them"
    parser = argparse.ArgumentParser("start.py", description=__doc__, epilog=tests)
    parser.add_argument("command", nargs="?", choices=["setup"], help="only install")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--port", type=free_port, help="listen at this port (default: a free one)")
    return parser.parse_args(arguments)


def free_port(text: str) -> int:
    """Return the port, if a server on this computer can listen there."""
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise StartError(f"{text} cannot be a port. Give a number from 1024 to 65535.")
    with socket.socket() as probe:
        if os.name != "nt":  # as Jupyter does: a port that was in use a moment ago is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError:
            message = f"Port {text} is in use. Leave --port out, or give another number."
            raise StartError(message) from None
    return int(text)


def prepare(place: Place, requirements: str, free_bytes: int | None = None) -> None:
    """Install what is missing. `free_bytes`: None means to ask the disk."""
    state = read_state(place)
    if fingerprint(place, requirements) in state:
        return
    if (shutil.disk_usage(place.root).free if free_bytes is None else free_bytes) < NEEDED_BYTES:
        raise StartError(explain("No space left on device", place))
    if not state:
        make_venv(place)
    install(place, requirements)


def read_state(place: Place) -> list[str]:
    """The lines of the state; none if .venv is not complete, not from here, or does not run."""
    state = place.state.read_text("utf-8").splitlines() if place.state.is_file() else []
    if state[:1] == [place.identity]:
        with contextlib.suppress(OSError):
            check = [str(place.python), "-I", "-c", "import pip"]
            subprocess.run(check, capture_output=True, check=True)  # noqa: S603 - our own command
            return state
    return []


def fingerprint(place: Place, requirements: str) -> str:
    """A hash over all that an installation is made from."""
    code = place.root / "upm"
    files = [place.root / requirements, place.root / "pyproject.toml",
             code / "widgets/static/upm.css", *sorted((code / "labextension").rglob("*"))]
    result = hashlib.sha256(f"{sys.version} {place.root}".encode())
    for path in files:
        if path.is_file() and not path.name.startswith("."):
            content = path.read_bytes()
            result.update(f"{path.relative_to(place.root)} {len(content)} ".encode() + content)
    return result.hexdigest()


def make_venv(place: Place) -> None:
    """Make .venv anew."""
    print("Installing the course. This happens once, takes a few minutes and needs the internet.")
    if place.venv.exists():
        shutil.rmtree(place.venv)
    place.venv.mkdir()
    venv = [sys.executable, "-m", "venv", str(place.venv)]
    run(venv, place, lambda _: "Making a place for the course")


def install(place: Place, requirements: str) -> None:
    """Install the requirements and the course; their fingerprints are written last."""
    place.state.write_text(place.identity, "utf-8")
    place.log.write_bytes(b"")
    done = [place.identity, *(fingerprint(place, name) for name in {COURSE, requirements})]
    total = len(re.findall(r"(?m)^\S+==", (place.root / requirements).read_text("utf-8")))
    pip = [str(place.python), "-I", "-u", "-X", "utf8", "-m", "pip", "install", "--no-input",
           "--disable-pip-version-check", "--progress-bar", "off"]
    pinned = [*pip, "--require-hashes", "-r", requirements]
    run(pinned, place, lambda output: progress(output, total))
    course = [*pip, "--no-deps", "--no-build-isolation", "--editable", "."]
    run(course, place, lambda _: "Adding the course itself")
    place.state.write_text("\n".join(done), "utf-8")


def run(command: list[str], place: Place, describe: Callable[[str], str]) -> None:
    """Run one step of the installation. `describe` makes the words to show of the log so far."""
    begun, words = time.monotonic(), ""
    with place.log.open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=place.root, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        while child.poll() is None:
            output = place.log.read_text("utf-8", "replace")
            words = show(describe(output), words, time.monotonic() - begun)
            time.sleep(0.1)
    finally:
        child.kill()
        child.wait()
        show("", words, 0)
    if child.returncode:
        raise StartError(explain(place.log.read_text("utf-8", "replace"), place))


def show(words: str, before: str, seconds: float) -> str:
    """Rewrite the line of a terminal; elsewhere print a line if there are new words."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        line = f"{words} ({seconds:.0f} s)"[:width] if words else ""
        print(f"\r{line:{width}}", end="" if line else "\r", flush=True)
    elif words not in ("", before):
        print(words, flush=True)
    return words


def progress(output: str, total: int) -> str:
    """How far pip is. `total` counts the packages that pip will ignore on this system, too."""
    if "\nInstalling collected packages" in output:
        return "Putting everything in its place, for a minute or so"
    seen = r"(?m)^(?:Collecting |Requirement already satisfied: |Processing .*[/\\])"
    names = re.findall(seen + r"([\w.]+(?:-(?!\d)[\w.]+)*).*\n", output)
    if not names:
        return "Looking for the parts of the course"
    total -= len(re.findall(r"(?m)^Ignoring .* markers ", output))
    return f"Installing {len(names)} of {max(total, len(names))}: {names[-1]}"


def explain(output: str, place: Place) -> str:
    """Say in plain words why an installation failed, and what to do."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    last = output.strip().rpartition("\n")[2]
    sentence = next(REASONS[pattern] for pattern in REASONS if re.search(pattern, output))
    return sentence.format(root=place.root, log=place.log, python=python, last=last)


def hand_over(module: list[str], place: Place) -> int:
    """Run the course or the tests until they end. Returns their exit status; 130 after Ctrl+C."""
    command = [str(place.python), "-m", *module]
    signal.signal(signal.SIGINT, lambda *_: None)  # the child gets it, too, and ends by itself
    child = subprocess.Popen(command, cwd=place.root)  # noqa: S603 - our own command
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    status = child.wait()
    return 130 if status == 0xC000013A else status if status >= 0 else 128 - status


if __name__ == "__main__":
    _place = place_in(Path(__file__).resolve().parent)
    sys.exit(pause_before_closing(main(sys.argv[1:], _place)))
