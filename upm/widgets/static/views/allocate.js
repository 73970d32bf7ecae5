// Spread ten points, by less and more on each line.

kinds.allocate = {
  label: () => "allocate",

  answer({ content, words, changed, say }) {
    const points = new Map(content.options.map(({ id }) => [id, 0]));
    const left = () => content.points - [...points.values()].reduce((sum, each) => sum + each, 0);
    const told = () => fill(words.allocate.left, { left: left(), all: content.points });
    const reasonId = newId();
    const reason = h("textarea", { id: reasonId, rows: 2, maxlength: content.longest,
                                   oninput: changed });
    const rows = content.options.map((option) => {
      const name = plain(option.text);
      const [label, value] = [newId(), h("span", { class: "upm-points" }, "0")];
      const dots = h("span", { class: "upm-dots", "aria-hidden": "true" });
      const button = (step, word, text) => h("button", {
        type: "button", class: "upm-arrow", "aria-label": fill(words.button[word], { card: name }),
        onclick: () => add(step) }, sign(text));
      const less = button(-1, "less", "−");
      const more = button(1, "more", "+");
      function add(step) {
        const now = points.get(option.id) + step;
        if (now < 0 || left() - step < 0) return say(told());
        points.set(option.id, now);
        draw();
        say(`${fill(words.allocate.now, { card: name, points: now })} ${told()}`);
        changed();
      }
      function show() {
        value.textContent = points.get(option.id);
        dots.textContent = "●".repeat(points.get(option.id));
        less.setAttribute("aria-disabled", String(points.get(option.id) === 0));
        more.setAttribute("aria-disabled", String(left() === 0));
      }
      return { show, row: h("div", { class: "upm-row upm-allocated" },
        h("div", {}, h("div", { id: label, html: option.text }), dots),
        h("div", { class: "upm-stepper", role: "group", "aria-labelledby": label },
          less, value, more)) };
    });
    const draw = () => rows.forEach(({ show }) => show());
    draw();
    return {
      body: [...rows.map(({ row }) => row), content.reason ? h("div", { class: "upm-field" },
        h("label", { for: reasonId }, content.reason), reason) : null].filter(Boolean),
      get: () => ({ points: Object.fromEntries(points),
                    ...(reason.value.trim() ? { reason: reason.value.trim() } : {}) }),
      set: (response) => {
        for (const id of points.keys()) points.set(id, response.points[id] ?? 0);
        reason.value = response.reason ?? "";
        draw();
      },
      ready: () => left() === 0,
      left: () => (left() ? told() : ""),
    };
  },

  reveal({ content, words, response, feedback }) {
    const off = feedback.options.reduce((sum, each) => sum + Math.abs(each.given - each.key) / 2, 0);
    const bar = (value, style) => h("i", { class: style, style: `width: ${10 * value}%` });
    return {
      body: [...feedback.options.map((each, i) =>
        h("div", { class: "upm-shown" },
          h("div", { html: content.options[i].text }),
          h("div", { class: "upm-pair", "aria-hidden": "true" },
            bar(each.given, "upm-you"), bar(each.key, "upm-key")),
          h("div", { class: "upm-compare" },
            h("span", {}, fill(words.allocate.compared, { you: each.given, key: each.key })),
            verdict(words, each.verdict)),
          h("p", { class: "upm-why", html: each.text }))),
        response.reason ? h("div", { class: "upm-shown" },
          h("div", { class: "upm-why" }, content.reason),
          h("p", { class: "upm-own" }, response.reason)) : null].filter(Boolean),
      legend: h("span", { "aria-hidden": "true" },
        sign("■"), words.rate.legend_you, " ", sign("□"), words.rate.legend_key),
      summary: fill(words.summary.allocated, { off, all: content.points }),
    };
  },
};
