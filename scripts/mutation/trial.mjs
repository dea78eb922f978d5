/** One mutant at a time, in a temporary copy of the sources: compiled, played against the model, run against the tests. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as asc from "assemblyscript/asc";
import { build } from "esbuild";
import { moduleOf } from "../wasm-text.mjs";

/** What is copied. Everything else that tests of the core need is linked. */
const COPIED = ["assembly", "src", "test", "scripts", "build"];
const LINKED = ["node_modules", "dist", "docs", "examples", "schemas", "bench", "README.md"];
const FILES = ["package.json", "tsconfig.json", "vitest.config.ts", "asconfig.json"];
/** Flavours that a mutant is compiled for. The debug build and the one in JavaScript come from the same source. */
const TARGETS = {
  release: [],
  shared: ["--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536", "--enable", "threads"],
};
const FLAGS = [
  "--runtime",
  "stub",
  "--importMemory",
  "--noExportMemory",
  "--bindings",
  "none",
  "--use",
  "abort=",
  "--memoryBase",
  "0",
];
const QUICK_TIMEOUT_MS = 60_000;
const TESTS_TIMEOUT_MS = 300_000;

/** The tests that cover a file: those of its own name first. */
export function testsOf(file) {
  const core = [
    "test/assembly",
    "test/core",
    "test/features/archive.test.ts",
    "test/features/batch.test.ts",
    "test/features/configure.test.ts",
  ];
  const threads = [
    "test/protocol/interleaving.test.ts",
    "test/protocol/killing.test.ts",
    "test/threads/faults.test.ts",
  ];
  return file.startsWith("assembly/")
    ? [...core, "test/features/collect.test.ts", ...threads]
    : [...core, "test/features", "test/breaker/objects.test.ts", "test/breaker/registry.test.ts"];
}

/** A copy of the sources at `root`. */
export class Copy {
  constructor(root) {
    this.folder = mkdtempSync(join(tmpdir(), "bluesmoke-mutants-"));
    for (const name of COPIED) cpSync(join(root, name), join(this.folder, name), { recursive: true });
    for (const name of FILES) cpSync(join(root, name), join(this.folder, name));
    for (const name of LINKED) symlinkSync(join(root, name), join(this.folder, name));
    mkdirSync(join(this.folder, "build"), { recursive: true });
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @throws Error when the tests fail without a mutant, since each mutant would then count as killed. */
  async checkBaseline(options) {
    const file = "assembly/window.ts";
    const source = readFileSync(join(this.folder, file), "utf8");
    const result = await this.try({ file, start: 0, end: 0, text: "" }, source, options);
    if (result === "survived") return;
    throw new Error(`the tests fail without a mutant (${result}): build, and make them pass first`);
  }

  /** "compile", "quick", "tests", "timeout": what refuted the mutant; "survived". */
  try(mutant, source, options) {
    return this.#mutated(mutant, source, async () => {
      const quick = await this.#judgeQuickly(mutant.file, options);
      return quick === "survived" ? this.#test(mutant.file, options) : quick;
    });
  }

  /** The same without the tests: "compile", "quick", "timeout" or "survived". */
  tryQuickly(mutant, source, options) {
    return this.#mutated(mutant, source, () => this.#judgeQuickly(mutant.file, options));
  }

  async #mutated(mutant, source, judge) {
    const path = join(this.folder, mutant.file);
    writeFileSync(path, source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end));
    try {
      return await judge();
    } finally {
      writeFileSync(path, source);
      if (mutant.file.startsWith("assembly/")) this.isStale = true;
    }
  }

  async #judgeQuickly(file, { steps, seed }) {
    if (file.startsWith("assembly/") || this.isStale) {
      if (!(await this.#compile())) return "compile";
      this.isStale = false;
    }
    const quick = await this.#quick(steps, seed);
    if (quick === "passed") return "survived";
    return quick === "timeout" ? "timeout" : "quick";
  }

  async #test(file, { seed }) {
    const args = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--bail",
      "1",
      "--project",
      "main",
      ...testsOf(file),
    ];
    const env = { ...process.env, BLUESMOKE_THREADS_MS: "300", BLUESMOKE_SEED: String(seed) };
    const result = await run(args, this.folder, TESTS_TIMEOUT_MS, env);
    return result === "passed" ? "survived" : result === "timeout" ? "timeout" : "tests";
  }

  async #compile() {
    for (const [target, flags] of Object.entries(TARGETS)) {
      const out = join(this.folder, "build", `${target}.wasm`);
      const { error } = await asc.main(
        [
          "assembly/index.ts",
          "--outFile",
          out,
          "-O1",
          "--noAssert",
          ...FLAGS,
          ...flags,
          "--baseDir",
          this.folder,
        ],
        { stdout: asc.createMemoryStream(), stderr: asc.createMemoryStream() },
      );
      if (error) return false;
      const bytes = readFileSync(out);
      this.#writeModule(target, bytes);
      // The same for those that the tests and the library take in its place; `small` has the batches then, too.
      if (target === "release") for (const name of ["debug", "small"]) this.#writeModule(name, bytes);
    }
    return true;
  }

  #writeModule(flavour, bytes) {
    writeFileSync(join(this.folder, "build", `${flavour}.ts`), moduleOf(flavour, bytes));
  }

  async #quick(steps, seed) {
    const outfile = join(this.folder, "quick.mjs");
    try {
      await build({
        entryPoints: [join(this.folder, "scripts/mutation/quick.ts")],
        outfile,
        bundle: true,
        platform: "node",
        format: "esm",
        logLevel: "silent",
        alias: {
          "#core-module": join(this.folder, "src/entry/inline.ts"),
          "#batch-module": join(this.folder, "src/entry/inline-batch.ts"),
        },
        absWorkingDir: this.folder,
      });
    } catch {
      return "failed";
    }
    return run([outfile, String(steps), String(seed)], this.folder, QUICK_TIMEOUT_MS);
  }
}

/** "passed", "failed" or "timeout": how a program of Node ended. */
function run(args, cwd, timeoutMs, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: "ignore", detached: true });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      process.kill(-child.pid, "SIGKILL"); // with its workers: the group is this child's own
    }, timeoutMs);
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve(isLate ? "timeout" : code === 0 ? "passed" : "failed");
    });
  });
}
