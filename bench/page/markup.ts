/** Escaped HTML. */

/** Finished HTML: it is not escaped again. */
export interface Markup {
  readonly html: string;
}

type Part = string | number | Markup | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A template whose texts are escaped and whose markup is taken as it is. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { html: String.raw({ raw: pieces }, ...parts.map(textOf)) };
}

function textOf(part: Part): string {
  if (typeof part === "object") return "html" in part ? part.html : part.map((one) => one.html).join("");
  return String(part).replace(/[&<>"]/g, (character) => ENTITIES[character]!); // all four have one
}

/** JSON inside a script element, which ends at the first `</script` whatever stands around it. */
export function jsonOf(value: unknown): Markup {
  return { html: JSON.stringify(value).replaceAll("<", "\\u003c") };
}

/** A script inside a script element. @throws Error when it would end the element. */
export function scriptOf(source: string): Markup {
  if (/<\/script|<!--/i.test(source)) throw new Error("the script would end its element");
  return { html: source };
}
