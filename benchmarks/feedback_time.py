"""What a learner waits for: from pressing “Check my answer” to the feedback, in a real browser.

The floor is a bare widget whose kernel half answers at once, on the same page in the same run.
Run: python -m benchmarks.feedback_time [times]
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import nbformat
from playwright.sync_api import Page

from tests.browser.conftest import open_browser, start_lab

ITEM = "recall-shared-goal"
ECHO = '''
import anywidget, traitlets

class Echo(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const button = document.createElement("button");
      button.id = "echo";
      let begun = 0;
      button.onclick = () => {
        begun = performance.now();
        model.send({});
      };
      model.on("change:n", () => { button.dataset.took = performance.now() - begun; });
      el.append(button);
    } };
    """
    n = traitlets.Int(0).tag(sync=True)

    def __init__(self):
        super().__init__()
        self.on_msg(lambda *_: setattr(self, "n", self.n + 1))

display(Echo())
'''
CHECK = f"""() => new Promise((done) => {{
  const card = document.querySelector('[data-item="{ITEM}"]');
  const status = card.querySelector('[role=status]');
  const check = () => {{
    card.querySelector('input').click();
    const begun = performance.now();
    const seen = new MutationObserver(() => {{
      if (!status.textContent) return;
      seen.disconnect();
      done(performance.now() - begun);
    }});
    seen.observe(status, {{ childList: true }});
    card.querySelector('[data-do=check]').click();
  }};
  const again = card.querySelector('[data-do=again]');
  if (!again) return check();
  const emptied = new MutationObserver(() => {{
    if (status.textContent) return;
    emptied.disconnect();
    requestAnimationFrame(check);
  }});
  emptied.observe(status, {{ childList: true }});
  again.click();
}})"""
PRESS_ECHO = """() => new Promise((done) => {
  const button = document.querySelector("#echo");
  const seen = new MutationObserver(() => { seen.disconnect(); done(+button.dataset.took); });
  seen.observe(button, { attributes: true });
  button.click();
})"""


def measure(page: Page, script: str, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds of `times` echoes and as many runs of a script, one after the other."""
    for warming_up in (PRESS_ECHO, script) * 3:
        page.evaluate(warming_up)
    pairs = [(page.evaluate(PRESS_ECHO), page.evaluate(script)) for _ in range(times)]
    echoes, own = zip(*pairs, strict=True)
    return [*echoes], [*own]


@contextmanager
def opened(item: str) -> Iterator[Page]:
    """A page with the echo and the card of an item, as a learner meets it."""
    with tempfile.TemporaryDirectory() as folder, start_lab(Path(folder)) as lab:
        code = f'{ECHO}from upm import course\ncourse.open()\ncourse.exercise("{item}")'
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(code)], metadata=kernel
        )
        (lab.folder / "bench.ipynb").write_text(json.dumps(notebook))
        with open_browser() as browser:
            page = browser.new_page()
            page.goto(lab.page_of("bench"))
            page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
            page.wait_for_timeout(2000)  # Lab drops what is run before its session is ready
            page.locator(".jp-CodeCell .cm-content").click()
            page.keyboard.press("Shift+Enter")
            page.get_by_label("Your name").fill("Bench")
            page.get_by_role("button", name="Start", exact=True).click()
            page.get_by_text("Learning as Bench").wait_for()
            yield page


def report(name: str, echoes: list[float], times: list[float]) -> None:
    """Print median and 95th percentile of both, and their ratio."""
    low, high = quantiles(echoes, n=20)[-1], quantiles(times, n=20)[-1]
    print(f"bare widget echo: median {median(echoes):.1f} ms, p95 {low:.1f} ms")
    print(f"{name}: median {median(times):.1f} ms, p95 {high:.1f} ms")
    print(f"ratio of the p95: {high / low:.2f}")


def main(times: int = 100) -> None:
    """Measure and report."""
    with opened(ITEM) as page:
        report("answer to feedback", *measure(page, CHECK, times))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
