/** `--import` this: Node then imports Wasm the way workerd and Vercel do, as a module and not as its exports. */
import { register } from "node:module";

const hooks = `
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export async function load(url, context, next) {
  const [path] = url.split("?");
  if (!path.endsWith(".wasm")) return next(url, context);
  const bytes = JSON.stringify((await readFile(fileURLToPath(path))).toString("base64"));
  const source = "export default new WebAssembly.Module(Buffer.from(" + bytes + ", 'base64'));";
  return { format: "module", source, shortCircuit: true };
}`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
