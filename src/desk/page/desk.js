(() => {
  "use strict";
  const at = (id) => document.getElementById(id);
  const main = at("main");
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value != null) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  };
  const say = (text, bad = false) => {
    at("status").textContent = text;
    at("status").classList.toggle("bad", bad);
  };
  at("who").value = localStorage.getItem("who") ?? "";
  at("who").addEventListener("change", () => localStorage.setItem("who", at("who").value));

  class Refused extends Error {
    constructor(answer, status) {
      super(answer.error ?? `answer ${status}`);
      this.answer = answer;
      this.status = status;
    }
  }
  const ask = async (path, fields) => {
    const options = fields === undefined ? {} : {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...fields, who: at("who").value }),
    };
    const response = await fetch(path, options);
    const answer = await response.json();
    if (!response.ok) throw new Refused(answer, response.status);
    return answer;
  };
  const tried = (work) => async (...given) => {
    try {
      return await work(...given);
    } catch (error) {
      say(error.message, true);
    }
  };

  // The index.

  const upload = tried(async (files) => {
    for (const file of files) {
      say(`${file.name} is being sent …`);
      const response = await fetch(`/desk/upload?name=${encodeURIComponent(file.name)}`, {
        method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file,
      });
      const answer = await response.json();
      if (!response.ok) say(`${file.name}: ${answer.error}`, true);
      else say(`${answer.source} is here`);
    }
    await list();
  });
  const progress = (job) => ({
    waiting: () => "waits",
    working: () => `is being translated: ${job.done} of ${job.total} sentences`,
    done: () => "is done",
    failed: () => `failed: ${job.error}`,
  })[job.state]();
  let shown = "";
  const list = tried(async () => {
    const answer = await ask("/desk/pages");
    const text = JSON.stringify(answer);
    if (text === shown) return;
    shown = text;
    at("jobs").replaceChildren(...answer.jobs.filter((job) => job.state !== "done").map((job) =>
      make("li", { class: job.state, "data-source": job.source }, `${job.source} ${progress(job)}`)),
      ...answer.left_out.map((left) => make("li", {}, `${left.path} is left out: ${left.reason}`)));
    at("briefs").replaceChildren(...answer.briefs.map((brief) => {
      const query = new URLSearchParams({ source: brief.source, article: brief.article });
      const doubts = brief.doubtful ? `${brief.doubtful} of ${brief.sentences} sentences doubtful` : "";
      return make("li", { "data-source": brief.source },
        brief.headline_en
          ? make("a", { href: `/review?${query}` }, brief.headline_en)
          : make("a", { href: `/review?${query}`, lang: "zh" }, brief.headline_zh || brief.source),
        brief.headline_en ? make("div", { lang: "zh" }, brief.headline_zh) : null,
        make("div", { class: "about" }, [brief.paper, brief.date, brief.source].filter(Boolean).join(" · ") + " ",
          make("span", { class: "doubts" }, doubts), " ",
          make("a", { href: `/briefs/${brief.html.split("/").map(encodeURIComponent).join("/")}` }, "brief")));
    }));
    if (!answer.briefs.length) at("briefs").append(make("li", {}, "No briefs yet."));
    at("tables").hidden = !answer.briefs.length;
  });
  const index = () => {
    const input = make("input", { type: "file", multiple: true, id: "files", onchange: (event) => upload(event.target.files) });
    const drop = make("div", {
      class: "drop", id: "drop",
      ondragover: (event) => { event.preventDefault(); drop.classList.add("over"); },
      ondragleave: () => drop.classList.remove("over"),
      ondrop: (event) => {
        event.preventDefault();
        drop.classList.remove("over");
        upload(event.dataTransfer.files);
      },
    }, make("label", { for: "files" }, "Drop pages here, or choose them: "), input);
    main.replaceChildren(drop, make("ul", { class: "jobs", id: "jobs" }), make("ul", { class: "briefs", id: "briefs" }),
      make("p", { class: "about", id: "tables", hidden: true }, "All figures and people: ",
        make("a", { href: "/desk/export?format=xlsx", download: true }, "workbook"), ", ",
        make("a", { href: "/briefs/figures.csv", download: true }, "figures.csv"), ", ",
        make("a", { href: "/briefs/people.csv", download: true }, "people.csv"), ". ",
        make("a", { href: "/briefs/index.html" }, "Index with a search")));
    list();
    setInterval(list, 1000);
  };

  // The review.

  const query = new URLSearchParams(location.search);
  const here = { source: query.get("source"), article: query.get("article") };
  const text = (pieces) => pieces.map((piece) =>
    piece.mark ? make("mark", { class: piece.mark, title: `doubtful: ${piece.mark}` }, piece.text) : piece.text);
  const flags = (list) => make("ul", { class: "flags" }, ...list.map((flag) => make("li", {}, flag.message)));
  const button = (name, key, action) => make("button", { type: "button", onclick: action, "aria-keyshortcuts": key }, name, " ", make("kbd", {}, key));
  let segments = new Map();

  const before = (near) => make("div", { class: "said near" }, `Said before of `,
    make("span", { lang: "zh" }, near.zh), `: ${near.en}`);
  const draw = (row, segment) => {
    segments.set(segment.id, segment);
    row.className = `row${segment.flags.length ? " doubtful" : ""}${segment.origin === "memory" ? " kept" : ""}`;
    row.replaceChildren(
      make("div", { class: "both" },
        make("div", { class: "zh", lang: "zh" }, ...text(segment.zh)),
        make("div", { class: "en" }, ...text(segment.en))),
      flags(segment.flags),
      make("div", { class: "said" }, segment.origin === "memory" ? "as an editor has it" : `${segment.role}`),
      ...(segment.near ?? []).map(before),
      make("div", { class: "work" }),
      make("div", { class: "buttons" },
        button("Accept", "a", () => keep(row, segment.text)),
        button("Edit", "e", () => edit(row)),
        button("Others", "h", () => others(row)),
        button("Everywhere", "g", () => openEverywhere(row))));
  };
  const focusRow = (row) => {
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  };
  const keep = tried(async (row, en) => {
    const segment = segments.get(row.dataset.id);
    say("is being kept …");
    let answer;
    try {
      answer = await ask("/desk/save", { ...here, id: segment.id, en, seen: segment.correction ?? 0 });
    } catch (error) {
      if (error.status !== 409) throw error;
      // Another browser was first: both are shown, and whoever saves now has seen it.
      segment.correction = error.answer.correction;
      edit(row, en);
      row.querySelector(".work").prepend(make("p", { class: "flags conflict" },
        `${error.message}: “${error.answer.en}”. Save again to take the place of it.`));
      say(error.message, true);
      return;
    }
    draw(row, { ...segment, ...answer, flags: [] });
    if (answer.flags.length) {
      row.querySelector(".work").append(make("p", { class: "said" }, "Kept. The checks would say:"), flags(answer.flags));
    }
    focusRow(row);
    say("kept");
  });
  const edit = (row, given) => {
    const segment = segments.get(row.dataset.id);
    const area = make("textarea", { "aria-label": "English", spellcheck: "true", lang: "en" });
    area.value = given ?? segment.text;
    const told = make("div", { "aria-live": "polite" });
    let timer;
    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(tried(async () => {
        const answer = await ask("/desk/check", { ...here, id: segment.id, en: area.value });
        told.replaceChildren(answer.flags.length ? flags(answer.flags) : make("p", { class: "said" }, "Nothing is doubted."));
      }), 300);
    });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep(row, area.value);
      else if (event.key === "Escape") { draw(row, segment); focusRow(row); }
      else return;
      event.preventDefault();
    });
    row.querySelector(".work").replaceChildren(area, told, make("div", { class: "buttons" },
      button("Save", "Ctrl+Enter", () => keep(row, area.value)),
      button("Cancel", "Escape", () => { draw(row, segment); focusRow(row); })));
    area.focus();
  };
  const others = tried(async (row) => {
    const segment = segments.get(row.dataset.id);
    say("other translations are being made …");
    const answer = await ask("/desk/hypotheses", { ...here, id: segment.id });
    const list = make("ol", { class: "others" }, ...answer.map((other, i) => make("li", {},
      make("button", { type: "button", "data-choice": i + 1, onclick: () => keep(row, other.text) }, make("kbd", {}, `${i + 1}`), " ", ...text(other.en)),
      flags(other.flags))));
    row.querySelector(".work").replaceChildren(list);
    focusRow(row);
    say(`${answer.length} translations`);
  });

  // Everywhere.

  const dialog = at("everywhere");
  const openEverywhere = (row) => {
    const selected = `${getSelection()}`.trim();
    const zh = /\p{Script=Han}/u.test(selected) ? selected : row?.querySelector(".zh mark")?.textContent ?? "";
    at("term-zh").value = zh;
    at("term-en").value = zh || !selected ? "" : selected;
    at("term-changes").replaceChildren();
    at("term-apply").disabled = true;
    dialog.showModal();
    (zh ? at("term-en") : at("term-zh")).focus();
  };
  const term = () => ({ zh: at("term-zh").value, en: at("term-en").value });
  for (const id of ["term-zh", "term-en"]) at(id).addEventListener("input", () => { at("term-apply").disabled = true; });
  const preview = tried(async () => {
    say("what would change is being translated …");
    const asked = term();
    const answer = await ask("/desk/everywhere", asked);
    const count = `${answer.sentences} sentences on ${answer.pages.length} pages`;
    at("term-changes").replaceChildren(make("p", { class: "said" }, `${count} say it.`),
      ...answer.changes.map((change) => make("div", { class: "change" },
        make("div", { lang: "zh" }, change.zh),
        make("div", {}, make("del", {}, change.before)),
        make("div", {}, make("ins", {}, change.after)),
        change.said ? null : make("p", { class: "flags" }, change.origin === "memory"
          ? "An editor wrote this sentence and calls it otherwise; it stays, and will be flagged."
          : "The model does not say it here; the sentence will be flagged."))));
    at("term-apply").disabled = false;
    at("term-apply").focus();
    say(count);
  });
  const apply = tried(async () => {
    const answer = await ask("/desk/everywhere", { ...term(), source: here.source, apply: true });
    dialog.close();
    say(`said so everywhere: ${answer.pages.length} pages are being briefed again`);
    follow();
  });
  at("term-apply").addEventListener("click", apply);
  at("term-cancel").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    preview();
  });

  let doubtfulFirst = true;
  const review = tried(async () => {
    const answer = await ask(`/desk/article?${new URLSearchParams(here)}`);
    document.title = answer.headline.en || answer.source;
    const rows = answer.segments.map((segment) => {
      const row = make("section", { class: "row", tabindex: "0", "data-id": segment.id, "aria-label": `Sentence ${segment.id}` });
      draw(row, segment);
      return row;
    });
    const isDoubtful = (row) => row.classList.contains("doubtful");
    const order = doubtfulFirst ? [...rows.filter(isDoubtful), ...rows.filter((row) => !isDoubtful(row))] : rows;
    main.replaceChildren(
      make("h1", {}, answer.headline.en),
      make("p", { lang: "zh" }, answer.headline.zh),
      make("p", { class: "about" }, [answer.paper, answer.date, answer.source].filter(Boolean).join(" · ")),
      make("div", { class: "tools" },
        make("button", { type: "button", id: "order", onclick: () => { doubtfulFirst = !doubtfulFirst; review(); } },
          doubtfulFirst ? "Show in the order of the article" : "Show what is doubtful first"),
        make("a", { href: `/briefs/${answer.html.split("/").map(encodeURIComponent).join("/")}` }, "Brief"),
        ...["docx", "xliff", "tmx", "text"].map((format) => make("a", { href: `/desk/export?${new URLSearchParams({ ...here, format })}`, download: true }, format.toUpperCase()))),
      make("p", { class: "about" }, ...["j", "next, ", "k", "back, ", "d", "next doubtful, ", "a", "accept, ", "e", "edit, ", "h", "other translations (then 1–9), ", "g", "everywhere"]
        .map((word, i) => i % 2 ? ` ${word}` : make("kbd", {}, word))),
      ...order);
    say(`${rows.filter(isDoubtful).length} of ${rows.length} sentences are doubtful`);
    // What was said before of like sentences may take an encoder some time.
    const near = await ask(`/desk/near?${new URLSearchParams(here)}`);
    for (const row of rows) {
      const segment = segments.get(row.dataset.id);
      if (segment.origin !== "model" || !near[segment.id]) continue;
      segment.near = near[segment.id];
      row.querySelector(".work").before(...segment.near.map(before));
    }
  });
  // The page is briefed again: what it says afterwards is shown when nobody is at work on it.
  const follow = tried(async () => {
    for (;;) {
      await new Promise((done) => setTimeout(done, 700));
      const { job } = await ask(`/desk/article?${new URLSearchParams(here)}`);
      if (job?.state === "failed") return say(`briefing again failed: ${job.error}`, true);
      if (!job || job.state === "done") break;
      say(`this page ${progress(job)}`);
    }
    if (!document.querySelector("textarea")) await review();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open || event.target.matches("input, textarea")) return;
    const rows = [...document.querySelectorAll(".row")];
    const row = document.activeElement?.closest?.(".row");
    const now = rows.indexOf(row);
    const go = (among) => { focusRow(among.find((r) => rows.indexOf(r) > now) ?? among[0]); };
    if (event.key === "j") go(rows);
    else if (event.key === "k") focusRow(rows[now > 0 ? now - 1 : 0]);
    else if (event.key === "d") go(rows.filter((r) => r.classList.contains("doubtful")));
    else if (!row) return;
    else if (event.key === "a") keep(row, segments.get(row.dataset.id).text);
    else if (event.key === "e") edit(row);
    else if (event.key === "h") others(row);
    else if (event.key === "g") openEverywhere(row);
    else if (/^[1-9]$/.test(event.key)) row.querySelector(`[data-choice="${event.key}"]`)?.click();
    else return;
    event.preventDefault();
  });

  if (here.source) review();
  else index();
})();
