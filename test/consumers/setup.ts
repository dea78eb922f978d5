/** Runs once before the tests of this folder: installs their tools if they are missing, and puts the package beside them. */
import { installMissing } from "../runtimes/installer.ts";
import { unpack } from "../runtimes/packed.ts";
import { FOLDER } from "./project.ts";

/** Called by vitest. */
export async function setup(): Promise<void> {
  await installMissing(FOLDER, "about 200 MB");
  unpack(FOLDER);
}
