import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder } from "../../connect/support/folder.ts";
import { LineServer } from "../../connect/support/lineserver.ts";
import { bluesmoke } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

const DEFINITION = 'define qos::circuit_breaker operator cb with backoff = "exponential" end;\n';
const CREATION = "create operator cb;\n";
const FILES: Readonly<Record<string, string>> = {
  "good.trickle": OPEN_ROAD,
  "empty.trickle": "",
  "broken.trickle": "select event fro in into out;\n",
  "undefined.trickle": "select event from nowhere into out;\n",
  "twice.trickle": `${DEFINITION}${DEFINITION}${OPEN_ROAD}`,
  "wrongtype.trickle": `${DEFINITION.replace('"exponential"', "true")}${CREATION}${OPEN_ROAD}`,
  "unknownoption.trickle": `${DEFINITION.replace("backoff", "bakoff")}${CREATION}${OPEN_ROAD}`,
  "events.ndjson": "{}\n",
  "empty.ndjson": "",
  "noise.ndjson": "not json\nat all\n",
};

interface BadInput {
  readonly name: string;
  /** Names of FILES, and FOLDER, are replaced by paths. */
  readonly line: string;
  readonly code: number;
  /** What is wrong, where, and what to do. */
  readonly says: readonly (string | RegExp)[];
}

const RUN = "run good.trickle --in events.ndjson";

const CASES: readonly BadInput[] = [
  {
    name: "a pipeline that does not exist",
    line: "check missing.trickle",
    code: 3,
    says: ["missing.trickle: cannot be read: no such file", "give the path of a pipeline"],
  },
  {
    name: "a demo of a file in which nothing is an event",
    line: "demo noise.ndjson",
    code: 4,
    says: ["noise.ndjson: has no events in it, only malformed ones: line 1: ", "a line of JSON for each"],
  },
  { name: "a folder as the pipeline", line: "check FOLDER", code: 3, says: ["is a folder, not a file"] },
  {
    name: "an empty pipeline",
    line: "run empty.trickle --in events.ndjson --out null:",
    code: 3,
    says: ["the pipeline is empty", "the smallest pipeline is"],
  },
  {
    name: "a pipeline that does not parse",
    line: "check broken.trickle",
    code: 3,
    says: [/broken\.trickle:1:14: error: unexpected `fro`/, "^^^", "did you mean `from`?"],
  },
  {
    name: "a source that is given twice",
    line: `${RUN} --in events.ndjson --out null:`,
    code: 2,
    says: ["option '--in <source>' argument", /events\.ndjson' is invalid\. It was given already\./],
  },
  {
    name: "two spellings of one source",
    line: `${RUN} --in FOLDER/./events.ndjson --out null:`,
    code: 4,
    says: ["events.ndjson: cannot be read: it is read in the same run"],
  },
  {
    name: "a second source that does not exist, while the first one listens",
    line: "run good.trickle --in listen:tcp://127.0.0.1:0 --in missing.ndjson --out null:",
    code: 4,
    says: ["missing.ndjson: cannot be read: no such file"],
  },
  {
    name: "options of a server where there is none",
    line: `${RUN} --out null: --max-body 10`,
    code: 2,
    says: ["options of servers of ours were given, but no source is listen:…", "--in listen:…"],
  },
  ...(
    [
      ["--max-connections", "0", "a whole number from 1 to 65535, got 0"],
      ["--max-body", "268435457", "a whole number from 1 to 268435456, got 268435457"],
      ["--max-requests", "1e3", 'a whole number from 1 to 10000, got "1e3"'],
      ["--patience", "-1", 'a whole number from 0 to 3600000, got "-1"'],
      ["--client-timeout", "99", "a whole number from 100 to 3600000, got 99"],
    ] as const
  ).map(([flag, value, range]) => ({
    name: `a value out of range for ${flag}`,
    line: `run good.trickle --in listen:http://127.0.0.1:0 --out null: ${flag}=${value}`,
    code: 2,
    says: [`option '${flag} <`, `argument '${value}' is invalid. It must be ${range}.`],
  })),
  {
    name: "a seed that is none",
    line: `${RUN} --out null: --seed 1.5`,
    code: 2,
    says: ["'--seed <number>' argument '1.5' is invalid", "a whole number from 0 to 9007199254740991"],
  },
  {
    name: "two sinks for one port",
    line: `${RUN} --out null: --out -`,
    code: 2,
    says: ["option '--out <sink>' argument '-' is invalid. It was given already: null:."],
  },
  {
    name: "a stream that is not defined",
    line: "check undefined.trickle",
    code: 3,
    says: ["stream `nowhere` is not defined", "expected one of: in, out"],
  },
  {
    name: "two definitions of one name",
    line: "check twice.trickle",
    code: 3,
    says: [/twice\.trickle:2:\d+: error: .*`cb`/, "line 1"],
  },
  {
    name: "a pipeline's option of the wrong type",
    line: "check wrongtype.trickle",
    code: 3,
    says: [/wrongtype\.trickle:1:\d+: error: backoff must be .*, got true/],
  },
  {
    name: "a pipeline's option that does not exist",
    line: "check unknownoption.trickle",
    code: 3,
    says: [/unknownoption\.trickle:1:\d+: error: .*bakoff/, "backoff"],
  },
  {
    name: "a source that does not exist",
    line: "run good.trickle --in missing.ndjson --out null:",
    code: 4,
    says: ["missing.ndjson: cannot be read: no such file", "check the path"],
  },
  {
    name: "a folder as the source",
    line: "run good.trickle --in FOLDER --out null:",
    code: 4,
    says: ["is a folder, not a file", "give a file in it"],
  },
  {
    name: "a folder as the sink",
    line: `${RUN} --out FOLDER`,
    code: 4,
    says: ["is a folder", "give a file"],
  },
  {
    name: "a sink that is its own source",
    line: `${RUN} --out events.ndjson`,
    code: 4,
    says: ["it is read in the same run", "a file of its own"],
  },
  {
    name: "a URL that is none",
    line: `${RUN} --out http://`,
    code: 4,
    says: ["is not a valid URL", "give a"],
  },
  {
    name: "a scheme that is not HTTP",
    line: `${RUN} --out ftp://127.0.0.1/`,
    code: 4,
    says: ["the scheme is ftp", "give a URL such as"],
  },
  {
    name: "a source that is the URL of a server of others",
    line: "run good.trickle --in http://127.0.0.1:8080/ --out null:",
    code: 4,
    says: ["http is no scheme of a source", "listen:http://host:port/path"],
  },
  {
    name: "a port that is none",
    line: "run good.trickle --in listen:http://127.0.0.1:70000/in --out null:",
    code: 4,
    says: [
      "the port must be a number from 0 to 65535, not 70000",
      "such as listen:http://127.0.0.1:8080/ingest",
    ],
  },
  {
    name: "an address without a port",
    line: `${RUN} --out tcp://127.0.0.1`,
    code: 4,
    says: ["tcp://127.0.0.1: has no port", "such as tcp://127.0.0.1:7000"],
  },
  {
    name: "a TCP address with a path",
    line: `${RUN} --out tcp://127.0.0.1:7000/in`,
    code: 4,
    says: ["has a path, /in, and TCP knows none"],
  },
  {
    name: "an address that is not of this machine",
    line: "run good.trickle --in listen:tcp://192.0.2.1:7000 --out null:",
    code: 4,
    says: ["cannot be listened at: it is no address of this machine", "127.0.0.1 for this machine alone"],
  },
  {
    name: "a number of tries that is none",
    line: `${RUN} --out tcp://127.0.0.1:7000 --reconnects -1`,
    code: 2,
    says: ["--reconnects", /It must be a whole number from 0 to 1000000, got "-1"/, "--help"],
  },
  {
    name: "options of connections without one",
    line: `${RUN} --out null: --reconnects 3`,
    code: 2,
    says: ["options of connections were given, but there is no URL", "leave them out"],
  },
  {
    name: "an option that does not exist",
    line: `${RUN} --out null: --overflw x`,
    code: 2,
    says: ["unknown option '--overflw'", "Did you mean --overflow?", "--help"],
  },
  {
    name: "an option of the wrong type",
    line: `${RUN} --out http://127.0.0.1/ --batch-size many`,
    code: 2,
    says: ["--batch-size", 'It must be a whole number from 1 to 100000, got "many"', "--help"],
  },
  {
    name: "an option out of range",
    line: `${RUN} --out null: --max-line 0`,
    code: 2,
    says: ["--max-line", "It must be a whole number from 1 to 268435456, got 0"],
  },
  {
    name: "a run without a source",
    line: "run good.trickle",
    code: 2,
    says: ["there is no source", "--in SOURCE", "--help"],
  },
  {
    name: "a run without a sink",
    line: RUN,
    code: 2,
    says: ["nothing takes the port out", "give --out SINK"],
  },
  {
    name: "a port that the pipeline has not",
    line: `${RUN} --out null: --port nowhere=null:`,
    code: 2,
    says: ["the pipeline has no port nowhere", "its ports are out, err"],
  },
  {
    name: "options of requests without a URL",
    line: `${RUN} --out null: --timeout 100`,
    code: 2,
    says: ["no sink is a URL", "leave them out"],
  },
  {
    name: "a command that does not exist",
    line: "rum good.trickle",
    code: 2,
    says: ["unknown command 'rum'", "--help"],
  },
  {
    name: "a scenario that is none",
    line: "demo --scenario sick:3",
    code: 2,
    says: ['"sick:3" is no phase', "Give KIND:SECONDS", "healthy, failing, hanging, refusing"],
  },
  {
    name: "a demo of an empty file",
    line: "demo empty.ndjson",
    code: 4,
    says: ["has no events in it", "give a file"],
  },
];

async function makeFiles(): Promise<string> {
  const folder = await makeFolder();
  const entries = Object.entries(FILES);
  await Promise.all(entries.map(([name, content]) => writeFile(join(folder, name), content)));
  return folder;
}

function argumentsOf(line: string, folder: string): string[] {
  const pathOf = (word: string): string =>
    /^[a-z]+\.(trickle|ndjson)$/.test(word) ? join(folder, word) : word;
  return line
    .split(" ")
    .map((word) => (word.startsWith("FOLDER") ? word.replace("FOLDER", folder) : pathOf(word)));
}

function expectClear(stderr: string, says: readonly (string | RegExp)[]): void {
  for (const part of says) expect(stderr).toMatch(typeof part === "string" ? escaped(part) : part);
  expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(5);
  expect(stderr).not.toMatch(/^\s+at /m);
}

function escaped(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
}

/** A port where nothing listens, as far as one can know. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("bluesmoke says in one to five lines what is wrong, where, and what to do about it:", () => {
  it.each(CASES)("$name", async ({ line, code, says }) => {
    const folder = await makeFiles();
    const ended = await bluesmoke(...argumentsOf(line, folder));
    expectClear(ended.stderr, says);
    expect(ended.stdout).toBe("");
    expect(ended.code).toBe(code);
  });

  it("a URL where nothing listens", async () => {
    const folder = await makeFiles();
    const url = `http://127.0.0.1:${await freePort()}/`;
    const ended = await bluesmoke(...argumentsOf(`${RUN} --out ${url}`, folder));
    expectClear(ended.stderr, [`${url}: cannot be reached`, "check the URL", "--no-probe"]);
    expect(ended.code).toBe(4);
  });

  it.each(["--in", "--out"])("a TCP server that does not listen, at %s", async (side) => {
    const folder = await makeFiles();
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const line = side === "--in" ? `run good.trickle --in ${address} --out null:` : `${RUN} --out ${address}`;
    const ended = await bluesmoke(...argumentsOf(line, folder));
    expectClear(ended.stderr, [`${address}: cannot be reached: connect ECONNREFUSED`, "check the URL"]);
    expect(ended.code).toBe(4);
  });

  it.each(["http", "tcp"])("a port that is in use, to listen at by %s", async (scheme) => {
    const folder = await makeFiles();
    const { port } = await LineServer.open();
    const address = `listen:${scheme}://127.0.0.1:${port}`;
    const ended = await bluesmoke(...argumentsOf(`run good.trickle --in ${address} --out null:`, folder));
    expectClear(ended.stderr, [`${address}: cannot be listened at: the port is in use`, "give another port"]);
    expect(ended.code).toBe(4);
  });

  it("starts anyway under --no-probe, and counts what failed", async () => {
    const folder = await makeFiles();
    const url = `http://127.0.0.1:${await freePort()}/`;
    const ended = await bluesmoke(...argumentsOf(`${RUN} --out ${url} --no-probe --retries 0`, folder));
    expect(ended.stdout).toMatch(/1 failed: .*ECONNREFUSED/);
    expect(ended.code).toBe(1);
  });

  it.each([
    "--out http://me:secret@127.0.0.1:1/?token=secret --out null:",
    "--out http://me:secret@127.0.0.1:1/?token=secret",
    "--out null: --header authorization:secret\n",
    "--out ftp://me:secret@127.0.0.1/",
  ])("prints no secret of a URL or a header: %j", async (line) => {
    const folder = await makeFiles();
    const ended = await bluesmoke(...argumentsOf(`${RUN} ${line}`, folder));
    expect(ended.code).not.toBe(0);
    expect(ended.stderr + ended.stdout).not.toContain("secret");
  });
});
