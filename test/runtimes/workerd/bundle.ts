/** A worker as Cloudflare's tools make it: one script by the conditions of workerd, and Wasm as modules beside it. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { FOLDER } from "../installer.ts";

/** A worker as workerd loads it. */
export interface Bundle {
  /** Where everything lies. */
  readonly folder: string;
  /** Names of its Wasm modules. */
  readonly modules: readonly string[];
}

/** Bundles `entry`, a path in the folder of the tests, into `folder`. */
export async function bundleWorker(entry: string, folder: string): Promise<Bundle> {
  const modules = new Set<string>();
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [entry],
    outfile: join(folder, "worker.mjs"),
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"], // in the order of wrangler
    nodePaths: [join(FOLDER, "node_modules")],
    plugins: [wasmBeside(folder, modules)],
    logLevel: "error",
  });
  return { folder, modules: [...modules] };
}

/** Leaves imports of Wasm as they are, and copies what they name. */
function wasmBeside(folder: string, modules: Set<string>): Plugin {
  return {
    name: "wasm beside the worker",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
        const name = basename(path);
        copyFileSync(join(resolveDir, path), join(folder, name));
        modules.add(name);
        return { path: `./${name}`, external: true };
      });
    },
  };
}

/** What a worker is given besides its code. */
export interface Surroundings {
  /** Compatibility flags. */
  readonly flags?: readonly string[];
  /** Texts by the name under which the worker finds them. */
  readonly bindings?: Readonly<Record<string, string>>;
}

/** Writes what workerd is configured by; returns the path. The worker may call loopback, and nothing else. */
export function writeConfig({ folder, modules }: Bundle, surroundings: Surroundings = {}): string {
  const { flags = [], bindings = {} } = surroundings;
  const path = join(folder, "config.capnp");
  const wasm = modules.map((name) => `, (name = "${name}", wasm = embed "${name}")`).join("");
  const texts = Object.entries(bindings).map(([name, text]) => `(name = "${name}", text = "${text}")`);
  writeFileSync(
    path,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "loopback", network = (allow = ["local"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")${wasm}],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = [${flags.map((flag) => `"${flag}"`).join(", ")}],
  bindings = [${texts.join(", ")}],
  globalOutbound = "loopback"
);
`,
  );
  return path;
}
