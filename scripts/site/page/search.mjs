/** The search: sections are loaded and indexed when the field gets the focus for the first time. */
import MiniSearch from "minisearch";

const RESULTS = 12;
/** Characters of a section that a result shows, and how many of them stand before the first hit. */
const EXCERPT = 150;
const BEFORE_HIT = 40;
/** Decisions and changes are found, after what explains and documents. */
const SECONDARY = /^(docs\/adr\/|CHANGELOG)/;

/** Connects field and list. `root`: the site, as seen from this page. */
export function startSearch(root) {
  const field = document.getElementById("search");
  const list = document.getElementById("results");
  const status = document.getElementById("found");
  let index;
  let chosen = -1;

  const load = () => (index ??= loadSections(root).then(indexOf));
  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (at) => {
    chosen = at;
    for (const [n, option] of options().entries()) option.setAttribute("aria-selected", String(n === at));
    field.setAttribute("aria-activedescendant", `result-${at}`);
    options()[at]?.scrollIntoView({ block: "nearest" });
  };
  const search = async () => {
    const query = field.value.trim();
    if (query === "") {
      status.textContent = "";
      close();
      return;
    }
    const find = await load();
    if (query !== field.value.trim()) return; // more was typed meanwhile
    const found = find(query);
    status.textContent = found.length === 0 ? `Nothing found for ${query}` : `${found.length} results`;
    list.replaceChildren(...found.map((section, at) => optionOf(section, at, query, root)));
    if (found.length === 0)
      list.append(Object.assign(document.createElement("p"), { textContent: status.textContent }));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    if (found.length > 0) choose(0);
  };

  field.addEventListener("focus", () => {
    load();
    search();
  });
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : list.querySelectorAll("a").length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && count > 0) options()[chosen]?.click();
    else if (step !== undefined && count > 0) choose((chosen + step + count) % count);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", close);
  document.addEventListener("pointerdown", ({ target }) => {
    if (!target.closest(".search")) close();
  });
  document.addEventListener("focusin", ({ target }) => {
    if (!target.closest(".search")) close();
  });
  document.addEventListener("keydown", (event) => {
    const isCommand = event.key === "k" && (event.ctrlKey || event.metaKey);
    if (!(isCommand || (event.key === "/" && !event.target.closest("input, textarea")))) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

/** As a script, since pages that are opened from a folder cannot fetch. */
function loadSections(root) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${root}assets/sections.js`;
    script.onload = () => resolve(globalThis.siteSections);
    script.onerror = () => reject(new Error("the index of the search cannot be loaded"));
    document.head.append(script);
  });
}

/** A function from a query to the best sections: all of its words occur, the last may be unfinished. */
function indexOf(sections) {
  const index = new MiniSearch({ fields: ["page", "heading", "text"] });
  index.addAll(sections.map((section, id) => ({ ...section, id })));
  return (query) => {
    const phrase = query.toLowerCase();
    const boostDocument = (id) => weightOf(sections[id], phrase);
    const options = { boost: { page: 3, heading: 4 }, combineWith: "AND", prefix: true, boostDocument };
    const found = index.search(query, options);
    const some = found.length > 0 ? found : index.search(query, { ...options, fuzzy: 0.2 });
    return some.slice(0, RESULTS).map(({ id }) => sections[id]);
  };
}

/** A section with the words as they were typed, one after the other, is better than one that has each somewhere. */
function weightOf({ heading, text, address }, phrase) {
  const exact = heading.toLowerCase().includes(phrase) ? 6 : text.toLowerCase().includes(phrase) ? 3 : 1;
  return SECONDARY.test(address) ? exact / 4 : exact;
}

function optionOf({ page, heading, address, text }, at, query, root) {
  const link = document.createElement("a");
  link.id = `result-${at}`;
  link.href = root + address;
  link.tabIndex = -1;
  link.setAttribute("role", "option");
  const title = document.createElement("strong");
  title.textContent = heading === "" ? page : `${page} › ${heading}`;
  const excerpt = document.createElement("span");
  excerpt.append(...markedParts(excerptOf(text, query), query));
  link.append(title, excerpt);
  return link;
}

function excerptOf(text, query) {
  const lower = text.toLowerCase();
  const places = [query, ...query.split(/\W+/)].map((part) =>
    part === "" ? -1 : lower.indexOf(part.toLowerCase()),
  );
  const start = Math.max(0, (places.find((place) => place >= 0) ?? 0) - BEFORE_HIT);
  const cut = text.slice(start, start + EXCERPT);
  return `${start > 0 ? "…" : ""}${cut}${start + EXCERPT < text.length ? "…" : ""}`;
}

/** Texts and marked texts. */
function markedParts(text, query) {
  const words = query.split(/\W+/).filter((word) => word !== "");
  if (words.length === 0) return [text];
  return text.split(new RegExp(`(${words.join("|")})`, "i")).map((part, at) => {
    if (at % 2 === 0) return part;
    return Object.assign(document.createElement("mark"), { textContent: part });
  });
}
