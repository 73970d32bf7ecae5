// Who is learning: asked once, then one line with a way to change.

forms.learner = (model, el) => {
  const words = model.get("words");
  const card = h("section", { class: "upm upm-learner", "aria-label": words.learner.who,
                              "data-lm-suppress-shortcuts": "true" });
  el.append(card);
  card.addEventListener("keydown", (event) => event.stopPropagation());
  let asking = false;

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
             "upm-quiet"))];
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
    if (hadFocus && !asks) card.querySelector("button").focus();
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
