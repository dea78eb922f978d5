/** In Node, with `--conditions`: which entry that is, and what conformance says of it. */
import { readFileSync } from "node:fs";
import * as library from "bluesmoke";
import { play, read } from "../../conformance/player.mjs";

const script = read(readFileSync(new URL("../../conformance/script.json", import.meta.url), "utf8"));
const report = play(script, library);
console.log(JSON.stringify({ entry: import.meta.resolve("bluesmoke").split("/").at(-1), report }));
