// The card around every exercise: situation, response, one main button, what came of it.

const SILENT_AFTER = 12_000; // ms without an answer from the kernel

forms.exercise = (model, el) => {
  const [content, words] = [model.get("content"), model.get("words")];
  const kind = kinds[content.kind];
  const titleId = newId();

  const title = h("h3", { id: titleId, class: "upm-title", tabindex: "-1" }, content.title);
  const body = h("fieldset", { class: "upm-body" });
  const hints = h("div", { class: "upm-hints", "aria-live": "polite" });
  const status = h("div", { class: "upm-status", role: "status", tabindex: "-1" });
  const takeaway = h("div", { class: "upm-takeaway" });
  const actions = h("div", { class: "upm-actions" });
  const note = h("p", { class: "upm-note" });
  const spoken = h("p", { class: "upm-hidden", "aria-live": "polite" });
  const card = h("section",
    { class: `upm upm-card upm-${content.pillar}`, "aria-labelledby": titleId,
      "data-item": content.id, "data-lm-suppress-shortcuts": "true" },
    h("p", { class: "upm-kicker" },
      h("span", { class: "upm-mark", "aria-hidden": "true" }),
      content.place, " · ", words.kind[kind.label(content)]),
    title, h("div", { class: "upm-stem", html: content.stem }),
    status, body, hints, takeaway, actions, note, spoken);
  el.append(card);
  // A notebook must not take the letters and arrows that belong to the exercise.
  card.addEventListener("keydown", (event) => event.stopPropagation());

  let form = null; // the response as it is being given; null once it is checked
  let shown = ""; // what `body` shows, so that a hint does not redraw it
  let began = null; // when the learner first touched it
  let uid = null; // of the response as it stands; a repeated message counts once
  let waiting = null;
  let looking = null; // a timer, while the kernel is asked what a response leads to
  let next = null; // what to ask after that

  // ── a draft in this browser survives a reload and a stopped kernel ──
  const draftName = () => `upm:${model.get("state").learner}:${content.id}`;
  function readDraft() {
    try { return JSON.parse(localStorage.getItem(draftName())); } catch { return null; }
  }
  function keepDraft(response) {
    try {
      if (response === null) localStorage.removeItem(draftName());
      else localStorage.setItem(draftName(), JSON.stringify(response));
    } catch { /* private windows may refuse; the answer is still on the page */ }
  }

  function changed() {
    began ??= performance.now();
    uid = null;
    keepDraft(form.draft?.() ?? form.get());
    problem(null);
    showActions();
  }

  function send(message) {
    clearTimeout(waiting);
    waiting = setTimeout(() => { waiting = null; problem("silent"); showActions(); }, SILENT_AFTER);
    showActions();
    model.send(message);
  }

  /** Ask what a response leads to; of several moves in the meantime only the last one counts. */
  function look(response) {
    next = response;
    if (looking) return;
    looking = setTimeout(() => problem("silent"), SILENT_AFTER);
    next = null;
    model.send({ do: "look", response });
  }

  function seen() {
    clearTimeout(looking);
    looking = null;
    if (next && form) look(next);
  }

  function check() {
    uid ??= newUid();
    send({ do: "check", uid, response: form.get(),
           seconds: began === null ? 0 : (performance.now() - began) / 1000 });
  }

  function showBody(state) {
    const now = `${state.learner} ${state.checked} ${state.attempt} ${state.withheld}`;
    if (now === shown) return;
    const hadFocus = card.contains(document.activeElement);
    const first = shown === "";
    const switched = !first && !now.startsWith(shown.split(" ")[0]);
    const nobodys = shown.startsWith("null ") && form?.ready();
    const held = nobodys ? form.get() : null; // answered before saying who
    shown = now;
    began = null;
    const legend = h("legend", { html: content.ask });
    if (state.checked) {
      form = null;
      keepDraft(null);
      if (state.withheld) {
        const kept = kind.answer({ content, words, changed() {}, say() {} });
        kept.set(state.response);
        body.replaceChildren(legend, ...kept.body);
        body.disabled = true;
        status.className = "upm-status upm-outcome-kept";
        status.replaceChildren(h("b", {}, sign("✓"), words.outcome.kept), ` ${words.summary.withheld}`);
      } else {
        const revealed = kind.reveal({ content, words, response: state.response,
                                       feedback: state.feedback, shown: state.shown });
        body.disabled = false;
        body.replaceChildren(legend, ...revealed.body);
        showOutcome(state, revealed);
      }
      if (hadFocus) goTo(status);
    } else {
      body.disabled = false;
      form = kind.answer({ content, words, changed, look, blind: state.attempt === 0,
                           say: (text) => (spoken.textContent = text) });
      body.replaceChildren(legend, ...form.body);
      status.replaceChildren();
      if (held) keepDraft(held);
      const draft = readDraft() ?? (kind.keeps || kind.goesOn ? state.response : null);
      try { if (draft) form.set(draft); } catch { keepDraft(null); }
      if (hadFocus && !switched) body.querySelector("input, button, textarea, [tabindex]")?.focus();
    }
  }

  function showOutcome(state, revealed) {
    const outcome = state.feedback.outcome;
    const name = (outcome ?? (kind.keeps ? "kept" : "discussed")).replace(" ", "_");
    const signs = { correct: "●", partly: "◐", not_yet: "○", discussed: "◇", kept: "✓" };
    const scored = outcome !== null || kind.keeps || revealed.outcome;
    const text = scored ? revealed.summary : words.summary.discussed;
    status.className = `upm-status upm-outcome-${name}`;
    status.replaceChildren(h("b", {}, sign(signs[name]), revealed.outcome ?? words.outcome[name]),
                           ` ${text} `, revealed.legend ?? "");
  }

  function problem(name) {
    const old = card.querySelector(".upm-problem");
    if (!name) return old?.remove();
    const text = fill(words.problem[name], { place: model.get("state").place ?? "" });
    const box = h("div", { class: "upm-problem", role: "alert" }, sign("!"), text);
    if (name === "nobody") box.append(" ", button("who", goToLearner, "upm-quiet"));
    if (old) old.replaceWith(box);
    else actions.before(box);
  }

  function goToLearner() {
    const other = pageOf(el).querySelector(".upm-learner");
    if (other) goTo(other, other.querySelector("input") ?? other);
  }

  function goOn() {
    let next = el.closest(".jp-Cell")?.nextElementSibling ?? null;
    while (next && (!next.matches(".jp-Cell") || next.offsetHeight === 0)) next = next.nextElementSibling;
    if (!next) {
      const cards = [...pageOf(el).querySelectorAll(".upm-card")];
      next = cards[cards.indexOf(card) + 1];
    }
    if (next) goTo(next, next.querySelector(".upm-title, h1, h2, h3") ?? next);
  }

  function button(word, onclick, style = "") {
    return h("button", { type: "button", class: style, onclick }, words.button[word]);
  }

  function showActions() {
    const state = model.get("state");
    const focused = actions.contains(document.activeElement) && document.activeElement.dataset.do;
    const list = [];
    const add = (name, element) => { element.dataset.do = name; list.push(element); };
    if (form) {
      const main = button(kind.keeps || state.withheld ? "keep" : "check", check);
      main.setAttribute("aria-disabled", String(!form.ready() || waiting !== null));
      main.addEventListener("click", (event) => {
        if (main.getAttribute("aria-disabled") !== "true") return;
        event.stopImmediatePropagation();
        spoken.textContent = form.left();
      }, { capture: true });
      add("check", main);
      if (state.hints.length < content.hints && !state.withheld) {
        add("hint", button(state.hints.length ? "another_hint" : "hint",
                           () => send({ do: "hint" }), "upm-quiet"));
      }
    } else {
      if (!state.saved) add("save", button("save_again", () => send({ do: "save" })));
      add("next", button("next", model.next ?? goOn));
      if (!state.withheld) add("again", button(kind.keeps ? "edit" : kind.goesOn ? "informed" : "again", () => send({ do: "again" }), "upm-quiet"));
    }
    actions.replaceChildren(...list, h("span", { class: "upm-small" },
      waiting !== null && form ? words.note.working : form ? form.left() : ""));
    if (focused) actions.querySelector(`[data-do="${focused}"]`)?.focus();
  }

  function showNote(state) {
    const parts = [];
    if (state.older) {
      const outcome = state.older.outcome?.replace(" ", "_");
      parts.push(fill(words.note[outcome ? "older" : "older_unscored"], {
        date: new Date(state.older.at).toLocaleDateString(),
        outcome: outcome ? words.outcome[outcome].replace(/\.$/, "").toLowerCase() : "" }));
    }
    if (state.attempt > 1 && !kind.keeps) parts.push(fill(words.note.attempt, { n: state.attempt }));
    if (state.at) parts.push(state.saved ? savedAt(new Date(state.at)) : words.note.unsaved);
    const keyed = !kind.keeps && !kind.factual && !state.withheld;
    if (state.checked && state.draft_key && keyed) parts.push(words.note.draft_key);
    note.textContent = parts.join(" · ");
  }

  function savedAt(when) {
    const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const today = when.toDateString() === new Date().toDateString();
    return fill(words.note[today ? "saved" : "saved_on"],
                { time, date: when.toLocaleDateString() });
  }

  function showHints(state) {
    hints.replaceChildren(...state.hints.map((hint, i) =>
      h("p", { class: "upm-hint" },
        h("b", {}, fill(words.note.hint, { n: i + 1, all: content.hints })), " ",
        h("span", { html: hint }))));
  }

  function draw() {
    const state = model.get("state");
    clearTimeout(waiting);
    waiting = null;
    card.dataset.checked = state.checked;
    spoken.textContent = "";
    showBody(state);
    if (form && state.shown) form.show(state.shown);
    seen();
    showHints(state);
    takeaway.replaceChildren(...(state.takeaway
      ? [h("b", {}, words.summary.at_work), h("div", { html: state.takeaway })] : []));
    showActions();
    showNote(state);
    problem(state.problem);
  }

  function told(message) {
    clearTimeout(waiting);
    waiting = null;
    if (message.failed) problem("failed");
    seen();
    showActions();
  }

  model.on("change:state", draw);
  model.on("msg:custom", told);
  draw();
  return () => {
    clearTimeout(waiting);
    clearTimeout(looking);
    model.off("change:state", draw);
    model.off("msg:custom", told);
  };
};
