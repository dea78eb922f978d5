/**
 * A runtime that tests are run in.
 *
 * Each has a folder here: `.test.ts` files, which run in Node and start the runtime, and `.mjs` files, which run
 * inside it. These import `bluesmoke` by its name: setup.ts has put the package there as users get it. Tests stand
 * inside `inRuntime`, and the first of them proves where the scripts run.
 */
import { describe, inject, it } from "vitest";
import type { RuntimeName } from "./catalog.ts";

/** How a runtime is found. */
export interface Runtime {
  /** As people say it. */
  readonly title: string;
  /** Starts it; gives its version. @throws Error that says why it cannot run on this machine. */
  probe(): Promise<string>;
}

/** What probing has shown. */
export interface Presence {
  readonly title: string;
  /** Its version; undefined when it cannot run here. */
  readonly version?: string;
  /** Why it cannot run here. */
  readonly missing?: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** What setup.ts has found on this machine, by name. */
    readonly runtimes: Readonly<Record<RuntimeName, Presence>>;
  }
}

/** `describe` for tests that need that runtime: where it cannot run they are skipped by name, in CI they fail. */
export function inRuntime(name: RuntimeName, tests: (presence: Presence) => void): void {
  const presence = inject("runtimes")[name];
  const { title, version, missing } = presence;
  if (missing === undefined) describe(`in ${title} (${version})`, () => tests(presence));
  else if (process.env.CI) {
    it(`${title} runs on this machine`, () => {
      throw new Error(`${title} cannot run here: ${missing}`);
    });
  } else describe.skip(`in ${title}, which cannot run here (${missing})`, () => tests(presence)); // not on this machine; in CI it fails, above
}
