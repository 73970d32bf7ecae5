"""Run as `python -m upm`."""

import sys

from upm.cli import main

sys.exit(main())
