/** Colours of code. */
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import ini from "highlight.js/lib/languages/ini";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES = { bash, dockerfile, ini, javascript, json, typescript, xml, yaml, trickle };
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);
/** Endings of files, and kinds of blocks, that are names of none. */
hljs.registerAliases(["jsonc"], { languageName: "json" });
hljs.registerAliases(["service"], { languageName: "ini" });

/** HTML of code; of an unknown language without colours. */
export function highlight(text, language) {
  if (hljs.getLanguage(language) === undefined) return escapeHtml(text);
  return hljs.highlight(text, { language }).value;
}

/** Text as it stands in HTML, also in an attribute. */
export function escapeHtml(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => names[character]);
}

/** Trickle as far as colours need it. */
function trickle({ QUOTE_STRING_MODE, COMMENT }) {
  return {
    name: "trickle",
    keywords: {
      keyword:
        "define create operator script stream window select from into where group by having with end args use as match case of default when if for let emit drop const fn and or not xor in present absent patch merge insert update erase",
      literal: "true false null",
    },
    contains: [QUOTE_STRING_MODE, { scope: "number", match: /\b\d[\d_.]*/ }, COMMENT("#", "$")],
  };
}
