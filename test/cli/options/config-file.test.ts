import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/cli/options/config-file.ts";
import { RUN_TABLE } from "../../../src/cli/options/run-table.ts";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmoke, ndjson, numbered, parsed, startIn } from "../support/command.ts";
import { GUARDED, OPEN_ROAD } from "../support/pipeline.ts";

/** `${name}`, which may not stand in a string of this repository. */
const variable = (name: string): string => `$${`{${name}}`}`;

function read(text: string, environment: Record<string, string> = {}) {
  return readConfig(text, "ship.json", RUN_TABLE, environment);
}

function faultOf(text: string, environment: Record<string, string> = {}): string {
  try {
    return `no fault: ${JSON.stringify(read(text, environment))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a config file", () => {
  it("has the values of flags by their keys", () => {
    const { pipeline, values } = read(`{
      "$schema": "x", "pipeline": "p.trickle",
      "in": ["a", "-"], "port": { "audit": "b" }, // comment
      "batchSize": 5, "probe": false, "dashboard": "127.0.0.1:0",
    }`);
    expect(pipeline).toBe("p.trickle");
    expect(values).toEqual({
      in: ["a", "-"],
      port: { audit: "b" },
      batchSize: 5,
      probe: false,
      dashboard: { host: "127.0.0.1", port: 0, path: "" },
    });
  });

  it("has variables of the environment in strings at any depth, and for numbers and switches", () => {
    const text = JSON.stringify({
      in: [`listen:tcp://127.0.0.1:${variable("PORT")}`],
      header: { authorization: `Bearer ${variable("TOKEN")}` },
      batchSize: variable("BATCH:-7"),
      quiet: variable("QUIET"),
      retries: variable("RETRIES"),
    });
    const environment = { PORT: "9", TOKEN: "secret", QUIET: "true", RETRIES: "3" };
    expect(read(text, environment).values).toEqual({
      in: ["listen:tcp://127.0.0.1:9"],
      header: { authorization: "Bearer secret" },
      batchSize: 7,
      quiet: true,
      retries: 3,
    });
  });

  it("has every fault printed at once, each with its line, and the nearest name of an unknown key", () => {
    const text =
      '{\n  "batch-size": 5,\n  "retries": -1,\n  "linger": "5",\n  "colour": 1,\n  "pipline": "x"\n}';
    expect(faultOf(text).split("\n")).toEqual([
      'ship.json:2:3: unknown key "batch-size"; did you mean "batchSize"?',
      "ship.json:3:3: error: retries must be a whole number from 0 to 1000000, got -1",
      'ship.json:4:3: error: linger must be a whole number from 0 to 60000, got "5"',
      'ship.json:5:3: error: unknown key "colour"',
      'ship.json:6:3: error: unknown key "pipline"; did you mean "pipeline"?',
      "bluesmoke help run has all options; a key is a flag in camelCase",
    ]);
  });

  it("prints no value of a variable", () => {
    const text = JSON.stringify({ retries: variable("TOKEN"), header: { "a b": variable("TOKEN") } });
    const fault = faultOf(text, { TOKEN: "secret" });
    expect(fault).not.toContain("secret");
    expect(fault).toContain(
      "retries must be a whole number from 0 to 1000000 (it has the value of TOKEN in it)",
    );
    expect(fault).toContain("header must be a valid header (it has the value of TOKEN in it)");
  });

  it.each([
    ["[]", "ship.json:1:1: expected an object of options"],
    ['{"in": 5}', "ship.json:1:2: in must be a string or an array of strings, got 5"],
    ['{"in": "a", }x', "ship.json:1:14: expected the end of the file"],
    [JSON.stringify({ out: variable("MISSING") }), "ship.json:1:2: out must find MISSING in the environment"],
    ['{"pipeline": 5}', "ship.json:1:2: pipeline must be the path of a pipeline"],
  ])("is not %s", (text, fault) => {
    expect(faultOf(text)).toContain(fault);
  });
});

describe("bluesmoke run --config", () => {
  it("ships what the file says, and flags win over it", async () => {
    const folder = await makeFolder();
    const path = (name: string) => join(folder, name);
    await writeFile(path("p.trickle"), OPEN_ROAD);
    await writeFile(path("a.ndjson"), ndjson(numbered(5)));
    await writeFile(path("b.ndjson"), ndjson(numbered(5, 5)));
    const config = {
      pipeline: "p.trickle",
      in: ["a.ndjson", variable("SECOND")],
      out: "one.ndjson",
      json: true,
    };
    await writeFile(path("ship.json"), `// a service\n${JSON.stringify(config)}`);
    const started = startIn(
      folder,
      { SECOND: "b.ndjson" },
      "run",
      "--config",
      "ship.json",
      "--out",
      "two.ndjson",
    );
    const { code, stdout } = await started.ended;
    expect(JSON.parse(stdout)).toMatchObject({
      events: { read: 10, delivered: 10 },
      sinks: [{ name: "two.ndjson" }],
    });
    expect(code).toBe(0);
    expect(parsed(await readFile(path("two.ndjson"), "utf8"))).toHaveLength(10);
  });

  it("needs a pipeline and a source, from the one or the other", async () => {
    const [pipeline, config] = await Promise.all([
      makeFile("p.trickle", OPEN_ROAD),
      makeFile("ship.json", '{"out": "null:"}'),
    ]);
    const without = await bluesmoke("run", "--config", config);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no pipeline") });
    const idle = await bluesmoke("run", pipeline, "--config", config);
    expect(idle).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no source") });
  });

  it("says that a file is missing", async () => {
    const { code, stderr } = await bluesmoke("run", "--config", "/nowhere/ship.json");
    expect(stderr).toContain("/nowhere/ship.json: cannot be read: no such file");
    expect(code).toBe(2);
  });
});

describe("bluesmoke check --config", () => {
  async function check(config: object, pipeline = GUARDED) {
    const folder = await makeFolder();
    await writeFile(join(folder, "p.trickle"), pipeline);
    await writeFile(join(folder, "ship.json"), JSON.stringify({ pipeline: "p.trickle", ...config }));
    return startIn(folder, {}, "check", "--config", "ship.json").ended;
  }

  it("opens nothing of a file that is right", async () => {
    const config = { in: "missing.ndjson", out: "http://127.0.0.1:1/", overflow: "refused.ndjson" };
    expect(await check(config)).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("ok: 1 operator"),
    });
  });

  it.each([
    [{ in: "a", out: "b", retires: 3 }, 'unknown key "retires"; did you mean "retries"?'],
    [{ in: "a", out: "b", port: { nowhere: "c" } }, "the pipeline has no port nowhere"],
    [{ in: "a", out: "b", batchSize: 3 }, "options of HTTP requests were given"],
    [{ in: "a" }, "nothing takes the port out"],
    [{ out: "a" }, "there is no source"],
  ])("says what is wrong with %j", async (config, fault) => {
    const { code, stderr } = await check(config);
    expect(stderr).toContain(fault);
    expect(code).toBe(2);
  });

  it("says what is wrong with the pipeline", async () => {
    const { code, stderr } = await check({ in: "a", out: "b" }, "select event from nowhere into out;");
    expect(stderr).toContain("stream `nowhere` is not defined");
    expect(code).toBe(3);
  });
});
