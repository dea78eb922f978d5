/** A page that is open, and what scripts on it answer. */
import type { Chromium, Page } from "./engine.ts";
import type { Kind, Site } from "./site.ts";

/** Goes to a page of that kind; its path defaults to one that maps the names of the package's entries. */
export async function visit(
  chromium: Chromium,
  site: Site,
  kind: Kind,
  path = "scripts/page.html",
): Promise<Visit> {
  const page = await chromium.newPage();
  const uncaught: string[] = [];
  page.on("pageerror", ({ message }) => uncaught.push(message));
  await page.goto(site.url(kind, path));
  return new Visit(page, uncaught);
}

/** See the file. */
export class Visit {
  readonly page: Page;
  /** Messages of uncaught errors. */
  readonly uncaught: readonly string[];

  constructor(page: Page, uncaught: readonly string[]) {
    this.page = page;
    this.uncaught = uncaught;
  }

  /** What an exported function of a script of this folder answers. */
  call<T>(script: string, task: string, ...values: readonly unknown[]): Promise<T> {
    return this.#call(`../scripts/${script}`, task, values);
  }

  /** The same of a script that comes in one file with all that it imports. */
  callBundled<T>(script: string, task: string, ...values: readonly unknown[]): Promise<T> {
    return this.#call(`../bundled/${script}`, task, values);
  }

  #call<T>(path: string, task: string, values: readonly unknown[]): Promise<T> {
    const script = `import(new URL(${JSON.stringify(path)}, location.href).href)`;
    return this.page.evaluate(`${script}.then(({ ${task} }) => ${task}(...${JSON.stringify(values)}))`);
  }
}
