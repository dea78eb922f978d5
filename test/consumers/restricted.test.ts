import { describe, expect, it } from "vitest";
import { createProject, FOLDER, start } from "./project.ts";

/** Makes a call, one that fails and one that is refused; prints the states. `library` is what an entry exports. */
const USE = `
async function use({ CircuitBreakerRegistry }) {
  const options = { detector: { kind: "consecutive_failures", failures: 1 } };
  const breaker = new CircuitBreakerRegistry({ defaults: options }).get("mail");
  const said = [await breaker.execute(async () => "sent", { timeoutMs: 1000 }), breaker.state];
  await breaker.execute(async () => { throw new Error("down"); }).catch((error) => said.push(error.message));
  await breaker.execute(async () => 1).catch((error) => said.push(error.code));
  console.log(said.join());
}
`;
const USED = { code: 0, output: "sent,closed,down,ERR_CIRCUIT_OPEN\n" };

/** The same through `bluesmoke/auto`; prints the flavour too. */
const AUTO = `import { load } from "bluesmoke/auto"; ${USE}
  const library = await load(); console.log(library.flavour); await use(library);`;

/** Where scripts and the library may be read: the links of a project lead to this folder. */
const readable = (folder: string) => [`--allow-fs-read=${folder}/*`, `--allow-fs-read=${FOLDER}/*`];
const PERMISSION = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";

/** Runs a program that imports the main entry after `before`, once as an ES module and once by `require`. */
async function runBoth(name: string, before: string, ...flags: readonly string[]) {
  const project = createProject(name, {
    "program.mjs": `${before} use(await import("bluesmoke")); ${USE}`,
    "program.cjs": `${before.replace(/^import ("[^"]+");/, "require($1);")} use(require("bluesmoke")); ${USE}`,
    "common.cjs": `${before.replace(/^import ("[^"]+");/, "require($1);")}
      use(require("./node_modules/bluesmoke/dist/cjs/main.js")); ${USE}`,
  });
  const of = (program: string) => start(project.folder, [...flags, "--no-warnings", program]);
  return {
    module: await of("program.mjs"),
    required: await of("program.cjs"),
    common: await of("common.cjs"),
  };
}

const ALL_USED = { module: USED, required: USED, common: USED };

/** Runs a program without WebAssembly; older versions of V8 print a warning, which is left out. */
async function startJitless(folder: string) {
  const { code, output } = await start(folder, ["--jitless", "--no-warnings", "program.mjs"]);
  return { code, output: output.replace(/^Warning: disabling flag.*\n/m, "") };
}

describe("the main entry", () => {
  it("works under --frozen-intrinsics", async () => {
    expect(await runBoth("frozen-intrinsics", "", "--frozen-intrinsics")).toEqual(ALL_USED);
  });

  it("works after SES has locked the realm down", async () => {
    expect(await runBoth("ses", `import "ses"; lockdown();`)).toEqual(ALL_USED);
  });

  it("works without TextDecoder and TextEncoder", async () => {
    const before = "delete globalThis.TextDecoder; delete globalThis.TextEncoder;";
    expect(await runBoth("text-decoder", before)).toEqual(ALL_USED);
  });

  it("works without performance.timeOrigin", async () => {
    const before = "Object.defineProperty(performance, 'timeOrigin', { value: undefined });";
    expect(await runBoth("time-origin", before)).toEqual(ALL_USED);
  });

  it("works without Buffer and atob, as on a page", async () => {
    const before = "delete globalThis.Buffer; delete globalThis.atob; delete Uint8Array.fromHex;";
    expect(await runBoth("buffer", before)).toEqual(ALL_USED);
  });

  it("works with no permission but to read its files", async () => {
    const project = createProject("permission", {
      "program.mjs": `import * as library from "bluesmoke"; ${USE} await use(library);`,
      "program.cjs": `use(require("bluesmoke")); ${USE}`,
    });
    const flags = [PERMISSION, "--no-warnings", ...readable(project.folder)];
    for (const program of ["program.mjs", "program.cjs"]) {
      expect(await start(project.folder, [...flags, `${project.folder}/${program}`])).toEqual(USED);
    }
  });

  it("refuses with an error that names bluesmoke/js where there is no WebAssembly", async () => {
    const project = createProject("jitless", {
      "program.mjs": `import { CircuitBreaker } from "bluesmoke";
        try { new CircuitBreaker("mail"); } catch (error) { console.log(error.code, error.message.includes("bluesmoke/js")); }`,
    });
    const said = await startJitless(project.folder);
    expect(said).toEqual({ code: 0, output: "ERR_WASM_REFUSED true\n" });
  });
});

describe("bluesmoke/auto", () => {
  it("takes the build in JavaScript under --jitless, which has no WebAssembly", async () => {
    const project = createProject("jitless-auto", { "program.mjs": AUTO });
    const said = await startJitless(project.folder);
    expect(said).toEqual({ code: 0, output: `js\n${USED.output}` });
  });

  it("takes WebAssembly under --frozen-intrinsics", async () => {
    const project = createProject("frozen-auto", { "program.mjs": AUTO });
    const said = await start(project.folder, ["--frozen-intrinsics", "--no-warnings", "program.mjs"]);
    expect(said).toEqual({ code: 0, output: `release\n${USED.output}` });
  });
});
