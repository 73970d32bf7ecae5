// Estimate: a range for each quantity, or a chance for each statement.

kinds.estimate = {
  factual: true,
  label: (content) => (content.give === "range" ? "estimate_range" : "estimate_chance"),

  answer(parts) {
    return parts.content.give === "range" ? this.askRanges(parts) : this.askChances(parts);
  },

  askRanges({ content, words, changed }) {
    const rows = content.options.map((option) => {
      const label = newId();
      const end = (word) => {
        const id = newId();
        const input = h("input", { id, type: "number", step: "any", oninput: changed });
        return { input, field: h("span", {}, h("label", { for: id }, words.estimate[word]), input) };
      };
      const [from, to] = [end("from"), end("to")];
      return { id: option.id, ends: [from.input, to.input],
        row: h("div", { class: "upm-row upm-estimated" },
          h("div", { id: label, html: option.text }),
          h("div", { class: "upm-range", role: "group", "aria-labelledby": label },
            from.field, to.field, h("span", {}, option.unit))) };
    });
    const range = ({ ends }) => ends.map(({ valueAsNumber }) => valueAsNumber);
    const given = (row) => range(row).every(Number.isFinite) && range(row)[0] <= range(row)[1];
    const open = () => rows.filter((row) => !given(row)).length;
    return {
      body: rows.map(({ row }) => row),
      get: () => Object.fromEntries(rows.filter(given).map((row) => [row.id, range(row)])),
      set: (ranges) => rows.forEach(({ id, ends }) =>
        ends.forEach((input, i) => (input.value = ranges[id]?.[i] ?? ""))),
      ready: () => open() === 0,
      left: () => (open() ? fill(words.estimate.left, { left: open(), all: rows.length }) : ""),
    };
  },

  askChances({ content, words, changed }) {
    const name = (chance) => fill(words.estimate.chance, { chance });
    const form = kinds.rate.answer({
      content: { ...content, points: content.chances },
      words: { ...words, rate: { ...words.rate, ends: words.estimate.ends,
        ...Object.fromEntries(content.chances.map((each) => [`point_${each}`, name(each)])) } },
      changed });
    form.body.forEach((part) => part.classList.add("upm-seven"));
    return form;
  },

  reveal(parts) {
    return parts.content.give === "range" ? this.showRanges(parts) : this.showChances(parts);
  },

  showRanges({ content, words, feedback }) {
    const inside = feedback.options.filter((each) => each.verdict === "right").length;
    const all = feedback.options.length;
    return {
      body: feedback.options.map((each, i) => {
        const { low, high, unit, text } = content.options[i];
        const at = (value) => Math.min(100, Math.max(0, (100 * (value - low)) / (high - low)));
        const [from, to] = each.given;
        return h("div", { class: "upm-row upm-rated" },
          h("div", { html: text }),
          h("div", { class: "upm-track", "aria-hidden": "true" },
            h("i", { class: "upm-span", style: `left: ${at(from)}%; right: ${100 - at(to)}%` }),
            each.key === null ? null
              : h("i", { class: "upm-key", style: `left: ${at(each.key)}%` })),
          h("p", { class: "upm-why" }, verdict(words, each.verdict, words.ranges), " ",
            each.key === null ? "" : fill(words.estimate.compared, {
              from: shown(from), to: shown(to), key: `${shown(each.key)} ${unit}`.trim() }), " ",
            h("span", { html: each.text })));
      }),
      legend: h("span", { "aria-hidden": "true" },
        sign("▬"), words.rate.legend_you, " ", sign("○"), words.estimate.legend_true),
      summary: fill(words.summary.ranges, { right: inside, all, due: Math.round(0.8 * all) }),
    };
  },

  showChances({ content, words, feedback }) {
    const sure = (each) => Math.max(each.given, 100 - each.given);
    const right = (each) => each.verdict === "right" ? 1 : each.verdict === "close" ? 0.5 : 0;
    const mean = (list, of) => Math.round(list.reduce((sum, each) => sum + of(each), 0) / list.length);
    const groups = [70, 90, 100].map((level) => {
      const those = feedback.options.filter((each) => sure(each) === level);
      return { level, all: those.length, hits: those.reduce((sum, each) => sum + right(each), 0) };
    }).filter((group) => group.all);
    const told = groups.map((group) => fill(words.estimate.group, group));
    return {
      body: [
        h("figure", { class: "upm-figure" }, this.plot(words, groups),
          h("figcaption", {}, words.estimate.plot, " ", told.join(" "))),
        ...feedback.options.map((each, i) =>
          h("div", { class: "upm-shown" },
            h("div", { html: content.options[i].text }),
            h("div", { class: "upm-compare" },
              each.key === null ? null : h("span", {},
                fill(words.estimate[each.key ? "was_true" : "was_false"], { chance: each.given })),
              verdict(words, each.verdict, words.chances)),
            h("p", { class: "upm-why", html: each.text })))],
      summary: fill(words.summary.chances, { sure: mean(feedback.options, sure),
        right: mean(feedback.options, (each) => 100 * right(each)) }),
    };
  },

  // How sure, from left to right; how often right, from below; the line is where both agree.
  plot(words, groups) {
    const x = (level) => 40 + (level - 50) * 4.4;
    const y = (share) => 130 - share * 110;
    const dots = groups.map(({ level, all, hits }) =>
      `<circle cx="${x(level)}" cy="${y(hits / all)}" r="${4 + 2 * all}"/>`).join("");
    const ticks = [50, 70, 90, 100].map((level) =>
      `<text x="${x(level)}" y="152">${level} %</text>`).join("") +
      [0, 0.5, 1].map((share) => `<text x="20" y="${y(share) + 4}">${100 * share} %</text>`).join("");
    return h("div", { "aria-hidden": "true", html:
      `<svg class="upm-plot" viewBox="0 0 300 170"><path d="M${x(50)} ${y(0.5)} L${x(100)} ${y(1)}"/>` +
      `<path class="upm-axis" d="M40 10 V130 H280"/>${dots}<g>${ticks}</g></svg>` });
  },
};

const shown = (number) => number.toLocaleString(undefined, { maximumFractionDigits: 3, useGrouping: Math.abs(number) >= 10000 });
