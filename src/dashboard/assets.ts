/** The files of the page: each has a name that changes with its content. */
import { pageHtml, pageIcon, pageOutageIcon, pageScript, pageStyle, pageVersion } from "../../build/page.ts";
import type { ResolvedOptions } from "./options.ts";
import { reply } from "./replies.ts";

const FOREVER = { "cache-control": "public, max-age=31536000, immutable" };

/** The page; what it needs comes from the same folder. */
export function pageReply({ title, controls }: ResolvedOptions): Response {
  const values: Readonly<Record<string, string>> = {
    title: escaped(title),
    version: pageVersion,
    controls: controls === false ? "no" : "yes",
  };
  const text = pageHtml.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "");
  return reply(text, "text/html; charset=utf-8");
}

/** The file of that name; undefined where there is none. */
export function assetReply(name: string): Response | undefined {
  const [body, type] = fileOf(name) ?? [];
  return body === undefined || type === undefined ? undefined : reply(body, type, { headers: FOREVER });
}

function fileOf(name: string): readonly [body: string, type: string] | undefined {
  switch (name) {
    case `page.${pageVersion}.js`:
      return [pageScript, "text/javascript; charset=utf-8"];
    case `page.${pageVersion}.css`:
      return [pageStyle, "text/css; charset=utf-8"];
    case `icon.${pageVersion}.svg`:
      return [pageIcon, "image/svg+xml"];
    case `outage.${pageVersion}.svg`:
      return [pageOutageIcon, "image/svg+xml"];
    default:
      return undefined;
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
