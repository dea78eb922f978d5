/**
 * A little server for pages: the package as it is packed, the scripts of this folder, and headers by the kind of page.
 * Below `bundled` scripts come with all that they import, as users ship them: import maps do not reach workers.
 * `slow/N` answers after N ms.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { build } from "esbuild";
import { FOLDER } from "../installer.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const POLICY = { "content-security-policy": "default-src 'self'; script-src 'self'" };

/** What is sent with everything below the path of that name. */
const HEADERS = {
  plain: {},
  /** Shares memory with its workers. */
  isolated: ISOLATION,
  /** Compiles no WebAssembly and evaluates no text. */
  strict: POLICY,
  strictIsolated: { ...ISOLATION, ...POLICY },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A kind of page. */
export type Kind = keyof typeof HEADERS;

/** The server at work. */
export interface Site {
  /** Address of a file on a page of that kind. */
  url(kind: Kind, path: string): string;
  stop(): Promise<void>;
}

/** Folders by the first part of a path: `/<kind>/<name>/...`. */
export type Mounts = Readonly<Record<string, string>>;

const OURS: Mounts = {
  scripts: import.meta.dirname,
  bundled: import.meta.dirname,
  node_modules: join(FOLDER, "node_modules"),
};

/** Starts it on a free port of this machine. */
export async function openSite(mounts: Mounts = {}): Promise<Site> {
  const folders = { ...OURS, ...mounts };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const [, kind = "", mount = "", ...rest] = normalize(pathname).split("/");
    const folder = folders[mount];
    if (!(kind in HEADERS)) return refuse(response);
    for (const [name, value] of Object.entries(HEADERS[kind as Kind])) response.setHeader(name, value);
    const path = join(folder ?? "", ...rest);
    if (mount === "slow") answerLate(response, Number(rest[0]));
    else if (folder === undefined) refuse(response);
    else if (mount === "bundled") void bundle(path).then((text) => sendScript(response, text));
    else send(response, path);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (kind, path) => `http://127.0.0.1:${port}/${kind}/${path}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bundle(path: string): Promise<string> {
  const { outputFiles } = await build({ entryPoints: [path], bundle: true, format: "esm", write: false });
  return outputFiles.map(({ text }) => text).join("");
}

function sendScript(response: ServerResponse, text: string): void {
  response.setHeader("content-type", "text/javascript");
  response.end(text);
}

function send(response: ServerResponse, path: string): void {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined || !file.isFile()) {
    refuse(response);
    return;
  }
  response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
  createReadStream(path).pipe(response);
}

/** A client that does not wait so long has gone by then. */
function answerLate(response: ServerResponse, afterMs: number): void {
  const timer = setTimeout(() => response.end("at last"), afterMs);
  response.on("close", () => clearTimeout(timer));
}

function refuse(response: ServerResponse): void {
  response.statusCode = 404;
  response.end();
}
