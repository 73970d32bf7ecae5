// Play a scenario phase by phase: the first time blind, then knowing what comes.

kinds.simulate = {
  label: () => "simulate",
  factual: true,
  goesOn: true,

  answer({ content, words, changed, say, look, blind }) {
    const last = content.phases - 1;
    const reasons = Array(last).fill(null);
    let played = 0; // phases that have been lived through; blind, they stay as they are
    let lived = false; // whether one of them was lived through just now
    const plan = planner({ content, words, say, changed: () => { changed(); drawButton(); peek(); } });
    const [news, levels, gains] = [h("div", { "aria-live": "polite" }), h("div"), h("div")];
    const heading = h("h4", { class: "upm-phase", tabindex: "-1" });
    const figure = chart(words);
    const guess = select(content.guess, words.play.choose,
      Array.from({ length: 11 }, (_, i) => [10 * i, fill(words.play.percent, { number: 10 * i })]),
      () => { changed(); drawButton(); });
    const why = select(content.why, words.play.choose,
      content.options.map(({ id, text }) => [id, plain(text)]),
      (value) => { reasons[plan.at - 1] = value; changed(); drawButton(); });
    const play = h("button", { type: "button", "data-do": "play", onclick: () => {
      if (missing()) return say(missing());
      played = plan.at + 1;
      lived = true;
      plan.rows.inert = why.row.inert = true; // until it is known what came of it
      changed();
      look({ plan: plan.get().slice(0, played) });
    } }, words.button.play);
    plan.onGo = drawPhase;

    function missing() {
      if (!plan.whole(plan.at)) return plan.left();
      if (blind && !guess.field.value) return words.play.guess_first;
      return plan.at > 0 && !reasons[plan.at - 1] ? words.play.reason_first : "";
    }
    function drawButton() {
      play.setAttribute("aria-disabled", String(Boolean(missing())));
    }
    function drawPhase() {
      heading.textContent = fill(words.play.phase,
        { weeks: weeksOf(content, words, plan.at), now: plan.at + 1, all: content.phases });
      why.row.hidden = plan.at === 0;
      why.field.value = reasons[plan.at - 1] ?? "";
      drawButton();
    }
    function peek() { // once the future is known, every move shows what it leads to
      if (!blind) look({ plan: plan.begun() });
    }
    const ready = () => plan.begun().length === content.phases && reasons.every(Boolean) &&
      (!blind || played > last);
    const over = () => blind && played > last;
    const asked = [guess.row, plan.rows, why.row, play];
    drawPhase();
    return {
      body: blind
        ? [label(content), guess.row, heading, news, levels, plan.rows, why.row, play, gains, figure.body]
        : [label(content), plan.tabs, heading, news, plan.rows, why.row, gains, figure.body],
      get: () => ({ plan: plan.get(), reasons: [...reasons],
                    guess: guess.field.value ? Number(guess.field.value) : null }),
      draft() { return { ...this.get(), played }; },
      set(response) {
        response.reasons.forEach((id, i) => (reasons[i] = id));
        guess.field.value = response.guess ?? "";
        plan.set(response.plan);
        played = response.played ?? 0;
        if (blind) plan.go(Math.min(played, last));
        if (played || !blind) look({ plan: blind ? plan.get().slice(0, played) : plan.begun() });
      },
      show(shown) {
        if (blind && plan.at < Math.min(shown.played, last)) plan.go(Math.min(shown.played, last));
        news.replaceChildren(...shown.news.filter(({ phase }) => !blind || phase >= played).map(
          ({ week, text }) => h("p", { class: "upm-news" },
            h("b", {}, sign("!"), fill(words.play.happened, { week })), " ", h("span", { html: text }))));
        levels.replaceChildren(...(blind ? [levelBars(content, words, shown.levels)] : []));
        gains.replaceChildren(...(shown.gains ? [gainBars(words, shown.gains)] : []));
        plan.rows.inert = why.row.inert = false;
        if (over()) for (const part of asked) part.hidden = true;
        if (over()) heading.textContent = words.play.over;
        else drawPhase();
        figure.show(shown);
        if (lived) goTo(heading);
        lived = false;
      },
      ready,
      left: () => (ready() ? "" : missing() || (blind ? words.play.go_on : words.play.all_phases)),
    };
  },

  reveal({ content, words, response, feedback, shown }) {
    const figure = chart(words);
    figure.show(shown);
    return {
      body: [
        label(content),
        response.guess === null ? null
          : h("p", {}, fill(words.play.guessed, { guess: response.guess, share: shown.share })),
        gainBars(words, shown.gains, shown.best_gains),
        figure.body,
        planTable(content, words, response.plan, shown.best),
        h("h4", { class: "upm-phase" }, words.play.reasons),
        ...shown.news.map(({ week, text }) => h("p", { class: "upm-news" },
          h("b", {}, fill(words.play.happened, { week })), " ", h("span", { html: text }))),
        ...feedback.options.map((each, i) => {
          const find = (name) => content.options.find(({ id }) => id === name);
          const [reason, fitting] = [find(each.option), find(each.key)];
          return h("div", { class: "upm-shown" },
            h("div", { class: "upm-small" }, weeksOf(content, words, i + 1)),
            h("div", { html: reason.text }),
            h("div", { class: "upm-compare" }, verdict(words, each.verdict, words.reason)),
            h("p", { class: "upm-why", html: each.text }),
            each.verdict === "off" ? h("p", { class: "upm-why" },
              fill(words.play.instead, { reason: plain(fitting.text) })) : null);
        })].filter(Boolean),
      legend: h("span", { "aria-hidden": "true" },
        sign("■"), words.rate.legend_you, " ", sign("□"), words.play.best),
      summary: fill(words.summary[shown.before === null ? "played" : "played_again"], { ...shown,
        right: feedback.options.filter((each) => each.verdict === "right").length,
        all: feedback.options.length }),
    };
  },
};

/** Where the pillars stand. */
function levelBars(content, words, levels) {
  const bar = (text, level, style = "") => h("div", { class: `upm-level upm-${style}` },
    h("span", { html: text }), h("div", { class: "upm-bar", "aria-hidden": "true" },
      h("i", { style: `width: ${Math.min(100, level)}%` })),
    h("span", { class: "upm-small" }, fill(words.play.level, { level })));
  return h("div", { class: "upm-levels" },
    content.pillars.map(({ id, text }) => bar(text, levels[id], id)),
    bar(words.play.underway, levels.underway, "underway"));
}
