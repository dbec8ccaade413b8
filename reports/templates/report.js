"use strict";
// The page is complete without this script, which adds search, filters, groups and keys. The form is the only state:
// it is written to the address after every change, so that a link shows the same view.
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  const ROWS = 500; // of one table: a browser lays out each only when it is seen

  // ------------------------------------------------------------------ theme

  const themes = ["auto", "light", "dark"];
  const theme = one("#theme");
  const remembered = () => {
    try {
      return localStorage.getItem("backend-audit-theme");
    } catch {
      return null; // storage is forbidden: the choice lasts as long as the page
    }
  };
  const dress = (name) => {
    document.documentElement.dataset.theme = name;
    theme.textContent = `theme: ${name}`;
  };
  dress(themes.includes(remembered()) ? remembered() : "auto");
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    dress(next);
    try {
      localStorage.setItem("backend-audit-theme", next);
    } catch {
      // as above
    }
  });
  one(".tools").hidden = false;
  const help = one("#help");
  one("#keys").addEventListener("click", () => help.showModal());

  // ------------------------------------------------------------------ paper

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });

  // ------------------------------------------------------------------ ignoring one place

  const offer = (details) => {
    const place = one(".copy:not(:has(button))", details);
    if (!place) return;
    const code = one("code", place);
    const button = make("button", { type: "button", textContent: "copy" });
    button.addEventListener("click", async () => {
      getSelection().selectAllChildren(code);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "copied";
      } catch {
        button.textContent = "selected"; // no clipboard here: the text is marked, to be copied by hand
      }
    });
    place.append(" ", button);
  };
  addEventListener("toggle", ({ target }) => target.matches(".card > [open]") && offer(target), true);
  all(".card > [open]").forEach(offer);

  // ------------------------------------------------------------------ code that scrolls

  // Arrow keys scroll what has the focus, and not every browser gives it. Asked once the code is seen: a width costs a layout.
  const watch = new IntersectionObserver((entries) => {
    const codes = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
    for (const code of codes.filter((one) => one.scrollWidth > one.clientWidth)) code.tabIndex = 0;
    for (const code of codes) watch.unobserve(code);
  });
  for (const code of all("pre")) watch.observe(code);

  // ------------------------------------------------------------------ anchors

  const reveal = (target) => {
    const inner = target.matches("details") ? target : one("details", target);
    for (let details = inner; details; details = details.parentElement.closest("details")) details.open = true;
    target.scrollIntoView();
  };
  const goto = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.matches("article, tr, details.rule")) reveal(target);
    return target;
  };

  const form = one("#filters");
  if (!form) {
    addEventListener("hashchange", goto);
    goto();
    return;
  }

  // ------------------------------------------------------------------ the findings

  // an item names its endpoints by their numbers in the list to choose from
  const names = form.elements.endpoint ? [...form.elements.endpoint.options].slice(1).map((option) => option.value) : [];
  const items = all("[data-rule]", one("#groups")).map((node) => ({
    node,
    ...node.dataset,
    endpoints: node.dataset.endpoints ? node.dataset.endpoints.split(" ").map((n) => names[n]) : [],
    text: null,
    shown: true,
  }));
  const KEYS = {
    severity: (item) => [item.severity],
    confidence: (item) => [item.confidence],
    standard: (item) => [item.standard],
    rule: (item) => [item.rule],
    file: (item) => [item.file],
    endpoint: (item) => item.endpoints,
  };
  const text = (item) => (item.text ??= [item.node.textContent, ...item.endpoints].join("\n").toLowerCase());

  // ------------------------------------------------------------------ groups

  const table = one("#groups .rows")?.cloneNode(true);
  table?.querySelector("tbody").replaceChildren();
  let groups = all("#groups .group").map((section) => ({ section, items: [] }));
  for (const item of items) groups.find(({ section }) => section.contains(item.node)).items.push(item);
  let grouped = "severity";

  const tables = (rows) => {
    const result = [];
    for (let start = 0; start < rows.length; start += ROWS) {
      const part = rows.slice(start, start + ROWS);
      const copy = table.cloneNode(true);
      one("tbody", copy).append(...part);
      one("caption", copy).textContent = `${count(part.length, "finding")} in brief`;
      result.push(copy);
    }
    return result;
  };
  const regroup = (by) => {
    if (by === grouped) return;
    grouped = by;
    const found = new Map();
    for (const item of items) {
      const key = KEYS[by](item)[0] ?? "reached by no endpoint that we know";
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(item);
    }
    groups = [...found].map(([name, members]) => {
      const heading = make("h3", {}, make("span", { className: "name", textContent: name }), " ", make("span", { className: "n" }));
      const nodes = members.map((item) => item.node);
      const cards = make("div", { className: "cards" }, ...nodes.filter((node) => node.matches("article")));
      const rows = tables(nodes.filter((node) => node.matches("tr")));
      return { section: make("section", { className: "group" }, heading, cards, ...rows), items: members };
    });
    one("#groups").replaceChildren(...groups.map(({ section }) => section));
  };

  // ------------------------------------------------------------------ what is shown

  const values = () => [...new FormData(form)].filter(([, value]) => value);
  const wanted = () => {
    const conditions = new Map();
    for (const [name, value] of values()) {
      if (!(name in KEYS)) continue;
      if (!conditions.has(name)) conditions.set(name, new Set());
      conditions.get(name).add(value);
    }
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    return (item) =>
      [...conditions].every(([name, set]) => KEYS[name](item).some((value) => set.has(value))) &&
      words.every((word) => text(item).includes(word));
  };
  const apply = () => {
    regroup(form.elements.group.value || "severity");
    const matches = wanted();
    let total = 0;
    for (const { section, items: members } of groups) {
      let shown = 0;
      for (const item of members) {
        const show = matches(item);
        if (show !== item.shown) item.node.hidden = !show;
        item.shown = show;
        shown += show;
      }
      section.hidden = !shown;
      one("h3 .n", section).textContent = shown.toLocaleString("en");
      for (const part of all(".rows", section)) part.hidden = !one("tbody tr:not([hidden])", part);
      total += shown;
    }
    const every = count(items.length, "finding");
    one("#count").textContent = total === items.length ? every : `${total.toLocaleString("en")} of ${every}`;
  };
  const keep = () => {
    const view = new URLSearchParams(values().filter(([name, value]) => name !== "group" || value !== "severity"));
    history.replaceState(null, "", `#${view}`);
  };
  const restore = () => {
    const view = new URLSearchParams(location.hash.slice(1));
    for (const field of form.elements) {
      if (!field.name) continue;
      const given = view.getAll(field.name);
      if (field.type === "checkbox") field.checked = given.includes(field.value);
      else field.value = given[0] ?? (field.name === "group" ? "severity" : "");
    }
    if (form.elements.group.selectedIndex < 0) form.elements.group.value = "severity";
    apply();
  };
  const arrive = () => {
    if (location.hash.includes("=")) {
      restore();
      one("#findings").scrollIntoView();
      return;
    }
    const target = goto();
    if (target && target.closest("[hidden]")) {
      form.reset();
      apply();
      reveal(target);
    }
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    apply();
    keep();
  });
  one("#clear").addEventListener("click", () => {
    form.reset();
    apply();
    keep();
  });
  one("#toggle").addEventListener("click", ({ target }) => {
    const open = target.textContent === "open all";
    for (const item of items) if (item.shown && item.node.matches("article")) one("details", item.node).open = open;
    target.textContent = open ? "close all" : "open all";
  });
  for (const place of all("[data-view]")) {
    const link = make("a", { href: `#${place.dataset.view}` });
    link.append(...place.childNodes);
    place.append(link);
  }
  addEventListener("hashchange", arrive);
  arrive();

  // ------------------------------------------------------------------ keys

  const step = (by) => {
    const seen = groups.flatMap((group) => group.items.filter((item) => item.shown).map((item) => item.node));
    const here = document.activeElement.closest("[data-rule]");
    const next = seen[here ? seen.indexOf(here) + by : by > 0 ? 0 : seen.length - 1];
    if (!next) return;
    const focus = one("summary", next) ?? next;
    if (focus === next) next.tabIndex = -1;
    focus.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const ACTIONS = {
    "/": () => form.elements.q.focus(),
    j: () => step(1),
    k: () => step(-1),
    o: () => {
      const details = document.activeElement.closest("article")?.querySelector("details");
      if (details) details.open = !details.open;
    },
    "?": () => help.showModal(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const action = Object.hasOwn(ACTIONS, event.key) && ACTIONS[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
})();
