/** A folder of its own for each test, gone after it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bluesmoke-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns its path. */
export async function makeFile(name: string, content: string | Buffer): Promise<string> {
  const path = join(await makeFolder(), name);
  await writeFile(path, content);
  return path;
}
