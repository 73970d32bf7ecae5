"""Read TOML files into models, noting every problem."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from upm.content.problems import Problem, field_problems

M = TypeVar("M", bound=BaseModel)


def read_toml(file: Path, problems: list[Problem]) -> dict[str, Any] | None:
    """What a file holds. None: it cannot be read, and the reason is among the problems."""
    try:
        # Some editors on Windows put a byte order mark in front; "utf-8-sig" skips it.
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem((file.name,), "TOML", str(error), "valid TOML"))
    except UnicodeDecodeError as error:
        problems.append(Problem((file.name,), "text", error.object[error.start :][:8], "UTF-8"))
    except OSError as error:
        problems.append(Problem((str(file),), "file", error.strerror, "a readable file"))
    return None


def read_table(file: Path, model: type[M], problems: list[Problem]) -> M | None:
    """A file that is one table. None: it cannot be, and the reasons are among the problems."""
    raw = read_toml(file, problems)
    if raw is None:
        return None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems += field_problems(error, model, raw, (file.name,))
    return None
