// Sort cards into bins: for each card, the bins as a row to choose from.

kinds.sort = {
  label: (content) => (content.bins.length >= content.options.length ? "match" : "sort"),

  // Long names stand once, above; the cards then show their letters.
  lettered: (content) => content.bins.some((bin) => plain(bin.text).length > 22),
  letter: (i) => String.fromCharCode(65 + i),

  legend(content) {
    return !this.lettered(content) ? null : h("ol", { class: "upm-legend" },
      content.bins.map((bin, i) => h("li", {},
        h("b", {}, this.letter(i)), " ", h("span", { html: bin.text }))));
  },

  answer({ content, words, changed }) {
    const lettered = this.lettered(content);
    const rows = content.options.map((option) => {
      const [group, label] = [newId(), newId()];
      const inputs = content.bins.map((bin) =>
        h("input", { type: "radio", name: group, value: bin.id, onchange: changed,
                     "aria-label": lettered ? plain(bin.text) : null }));
      return { id: option.id, inputs, row: h("div", { class: "upm-row upm-sorted" },
        h("div", { id: label, html: option.text }),
        h("div", { class: "upm-bins", role: "radiogroup", "aria-labelledby": label },
          inputs.map((input, i) => h("label", {}, input,
            lettered ? this.letter(i) : h("span", { html: content.bins[i].text }))))) };
    });
    const chosen = ({ inputs }) => inputs.find((input) => input.checked);
    const open = () => rows.filter((row) => !chosen(row)).length;
    return {
      body: [this.legend(content), ...rows.map(({ row }) => row)].filter(Boolean),
      get: () => Object.fromEntries(rows.filter(chosen).map((row) => [row.id, chosen(row).value])),
      set: (bins) => rows.forEach(({ id, inputs }) =>
        inputs.forEach((input) => (input.checked = input.value === bins[id]))),
      ready: () => open() === 0,
      left: () => (open() ? fill(words.sort.left, { left: open(), all: rows.length }) : ""),
    };
  },

  reveal({ content, words, feedback }) {
    const bin = new Map(content.bins.map(({ id, text }) => [id, text]));
    const scored = feedback.options.filter((each) => each.verdict !== "discussed");
    const right = scored.filter((each) => each.verdict === "right").length;
    return {
      body: feedback.options.map((each, i) =>
        h("div", { class: "upm-shown" },
          h("div", { html: content.options[i].text }),
          h("div", { class: "upm-compare" },
            h("span", { class: "upm-chip" }, sign("●"),
              fill(words.sort.you, { bin: plain(bin.get(each.given)) })),
            each.key === null || each.key === each.given ? null
              : h("span", { class: "upm-chip" }, sign("○"),
                  fill(words.sort.key, { bin: plain(bin.get(each.key)) })),
            verdict(words, each.verdict)),
          h("p", { class: "upm-why", html: each.text }))),
      summary: fill(words.summary.sorted, { right, all: scored.length }),
    };
  },
};
