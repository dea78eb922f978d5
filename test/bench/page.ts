/** Parts of the page that a run of the benchmark writes. */
import { createContext, Script } from "node:vm";

/** What the page asks Chart.js to draw. */
export interface Drawing {
  readonly data: {
    readonly labels: readonly string[];
    readonly datasets: readonly [{ readonly data: readonly number[]; readonly ranges: readonly number[][] }];
  };
}

/** Text of markup. */
export function unescaped(text: string): string {
  const characters: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return text.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => characters[name]!);
}

/** Contents of the elements of a name without attributes that end in their own. */
export function contentsOf(page: string, element: string): string[] {
  return [...page.matchAll(new RegExp(`<${element}\\b[^>]*>(.*?)</${element}>`, "gs"))].map(
    (found) => found[1]!,
  );
}

/** Runs the page's own script in a document that has only what it asks for. */
export function drawingsOf(page: string): Drawing[] {
  const canvases = [...page.matchAll(/<canvas data-section="([^"]*)" data-group="([^"]*)"/g)].map(
    ([, section, group]) => ({ dataset: { section: unescaped(section!), group: unescaped(group!) } }),
  );
  const [json, , charts] = contentsOf(page, "script");
  const drawings: Drawing[] = [];
  const context = createContext({
    document: { getElementById: () => ({ textContent: json }), querySelectorAll: () => canvases },
    getComputedStyle: () => ({ getPropertyValue: (name: string) => name }),
    matchMedia: () => ({ addEventListener: () => {} }),
    Chart: class {
      constructor(_: unknown, drawing: Drawing) {
        drawings.push(drawing);
      }
    },
  });
  new Script(charts!).runInContext(context);
  return drawings;
}
