/**
 * The entries of the package: one line each. `npm run build` builds them, and `node scripts/manifest.mjs` writes `exports`
 * and `typesVersions` of package.json from them; a test compares the two.
 */

const MAIN = "src/entry/main.ts";

/**
 * Sources by subpath. An object instead of a path lists sources by export condition; the first that applies is taken, and
 * `default` comes last. Conditions other than `default` name runtimes without CommonJS. A pair is a source and the file that
 * it gets as `#core-module`; without one that is src/entry/inline.ts.
 */
export const ENTRIES = {
  ".": {
    workerd: [MAIN, "src/entry/workerd.ts"],
    "edge-light": [MAIN, "src/entry/edge.ts"],
    default: MAIN,
  },
  "./js": [MAIN, "src/entry/javascript.ts"],
  "./auto": ["src/entry/auto.ts", "src/entry/auto-core.ts"],
  "./threads": "src/entry/threads.ts",
  "./testing": "src/entry/testing.ts",
  "./diagnostics": "src/entry/diagnostics.ts",
  "./latency": "src/entry/latency.ts",
  "./fetch": "src/entry/fetch.ts",
  "./undici": "src/entry/undici.ts",
  "./opossum": "src/entry/opossum.ts",
  "./dashboard": "src/entry/dashboard.ts",
  "./metrics": "src/entry/metrics.ts",
  "./fleet": "src/entry/fleet.ts",
  "./replay": "src/entry/replay.ts",
  "./flow": "src/flow/index.ts",
  "./flow/testing": "src/flow/testing/index.ts",
  "./trickle": "src/trickle/index.ts",
  "./connect": "src/connect/index.ts",
  "./wal": "src/wal/index.ts",
  "./embed": "src/embed/index.ts",
  "./redis": "src/brokers/redis/index.ts",
  "./nats": "src/brokers/nats/index.ts",
  "./kafka": "src/brokers/kafka/index.ts",
};

/** Entries that need Node: no bundler for browsers takes them, and their files may run code when they are loaded. */
export const NODE_ENTRIES = [
  "./diagnostics",
  "./opossum",
  "./connect",
  "./wal",
  "./redis",
  "./nats",
  "./kafka",
];

/**
 * Entries whose CommonJS file is their default export itself, as that of the package is which they stand for. A Node that can
 * require ES modules must find it, too: they have no `module-sync`.
 */
export const DEFAULT_ENTRIES = ["./opossum"];

/** The build of the core that entries get which name none. */
export const DEFAULT_CORE = "src/entry/inline.ts";

/** Programs of the command, by the name of their file in dist/cli. */
export const PROGRAMS = {
  main: "src/cli/main.ts",
  worker: "src/cli/demo/worker.ts",
  "tune-worker": "src/cli/trace/tune-worker.ts",
  "run-worker": "src/cli/workers/run-worker.ts",
};

/** Clients of brokers: a user installs them, also for the command. */
export const BROKER_CLIENTS = ["@nats-io/jetstream", "@nats-io/transport-node", "kafkajs", "redis"];

/** What the command asks for, by its URLs: also that of a fleet on NATS. */
export const COMMAND_CLIENTS = [...BROKER_CLIENTS, "@nats-io/kv"];

/** Packages that a user installs if an entry asks for them; the entries import them, the command contains all but clients. */
export const PEERS = [...BROKER_CLIENTS, "hdr-histogram-js", "undici"];

/**
 * @typedef {object} Output
 * @property {string} subpath As in `exports`, such as `./flow/testing`.
 * @property {string} condition `default`, or the export condition of a runtime.
 * @property {string} source Path of the TypeScript file.
 * @property {string} name Path of the built file below dist/esm, without `.js`.
 * @property {string} core Path of the file that it gets as `#core-module`.
 */

/** Every file that is built for an entry. @returns {Output[]} */
export function outputs() {
  return Object.entries(ENTRIES).flatMap(([subpath, sources]) => {
    const byCondition =
      typeof sources === "string" || Array.isArray(sources) ? { default: sources } : sources;
    return Object.entries(byCondition).map(([condition, entry]) => {
      const [source, core = DEFAULT_CORE] = [entry].flat();
      const name = condition === "default" ? nameOf(subpath) : core.split("/").at(-1).replace(".ts", "");
      return { subpath, condition, source, name, core };
    });
  });
}

/** `./flow/testing` → `flow/testing`; `.` → `main`. */
function nameOf(subpath) {
  return subpath === "." ? "main" : subpath.slice(2);
}
