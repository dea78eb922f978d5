/** Where the repository is. */
import { fileURLToPath } from "node:url";

/** Its folder. Compiled, this file is build/bench/bench/root.js. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
