/** The navigation, in the order of docs/README.md: one group for each of its headings. */
import { isInternal, targetOf } from "./links.mjs";
import { linksOf, textOf } from "./markdown.mjs";

const INDEX = "docs/README.md";
const START = ["README.md", INDEX];
const PROJECT = ["examples/README.md", "CHANGELOG.md", "CONTRIBUTING.md"];

/** @returns groups `{ title, items: { title, address, path? }[] }`; no page is twice in one group */
export function navigationOf(pages, { hasReference }) {
  const itemOf = (path) => {
    const { title, address } = pages.get(path);
    return { path, title: path === "docs/adr" ? "Decisions" : title, address };
  };
  const groups = groupsOf(pages.get(INDEX));
  const extra = {
    Tutorial: [{ title: "Playground", address: "playground/index.html" }],
    Reference: hasReference ? [{ title: "API reference", address: "reference/index.html" }] : [],
  };
  const ordered = groups.map(({ title, paths }) => ({
    title,
    items: [...paths.filter((path) => !START.includes(path)).map(itemOf), ...(extra[title] ?? [])],
  }));
  return [
    { title: "Start", items: START.map(itemOf) },
    ...ordered,
    { title: "Project", items: PROJECT.map(itemOf) },
  ];
}

/** The documents of the navigation one after the other, each once: what "next" and "previous" mean. */
export function sequenceOf(navigation) {
  const items = navigation.flatMap(({ items }) => items).filter(({ path }) => path !== undefined);
  return items.filter(({ path }, at) => items.findIndex((other) => other.path === path) === at);
}

function groupsOf({ path: from, tokens }) {
  const groups = [];
  for (const token of tokens) {
    if (token.type === "heading" && token.depth === 2)
      groups.push({ title: textOf(token.tokens), paths: new Set() });
    for (const href of linksOf([token]).filter(isInternal))
      groups.at(-1).paths.add(targetOf(from, href).path);
  }
  return groups.map(({ title, paths }) => ({ title, paths: [...paths] }));
}
