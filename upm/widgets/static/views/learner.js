// Who is learning: asked once, then one line with a way to change.

forms.learner = (model, el) => {
  const [content, words] = [model.get("content"), model.get("words")];
  const card = h("section", { class: "upm upm-learner", "aria-label": words.learner.who,
                              "data-lm-suppress-shortcuts": "true" });
  el.append(card);
  card.addEventListener("keydown", (event) => event.stopPropagation());
  let asking = false;
  let listing = false; // whether the list of parts is open

  const choose = (name) => model.send({ do: "choose", name });
  const button = (word, onclick, style = "") =>
    h("button", { type: "button", class: style, onclick }, words.button[word]);

  function asked(state) {
    const id = newId();
    const input = h("input", { id, type: "text", maxlength: 40, autocomplete: "off" });
    const form = h("form", { class: "upm-actions", onsubmit: (event) => {
      event.preventDefault();
      choose(input.value);
    } }, h("label", { for: id }, words.learner.name), input,
      h("button", { type: "submit" }, words.button.start),
      state.name ? button("cancel", () => { asking = false; draw(); }, "upm-quiet") : null);
    const known = state.names.filter((name) => name !== state.name);
    return [
      h("h2", { class: "upm-title" }, words.learner.who),
      h("p", {}, words.learner.why), form,
      known.length ? h("div", { class: "upm-actions" }, h("span", {}, words.learner.known),
        known.map((name) => h("button", { type: "button", class: "upm-quiet",
                                          onclick: () => choose(name) }, name))) : null,
    ];
  }

  function told(state) {
    return [h("p", { class: "upm-as" }, words.learner.learning_as, " ", h("b", {}, state.name), " ",
      state.began ? button("go_on", goOn) : null,
      button("switch", () => { asking = true; draw(); card.querySelector("input").focus(); },
             "upm-quiet")), partsOf(state)];
  }

  /** Where in the course this page lies; the other parts are links where Jupyter can open them. */
  function partsOf({ parts }) {
    const here = parts.findIndex(({ notebook }) => notebook === content.notebook);
    const linked = /\/(doc|lab|notebooks)\b/.test(location.pathname);
    const inTree = /\/(tree|notebooks)\//.test(location.pathname);
    const row = (part, i) => {
      const done = h("span", { class: "upm-small" }, " ", fill(words.parts.done, part));
      const href = linked && i !== here && `${inTree ? "" : "lab/tree/"}${part.notebook}.ipynb`;
      return h("li", { "aria-current": i === here ? "page" : null },
        href ? h("a", { href }, part.name) : h("b", {}, part.name), done);
    };
    const place = here < 0 ? words.parts.anywhere
      : fill(words.parts.here, { now: here + 1, all: parts.length, name: parts[here].name });
    return h("details", { class: "upm-parts", open: listing,
                          ontoggle: (event) => { listing = event.target.open; } },
      h("summary", {}, place, here < 0 ? null
        : h("span", { class: "upm-small" }, " · ", fill(words.parts.done, parts[here]))),
      h("ol", {}, parts.map(row)));
  }

  let watch = null; // while the page is still being built, for the exercise to go to

  function goOn() {
    const page = pageOf(el);
    const go = () => {
      const next = page.querySelector('.upm-card[data-checked="false"], .upm-map');
      if (next) goTo(next, next.querySelector(".upm-title") ?? next);
      return next;
    };
    watch?.disconnect();
    if (go()) return;
    watch = new MutationObserver(() => go() && watch.disconnect());
    watch.observe(page, { childList: true, subtree: true });
  }

  function draw() {
    const state = model.get("state");
    const hadFocus = card.contains(document.activeElement);
    const onList = document.activeElement?.matches?.(".upm-parts summary");
    const notes = [];
    if (state.problem) {
      notes.push(h("div", { class: "upm-problem", role: "alert" }, sign("!"),
        fill(words.problem[state.problem], { place: state.place })));
    }
    if (state.set_aside) {
      notes.push(h("div", { class: "upm-problem", role: "alert" }, sign("!"),
        fill(words.learner.set_aside, { file: state.set_aside })));
    }
    const asks = asking || !state.name;
    card.classList.toggle("upm-asks", asks);
    card.replaceChildren(...[...(asks ? asked(state) : told(state)), ...notes].filter(Boolean));
    if (hadFocus && !asks) card.querySelector(onList ? ".upm-parts summary" : "button").focus();
  }

  function changed() {
    if (!model.get("state").problem) asking = false;
    draw();
  }

  model.on("change:state", changed);
  draw();
  return () => {
    watch?.disconnect();
    model.off("change:state", changed);
  };
};
