// Write a message, mark in it what meets each criterion, and compare with messages by others.

kinds.write = {
  label: () => "write",
  keeps: true,

  answer({ content, words, changed, say }) {
    const [textId, guessId] = [newId(), newId()];
    const tags = new Map();
    const area = h("textarea", { id: textId, rows: 9, maxlength: content.longest, oninput: () => {
      rows.forEach(({ show }) => show());
      changed();
    } });
    const rows = content.options.map((criterion, i) => {
      const name = plain(criterion.text);
      const quote = h("div", { class: "upm-why" });
      const mark = h("button", { type: "button", class: "upm-quiet", onclick: () => {
        const marked = area.value.slice(area.selectionStart, area.selectionEnd).trim();
        if (!marked) return say(words.write.select_first);
        tags.set(criterion.id, marked);
        show();
        say(fill(words.write.now, { name, words: marked }));
        changed();
      } }, words.button.mark, hidden(` ${name}`));
      const clear = h("button", { type: "button", class: "upm-quiet", onclick: () => {
        tags.delete(criterion.id);
        show();
        mark.focus();
        changed();
      } }, words.button.clear, hidden(` ${name}`));
      function show() {
        const marked = tags.get(criterion.id);
        clear.hidden = !marked;
        quote.textContent = !marked ? ""
          : fill(words.write[area.value.includes(marked) ? "marked" : "gone"], { words: marked });
      }
      show();
      return { show, row: h("li", {},
        h("div", {}, h("b", { class: "upm-codes" }, String(i + 1)), " ", name, quote),
        h("div", { class: "upm-actions" }, mark, clear)) };
    });
    const guess = h("select", { id: guessId, onchange: changed },
      h("option", { value: "" }, words.write.no_guess),
      [0, ...content.options.keys()].map((_, n) => h("option", { value: String(n) }, String(n))));
    const kept = () => Object.fromEntries([...tags].filter(([, marked]) => area.value.includes(marked)));
    return {
      body: [
        h("label", { for: textId, class: "upm-step" }, words.write.text), area,
        h("p", { class: "upm-step" }, words.write.mark),
        h("ul", { class: "upm-criteria" }, rows.map(({ row }) => row)),
        h("p", { class: "upm-step" },
          h("label", { for: guessId }, fill(words.write.guess, { all: content.options.length }))), guess,
      ],
      get: () => ({ text: area.value.trim(), tags: kept(),
                    ...(guess.value && { guess: Number(guess.value) }) }),
      set: (response) => {
        area.value = response.text ?? "";
        tags.clear();
        Object.entries(response.tags ?? {}).forEach(([code, marked]) => tags.set(code, marked));
        guess.value = String(response.guess ?? "");
        rows.forEach(({ show }) => show());
      },
      ready: () => area.value.trim() !== "",
      left: () => words.case.left,
    };
  },

  /** A message whose marked words carry the numbers of what they meet. */
  tagged(text, tags, numbers) {
    const spans = Object.entries(tags).map(([code, marked]) => {
      const start = text.indexOf(marked);
      return { code, start, end: start + marked.length };
    }).filter(({ start }) => start >= 0);
    const edges = [...new Set([0, text.length, ...spans.flatMap(({ start, end }) => [start, end])])]
      .sort((a, b) => a - b);
    return h("p", { class: "upm-letter upm-written" }, edges.slice(1).flatMap((end, i) => {
      const piece = text.slice(edges[i], end);
      const inside = spans.some((span) => span.start <= edges[i] && end <= span.end);
      const closing = spans.filter((span) => span.end === end);
      return [inside ? h("span", { class: "upm-tagged" }, piece) : piece,
              ...closing.map(({ code }) => h("b", { class: "upm-codes" }, numbers[code]))];
    }));
  },

  reveal({ content, words, response, feedback }) {
    const numbers = Object.fromEntries(content.options.map(({ id }, i) => [id, String(i + 1)]));
    const shown = (...verdicts) => feedback.options.filter((each) => verdicts.includes(each.verdict));
    const criteria = shown("found", "asked");
    const found = shown("found");
    const quotes = Object.fromEntries(found.map((each) => [each.option, each.given]));
    return {
      body: [
        this.tagged(response.text, quotes, numbers),
        h("ul", { class: "upm-criteria" }, criteria.map((each, i) => h("li", {}, h("div", {},
          h("b", { class: "upm-codes" }, String(i + 1)), " ", h("span", { html: content.options[i].text }), " ",
          verdict(words, each.verdict),
          each.verdict === "found" ? h("div", { class: "upm-why" }, fill(words.write.quoted, { words: each.given }))
            : h("div", { class: "upm-why", html: each.text }))))),
        ...shown("flagged").map((each) => h("div", { class: "upm-shown" },
          verdict(words, "flagged"), h("div", { class: "upm-why" }, fill(words.write.quoted, { words: each.given })),
          h("p", { html: each.text }))),
        h("p", { class: "upm-why" }, words.write.limits),
        h("p", { class: "upm-step" }, words.write.others),
        ...shown("sample").reverse().map((each) => h("details", { open: each.option === "strong" },
          h("summary", {}, words.write[each.option]),
          this.tagged(each.given.trim(), each.key, numbers),
          h("p", { html: each.text }))),
        h("p", {}, words.write.revise),
      ],
      summary: fill(words.summary[response.guess === undefined ? "written" : "written_guess"],
                    { found: found.length, all: criteria.length, guess: response.guess }),
    };
  },
};
