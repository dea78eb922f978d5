/** What the search finds: every section of every document, from one heading to the next. */
import { textOf } from "./markdown.mjs";

/** @returns sections `{ page, heading, address, text }` of the documents */
export function sectionsOf(pages) {
  return [...pages.values()].filter(({ isDocument }) => isDocument).flatMap(sectionsOfPage);
}

function sectionsOfPage({ title, address, tokens }) {
  const sections = [{ page: title, heading: "", address, text: "" }];
  for (const token of tokens) {
    if (token.type === "heading" && token.depth > 1)
      sections.push({
        page: title,
        heading: textOf(token.tokens),
        address: `${address}#${token.id}`,
        text: "",
      });
    else if (token.type !== "heading") sections.at(-1).text += `${textOf([token])} `;
  }
  return sections.map((section) => ({ ...section, text: section.text.replace(/\s+/g, " ").trim() }));
}
