/** What is done once before the tests in the runtimes, and said after them. */
import type { TestProject } from "vitest/node";
import { RUNTIMES, type RuntimeName } from "./catalog.ts";
import { installRuntimes } from "./installer.ts";
import { unpackHere } from "./packed.ts";
import type { Presence, Runtime } from "./runtime.ts";

/** Called by vitest when tests of this folder are among those that run; what it returns, when all have run. */
export async function setup(project: TestProject): Promise<() => void> {
  const failure = await installRuntimes().then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
  if (failure !== undefined) console.error(`runtimes: ${failure}`);
  unpackHere();
  const found = await Promise.all(
    Object.entries<Runtime>(RUNTIMES).map(async ([name, runtime]) => [name, await look(runtime)] as const),
  );
  project.provide("runtimes", Object.fromEntries(found) as Record<RuntimeName, Presence>);
  return () => console.log(`\n${summarize(found.map(([, presence]) => presence))}`);
}

async function look({ title, probe }: Runtime): Promise<Presence> {
  try {
    return { title, version: await probe() };
  } catch (error) {
    return { title, missing: messageOf(error) };
  }
}

function summarize(all: readonly Presence[]): string {
  const here = all.filter(({ missing }) => missing === undefined);
  const gone = all.filter(({ missing }) => missing !== undefined);
  return [
    `runtimes tested: ${here.map(({ title, version }) => `${title} (${version})`).join(", ") || "none"}`,
    ...gone.map(({ title, missing }) => `NOT tested: ${title}: ${missing}`),
  ].join("\n");
}

function messageOf(error: unknown): string {
  const [line] = String(error instanceof Error ? error.message : error).split("\n");
  return line ?? "";
}
