"""Lay out a learner's own copy of the notebooks; what the learner changed is never overwritten."""

import json
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MANIFEST = ".upm-course.json"
LAID_OUT = (".ipynb", ".svg")


@dataclass(frozen=True)
class Laid:
    """What laying out did, by file name."""

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # changed by the learner, so left alone although the course has news


def lay_out(source: Path, target: Path) -> Laid:
    """Copy the notebooks and pictures in `source` to `target`.

    A file that is still as an earlier call left it is brought up to date; one that somebody
    changed is kept. Raises OSError if `target` cannot be written.
    """
    if target.resolve() == source.resolve():
        return Laid()
    target.mkdir(parents=True, exist_ok=True)
    manifest = target / MANIFEST
    known = _read(manifest)
    new, updated, kept = [], [], []
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source).as_posix()
        if file.suffix not in LAID_OUT or ".ipynb_checkpoints" in name:
            continue
        copy, ours = target / name, _digest(file)
        if not copy.exists():
            new.append(name)
        elif _digest(copy) == ours:
            known[name] = ours
            continue
        elif _digest(copy) == known.get(name):
            updated.append(name)
        else:
            kept += [name] if ours != known.get(name) else []
            known[name] = ours  # so that it is said once
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        half = copy.with_name(f"{copy.name}.new")  # half a file would look like a changed one
        shutil.copyfile(file, half)
        half.replace(copy)
        known[name] = ours
    manifest.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return Laid(tuple(new), tuple(updated), tuple(kept))


def _read(manifest: Path) -> dict[str, str]:
    """The digests that the last call left; none if it left no manifest or somebody broke it."""
    try:
        known = json.loads(manifest.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        known = {}
    return known if isinstance(known, dict) else {}


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()
