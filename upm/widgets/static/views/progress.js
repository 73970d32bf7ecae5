// How far the learner is in the practices of a pillar.

forms.progress = (model, el) => {
  const [content, words] = [model.get("content"), model.get("words")];
  const titleId = newId();
  const rows = h("div", { class: "upm-map" });
  el.append(h("section",
    { class: `upm upm-card upm-${content.pillar}`, "aria-labelledby": titleId,
      "data-lm-suppress-shortcuts": "true" },
    h("p", { class: "upm-kicker" }, h("span", { class: "upm-mark", "aria-hidden": "true" }),
      content.place),
    h("h3", { id: titleId, class: "upm-title" }, words.progress.title), rows));

  const cardOf = (id) => pageOf(el).querySelector(`[data-item="${id}"]`);

  function draw() {
    rows.replaceChildren(...model.get("state").practices.map((row) => {
      const next = h("button", { type: "button", class: "upm-quiet", "aria-label":
        `${words.progress.next}: ${row.name}`, onclick: () => {
        const card = cardOf(row.next);
        if (card) goTo(card, card.querySelector(".upm-title"));
      } }, words.progress.next);
      return h("div", {},
        h("b", {}, row.name),
        h("div", { class: "upm-bar", "aria-hidden": "true" },
          h("i", { style: `width: ${(100 * row.answered) / Math.max(row.items, 1)}%` })),
        h("p", {}, fill(words.progress.answered, row)),
        h("p", { class: "upm-small" }, fill(words.progress.hits, row)),
        row.next ? next : h("p", { class: "upm-small" }, sign("✓"), words.progress.done));
    }));
  }

  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
};
