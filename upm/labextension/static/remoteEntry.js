// A prebuilt JupyterLab extension, written by hand: no build step, and nothing but the course.
//
// It runs the course's own notebooks when they open and after a kernel restart, and hides the code.
// It executes code unasked, so it is strict: the notebook must say in its metadata that it is the
// course notebook of that very file name, and only cells that are nothing but one call to the
// installed course are run. The kernel first stops looking for packages beside the notebook.

(() => {
  const ONE_CALL = /^(from upm import course\s+)?course\.[a-z]+\(("[a-z0-9_-]+")?\)\s*$/;
  const ONLY_INSTALLED = "import sys; sys.path[:] = [place for place in sys.path if place]";
  const LIFE = "__import__('os').getpid()"; // a restart ends one; its messages may come twice
  const FAILED =
    "This page could not start. Close it, start the course again and open the page once more.";

  /** Whether a notebook is one of the course's own, under its own name. */
  function isOurs(panel) {
    const metadata = panel.content.model?.getMetadata("upm");
    const file = panel.context.path.split("/").at(-1).replace(/\.ipynb$/, "");
    return metadata?.notebook === file;
  }

  function dress(panel) {
    panel.addClass("upm-page");
    panel.toolbar.hide();
    for (const cell of panel.content.widgets) {
      const tags = cell.model.getMetadata("tags") ?? [];
      cell.toggleClass("upm-fallback", tags.includes("upm-fallback"));
    }
  }

  function runnable(cell) {
    return cell.model.type === "code" && ONE_CALL.test(cell.model.sharedModel.getSource());
  }

  /** Run the cells, unless that has been `done` in this life of the kernel; returns the life. */
  async function run(panel, done) {
    const kernel = panel.sessionContext.session?.kernel;
    if (!kernel) return done;
    const start = await kernel.requestExecute(
      { code: ONLY_INSTALLED, silent: true, user_expressions: { life: LIFE } }).done;
    const life = `${kernel.id} ${start.content.user_expressions?.life?.data?.["text/plain"]}`;
    if (life === done) return done;
    panel.node.querySelector(".upm-failed")?.remove();
    dress(panel);
    for (const cell of panel.content.widgets.filter(runnable)) {
      const code = cell.model.sharedModel.getSource();
      cell.model.clearExecution(); // what a file brought along must not become trusted
      cell.model.trusted = true;
      // Straight to the output area: the notebook's own command would move the selection.
      cell.outputArea.future = kernel.requestExecute({ code, store_history: false });
      const reply = await cell.outputArea.future.done;
      if (reply.content.status !== "ok") {
        apologise(panel);
        break;
      }
    }
    return life;
  }

  function apologise(panel) {
    const box = document.createElement("div");
    box.className = "upm upm-problem upm-failed";
    box.setAttribute("role", "alert");
    box.textContent = FAILED;
    panel.content.node.prepend(box);
  }

  /** Run once for each life of a kernel: at the start, after a restart, after a change of kernel. */
  function follow(panel) {
    let due = true;
    let done = null; // the life of the kernel in which the page has run
    let running = false;
    const session = panel.sessionContext;

    async function runIfDue() {
      const idle = session.session?.kernel?.status === "idle";
      if (!due || running || !idle) return;
      [due, running] = [false, true];
      try {
        done = await run(panel, done);
      } catch (error) {
        // A kernel that stopped half-way says so here; its restart makes the run due again.
        console.warn("upm: the run of this page was interrupted", error);
      } finally {
        running = false;
      }
      runIfDue();
    }

    session.statusChanged.connect((_, status) => {
      if (["restarting", "autorestarting", "starting"].includes(status)) due = true;
      runIfDue();
    });
    session.kernelChanged.connect(() => { due = true; runIfDue(); });
    session.ready.then(runIfDue);
  }

  /** Put away what a learner does not need; the View menu brings it back. */
  function calm(shell) {
    const narrow = window.innerWidth < 760;
    for (const side of narrow ? ["left", "right"] : ["right"]) {
      if (shell.isSideTabBarVisible?.(side)) shell.toggleSideTabBarVisibility(side);
    }
    if (!narrow) return;
    shell.collapseLeft?.();
    if (shell.isTopInSimpleModeVisible?.()) shell.toggleTopInSimpleModeVisibility();
  }

  /** A page to read and answer, not to edit: neither a double click nor a key opens a cell. */
  function keepClosed(node) {
    node.addEventListener("dblclick", (event) => event.stopPropagation(), { capture: true });
    node.addEventListener("keydown", (event) => event.stopPropagation());
  }

  async function adopt(panel, shell) {
    await panel.context.ready;
    if (!isOurs(panel)) return;
    calm(shell);
    dress(panel);
    keepClosed(panel.content.node);
    panel.content.modelContentChanged?.connect?.(() => dress(panel));
    await panel.revealed;
    follow(panel);
  }

  /** Lab's own classes come from the shared scope, so that there is one of each. */
  async function load(scope, name) {
    const versions = scope[name];
    const [newest] = Object.keys(versions).sort().reverse();
    return (await versions[newest].get())();
  }

  let shared = null;

  async function extension() {
    const { INotebookTracker } = await load(shared, "@jupyterlab/notebook");
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("upm.css", scriptAddress).href;
    document.head.append(style);
    return {
      __esModule: true,
      default: {
        id: "upm:course",
        description: "Opens the notebooks of the upm course ready to use.",
        autoStart: true,
        optional: [INotebookTracker],
        activate: ({ shell }, notebooks) => {
          notebooks?.forEach((panel) => adopt(panel, shell));
          notebooks?.widgetAdded.connect((_, panel) => adopt(panel, shell));
        },
      },
    };
  }

  const scriptAddress = document.currentScript.src;
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.upm = {
    init: (scope) => { shared = scope; },
    get: async () => {
      const module = await extension();
      return () => module;
    },
  };
})();
