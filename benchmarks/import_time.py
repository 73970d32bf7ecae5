"""What a page waits for before its first exercise: `import upm.course` against bare ipywidgets.

Run: python benchmarks/import_time.py [runs]
"""

import subprocess
import sys
import time
from statistics import median

FLOOR = "import ipykernel.ipkernel, ipywidgets"  # a kernel as it starts, and the widgets
COURSE = f"{FLOOR}; import upm.course"


def seconds(code: str) -> float:
    """How long a fresh interpreter takes to run the code."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begun


def main(runs: int = 15) -> None:
    """Print both medians, what the course adds, and their ratio."""
    seconds(COURSE)  # compiles and warms the disk's cache
    pairs = [(seconds(FLOOR), seconds(COURSE)) for _ in range(runs)]
    floor, course = (median(each) for each in zip(*pairs, strict=True))
    added = median(course - floor for floor, course in pairs)
    print(f"bare ipywidgets  {floor:.2f} s")
    print(f"import upm.course {course:.2f} s: {added:.2f} s more, ratio {course / floor:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
