"""What a learner waits for at a dial: from moving it to the figure drawn anew, in a real browser.

The floor is a bare widget whose kernel half answers at once, on the same page in the same run.
Run: python -m benchmarks.figure_time [times]
"""

import sys

from benchmarks.feedback_time import measure, opened, report

ITEM = "turn-the-dials"
MOVE = f"""() => new Promise((done) => {{
  const card = document.querySelector('[data-item="{ITEM}"]');
  const [dial, chart] = [card.querySelector("input[type=range]"), card.querySelector(".upm-chart")];
  const begun = performance.now();
  const seen = new MutationObserver(() => {{
    seen.disconnect();
    done(performance.now() - begun);
  }});
  const lines = {{ attributes: true, attributeFilter: ["d"], subtree: true }};
  seen.observe(chart.querySelector(".js-line").closest("svg"), lines);
  dial.value = Number(dial.value) > 0.5 ? 0.3 : 1;
  dial.dispatchEvent(new Event("input"));
}})"""


def main(times: int = 100) -> None:
    """Measure and report."""
    with opened(ITEM) as page:
        page.locator(".upm-chart[data-drawn]").wait_for()
        report("dial to figure", *measure(page, MOVE, times))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
