"use strict";
// What the pages do beyond plain links. Nothing here makes markup of text, and nothing is fetched.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const say = (text) => { one("said").textContent = text; };
  const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  function show(element, focus = true) {
    element.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
    if (focus) element.focus({ preventScroll: true });
  }

  // Single keys: for whoever wants them, and never while somebody types.
  const keys = { "?": () => one("keys").showModal() };
  const KEPT = "nginx2istio-single-keys";
  const remembered = {
    get: () => { try { return localStorage.getItem(KEPT); } catch { return null; } },
    set: (value) => { try { localStorage.setItem(KEPT, value); } catch { /* nothing is kept, then */ } },
  };

  function startKeys() {
    const on = one("keys-on");
    on.checked = remembered.get() !== "off";
    on.addEventListener("change", () => remembered.set(on.checked ? "on" : "off"));
    for (const button of all("[data-keys]")) {
      button.hidden = false;
      button.addEventListener("click", () => one("keys").showModal());
    }
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, textarea, dialog");
      if (typing || event.ctrlKey || event.altKey || event.metaKey || (!on.checked && event.key !== "Escape")) return;
      const action = keys[event.key];
      if (action) { event.preventDefault(); action(); }
    });
  }

  // Texts to paste.
  function startCopying() {
    for (const button of all("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const text = button.closest(".paste").querySelector("pre");
        try {
          await navigator.clipboard.writeText(text.textContent);
          say("Copied.");
          button.textContent = "Copied";
          setTimeout(() => { button.textContent = "Copy"; }, 2000);
        } catch {
          getSelection().selectAllChildren(text);
          say("Selected: copy it with the keyboard.");
        }
      });
    }
  }

  function step(rows, forward) {
    const current = rows.indexOf(document.activeElement.closest("tr"));
    const next = current < 0 ? (forward ? 0 : rows.length - 1) : current + (forward ? 1 : -1);
    return rows[Math.min(Math.max(next, 0), rows.length - 1)];
  }

  // The index: filters and order.
  function startIndex() {
    const form = document.querySelector(".filters");
    const bodies = all("table.hosts tbody");
    const rows = all("table.hosts tbody tr:not(.group)").map((row) => ({
      row,
      name: row.cells[0].textContent.toLowerCase(),
      outcomes: row.dataset.outcomes.split(" "),
      directives: row.dataset.directives.split("\n"),
    }));
    const fields = Object.fromEntries(["find", "state", "outcome", "directive", "decision"].map((id) => [id, one(id)]));
    form.hidden = false;

    function fits({ row, name, outcomes, directives }) {
      const text = fields.find.value.trim().toLowerCase();
      return (!text || name.includes(text) || directives.some((directive) => directive.toLowerCase().includes(text)))
        && (!fields.state.value || row.dataset.state === fields.state.value)
        && (!fields.outcome.value || outcomes.includes(fields.outcome.value))
        && (!fields.directive.value || directives.includes(fields.directive.value))
        && (!fields.decision.checked || "decision" in row.dataset);
    }

    function filter() {
      let shown = 0;
      for (const entry of rows) {
        const fitting = fits(entry);
        entry.row.hidden = !fitting;
        shown += fitting;
      }
      for (const body of bodies) body.hidden = !all("tr:not(.group):not([hidden])", body).length;
      one("shown").textContent = shown === rows.length ? counted(shown, "host") : `${shown} of ${counted(rows.length, "host")}`;
    }

    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(filter));
    filter(); // a browser may have kept what was chosen before

    const { compare } = new Intl.Collator("en", { numeric: true }); // host-2 before host-10
    const orders = { text: compare, number: (a, b) => a - b };

    function value(row, column) {
      const cell = row.cells[column];
      return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
    }

    function sort(head, column) {
      const kind = head.dataset.sort;
      const before = head.getAttribute("aria-sort");
      const falling = before ? before === "ascending" : kind === "number";
      const sign = falling ? -1 : 1;
      for (const other of all("th[aria-sort]", head.parentElement)) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      for (const body of bodies) {
        const own = all("tr:not(.group)", body).map((row) => [value(row, column), row]);
        own.sort(([a], [b]) => sign * orders[kind](a, b));
        body.append(...own.map(([, row]) => row));
      }
      say(`Sorted by ${head.textContent.trim()}, ${falling ? "descending" : "ascending"}.`);
    }

    all("table.hosts thead th").forEach((head, column) => {
      if (!head.dataset.sort) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(head, column));
      head.append(button);
    });

    const move = (forward) => {
      const next = step(all("table.hosts tbody tr:not(.group):not([hidden])").filter((row) => !row.parentElement.hidden), forward);
      if (next) show(next.querySelector("a"));
    };
    Object.assign(keys, {
      "/": () => fields.find.focus(),
      j: () => move(true),
      k: () => move(false),
      Escape: () => form.reset(),
    });
  }

  // A host: lines that lead to each other.
  function startHost() {
    const ranges = new Map(); // "m1-28:40" -> the range and the source lines that lead to it
    for (const row of all("tr[data-to]")) {
      for (const text of row.dataset.to.split(" ")) {
        if (!ranges.has(text)) {
          const [, table, first, last] = /^(m\d+)-(\d+):(\d+)$/.exec(text);
          ranges.set(text, { table, first: Number(first), last: Number(last), sources: [] });
        }
        ranges.get(text).sources.push(row);
      }
    }
    const manifestLines = ({ table, first, last }) =>
      Array.from({ length: last - first + 1 }, (_, index) => one(`${table}-${first + index}`)).filter(Boolean);

    function clear() {
      for (const row of all("tr.marked, tr.chosen")) row.classList.remove("marked", "chosen");
    }

    function mark(rows, chosen) {
      clear();
      for (const row of rows) row.classList.add("marked");
      chosen.classList.add("chosen");
    }

    function fromSource(row, wanted) {
      const found = (row.dataset.to || "").split(" ").filter(Boolean).map((text) => ranges.get(text));
      const rows = found.flatMap(manifestLines);
      mark(rows, row);
      if (!rows.length) return say("No manifest line came of this line.");
      show(wanted || rows[0]);
      say(`${counted(new Set(rows).size, "manifest line")} came of this line.`);
    }

    function fromManifest(row, wanted) {
      const [, table, number] = /^(m\d+)-(\d+)$/.exec(row.id);
      const around = [...ranges.values()].filter((range) => range.table === table && range.first <= number && number <= range.last);
      if (!around.length) { mark([], row); return say("This line came of no single source line."); }
      const size = Math.min(...around.map((range) => range.last - range.first));
      const inner = around.filter((range) => range.last - range.first === size);
      const sources = [...new Set(inner.flatMap((range) => range.sources))];
      mark([...sources, ...inner.flatMap(manifestLines)], row);
      show(wanted || sources[0]);
      say(`This came of ${counted(sources.length, "source line")}.`);
    }

    function follow(row, wanted) {
      if (row.id.startsWith("m")) fromManifest(row, wanted); else fromSource(row, wanted);
    }

    document.querySelector(".panes").addEventListener("click", (event) => {
      const row = event.target.closest("tr[id]");
      if (!row || getSelection().toString()) return;
      const link = event.target.closest("a");
      if (link) event.preventDefault();
      follow(row, link && one(link.getAttribute("href").slice(1)));
    });
    for (const link of all(".places a")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const row = one(link.getAttribute("href").slice(1));
        mark((row.dataset.to || "").split(" ").filter(Boolean).flatMap((text) => manifestLines(ranges.get(text))), row);
        show(row);
      });
    }
    const open = all("tr.open");
    Object.assign(keys, {
      j: () => open.length && show(step(open, true)),
      k: () => open.length && show(step(open, false)),
      o: () => { const row = document.activeElement.closest(".panes tr[id]"); if (row) follow(row); },
      u: () => { location.href = document.querySelector("[data-up]").href; },
      Escape: clear,
    });
  }

  addEventListener("beforeprint", () => { for (const part of all("details")) part.open = true; });
  startKeys();
  startCopying();
  if (document.body.classList.contains("index")) startIndex();
  if (document.body.classList.contains("host")) startHost();
})();
