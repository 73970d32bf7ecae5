"""Where the time of a job goes, by function of upm.survey, with a clock around each of them."""

import inspect
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any


def by_function(job: Callable[[], object]) -> dict[str, list[float]]:
    """Calls, own seconds, and seconds with all that is called, of the processor.

    Generators and methods count as time of the function that runs them.
    """
    found: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    inner = [0.0]
    known: dict[Any, Any] = {}

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*arguments: Any, **options: Any) -> Any:
            begun = time.process_time()
            inner.append(0.0)
            try:
                return function(*arguments, **options)
            finally:
                took, row = time.process_time() - begun, found[name]
                row[0], row[1], row[2] = row[0] + 1, row[1] + took - inner.pop(), row[2] + took
                inner[-1] += took

        return run

    changed = []
    for module in [m for name, m in sys.modules.items() if name.startswith("upm.survey.")]:
        for name, value in [*vars(module).items()]:
            own = inspect.isfunction(value) and value.__module__.startswith("upm.survey.")
            if own and not inspect.isgeneratorfunction(value):
                label = f"{value.__module__.split('.')[-1]}.{value.__name__}"
                changed.append((module, name, value))
                setattr(module, name, known.setdefault(value, timed(label, value)))
    try:
        job()
    finally:
        for module, name, value in changed:
            setattr(module, name, value)
    return found
