// A plan: fields in the learner's own words, and a day.

kinds.plan = {
  label: () => "plan",
  keeps: true,

  answer({ content, words, changed }) {
    const fields = content.options.map((option) => {
      const [id, example] = [newId(), newId()];
      const input = option.needs === "day"
        ? h("select", { id, onchange: changed }, h("option", { value: "" }, words.plan.choose_day),
            daysAhead(content.days).map(([value, text]) => h("option", { value }, text)))
        : h("textarea", { id, rows: 2, maxlength: content.longest, oninput: changed,
                          "aria-describedby": option.example ? example : null });
      return { option, input, body: h("div", { class: "upm-field" },
        h("label", { for: id, html: option.text }), input,
        option.example ? h("p", { class: "upm-why", id: example },
          fill(words.case.example, { example: option.example })) : null) };
    });
    return {
      body: fields.map(({ body }) => body),
      get: () => Object.fromEntries(fields.filter(({ input }) => input.value.trim())
        .map(({ option, input }) => [option.id, input.value.trim()])),
      set: (response) => fields.forEach(({ option, input }) => {
        const value = response[option.id] ?? "";
        if (value && input.tagName === "SELECT" && ![...input.options].some((each) => each.value === value)) {
          input.append(h("option", { value }, dayName(value))); // chosen long ago
        }
        input.value = value;
      }),
      ready: () => fields.some(({ input }) => input.value.trim()),
      left: () => words.case.left,
    };
  },

  reveal({ content, words, feedback }) {
    const found = feedback.options.filter((each) => each.verdict === "found").length;
    return {
      body: feedback.options.map((each, i) =>
        h("div", { class: "upm-shown" },
          h("div", { class: "upm-why", html: content.options[i].text }),
          each.given ? h("p", { class: "upm-own" },
            content.options[i].needs === "day" ? dayName(each.given) : each.given) : null,
          h("div", { class: "upm-compare" }, verdict(words, each.verdict)),
          each.text ? h("p", { html: each.text }) : null)),
      summary: fill(words.summary.planned, { found, all: feedback.options.length }),
    };
  },
};

/** A day as people say it, from 2026-11-30. */
function dayName(value) {
  const [year, month, day] = value.split("-").map(Number);
  return new Date(year, month - 1, day)
    .toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });
}

/** The next days, each as [2026-11-30, Monday 30 November]. */
function daysAhead(count) {
  return Array.from({ length: count }, (_, i) => {
    const now = new Date();
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + i + 1);
    const two = (number) => String(number).padStart(2, "0");
    const value = `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
    return [value, dayName(value)];
  });
}
