/** Puts the Wasm module that some entries import beside what tsc has built: it copies no such file. */
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("..", import.meta.url);

copyFileSync(
  fileURLToPath(new URL("build/release.wasm", ROOT)),
  fileURLToPath(new URL("dist/build/release.wasm", ROOT)),
);
