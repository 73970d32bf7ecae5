"""Where the course's files lie, and where a learner's own files go."""

import os
from pathlib import Path

from platformdirs import user_data_path

_PACKAGE = Path(__file__).parent
# A wheel carries notebooks and data inside the package; a clone has them beside it.
_ROOT = _PACKAGE / "_course" if (_PACKAGE / "_course").is_dir() else _PACKAGE.parent

DATA = _ROOT / "data"
NOTEBOOKS = _ROOT / "notebooks"


def home() -> Path:
    """The folder of the learner's records: `UPM_HOME`, or the system's place for user data."""
    override = os.environ.get("UPM_HOME")
    return Path(override).expanduser() if override else user_data_path("upm", appauthor=False)


def records() -> Path:
    """The file with everything that everybody on this computer has answered."""
    return home() / "records.sqlite"


def log() -> Path:
    """The file that says what went wrong."""
    return home() / "upm.log"
