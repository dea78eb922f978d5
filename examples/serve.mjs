/**
 * Serves the examples for browsers, and an origin that they call. Needs a build (`npm run build`), and nothing else.
 *
 *   node examples/serve.mjs [PORT]
 *
 *   /flaky                          the origin: answers 200, or 503 while it is down
 *   POST /flaky/down, /flaky/up     takes it down and up again
 *   /flaky/hits                     how often it was asked
 *   /dist/...                       the package as it lies on the disk
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGES = ["browser-page", "service-worker", "shared-workers"];
const FOLDERS = ["/dist/", "/examples/"];
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript" };
/** Pages share memory with their workers only when they are cross-origin isolated. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const origin = { isDown: false, hits: 0 };

/** Status and text of an answer of the origin; undefined where it has none. */
function askOrigin(method, path) {
  if (path === "/flaky/hits") return [200, String(origin.hits)];
  if (path === "/flaky") {
    origin.hits++;
    return origin.isDown ? [503, "down"] : [200, `fresh answer ${origin.hits}`];
  }
  if (method !== "POST" || !/^\/flaky\/(down|up)$/.test(path)) return undefined;
  origin.isDown = path.endsWith("down");
  return [200, ""];
}

async function readPublic(path) {
  const wanted = normalize(path);
  const file = wanted.endsWith("/") ? `${wanted}index.html` : wanted;
  if (!FOLDERS.some((folder) => file.startsWith(folder))) return undefined;
  return readFile(join(ROOT, file), "utf8").catch(() => undefined);
}

async function answer({ method, url }, response) {
  const { pathname } = new URL(url, "http://localhost");
  const said = askOrigin(method, pathname);
  const text = said?.[1] ?? (await readPublic(pathname));
  const type = TYPES[extname(pathname)] ?? (pathname.endsWith("/") ? TYPES[".html"] : "text/plain");
  response.writeHead(said?.[0] ?? (text === undefined ? 404 : 200), { ...ISOLATION, "content-type": type });
  response.end(text ?? "not found");
}

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => {
  const { port } = server.address();
  console.log(PAGES.map((page) => `http://127.0.0.1:${port}/examples/${page}/`).join("\n"));
});
