import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmokeOn, MAIN, ndjson, numbered, parsed } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

const REFUSE_ALL = `define qos::circuit_breaker operator cb with mode = "forced_open" end;
create operator guard from cb;
select event from in into guard;
select event from guard into out;
select event from guard/overflow into out/overflow;
`;

describe("what a run keeps of undelivered events", () => {
  it.each([
    ["--overflow", (path: string) => ["--overflow", path]],
    ["--port overflow=", (path: string) => ["--port", `overflow=${path}`]],
  ])("is added to the file of the run before: %s", async (_, flags) => {
    const [pipeline, folder] = await Promise.all([makeFile("p.trickle", REFUSE_ALL), makeFolder()]);
    const kept = join(folder, "kept");
    for (const id of [1, 2]) {
      await bluesmokeOn(
        ndjson([{ id }]),
        ...["run", pipeline, "--in", "-", "--out", "null:", "--quiet", ...flags(kept)],
      );
    }
    expect(parsed(await readFile(kept, "utf8"))).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("is as it was read in --overflow, so that it can be shipped again, and as it was made at a --port", async () => {
    const wrapAll = REFUSE_ALL.replace("select event from in", 'select { "wrapped": event } from in');
    const [pipeline, folder] = await Promise.all([makeFile("p.trickle", wrapAll), makeFolder()]);
    const lines = '{"id":9007199254740993}\n[1.0,  2]\n';
    const [asRead, asMade, out] = ["read", "made", "out"].map((name) => join(folder, name));
    const run = ["run", pipeline, "--in", "-", "--quiet"];
    await bluesmokeOn(lines, ...run, "--out", "null:", "--overflow", asRead!);
    await bluesmokeOn(lines, ...run, "--out", "null:", "--port", `overflow=${asMade}`);
    expect(await readFile(asRead!, "utf8")).toBe(lines);
    expect(parsed(await readFile(asMade!, "utf8"))).toEqual([
      { wrapped: { id: 9_007_199_254_740_992 } },
      { wrapped: [1, 2] },
    ]);

    const open = await makeFile("open.trickle", wrapAll.replace("forced_open", "enabled"));
    await bluesmokeOn(await readFile(asRead!), "run", open, "--in", "-", "--quiet", "--out", out!);
    expect(parsed(await readFile(out!, "utf8"))).toHaveLength(2);
    expect(await readFile(out!, "utf8")).not.toContain('"wrapped":{"wrapped"');
  });

  it("is added to the file of malformed lines, too", async () => {
    const [pipeline, folder] = await Promise.all([makeFile("p.trickle", OPEN_ROAD), makeFolder()]);
    const kept = join(folder, "err");
    for (const line of ["one", "two"]) {
      await bluesmokeOn(
        `${line}\n`,
        ...["run", pipeline, "--in", "-", "--out", "null:", "--quiet", "--port", `err=${kept}`],
      );
    }
    expect(parsed(await readFile(kept, "utf8"))).toMatchObject([{ text: "one" }, { text: "two" }]);
  });

  it("has only whole lines after the disk was full, and the summary counts exactly those", async () => {
    const [pipeline, folder] = await Promise.all([makeFile("p.trickle", OPEN_ROAD), makeFolder()]);
    const source = await makeFile("events", ndjson(numbered(5_000)));
    const out = join(folder, "out");
    // A limit on the size of files fails a write in its middle, as a full disk does.
    const command = `ulimit -f 8; exec "$0" "$@"`;
    const args = [MAIN, "run", pipeline, "--in", source, "--out", out, "--json"];
    const child = spawn("sh", ["-c", command, process.execPath, ...args]);
    const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
    const written = await readFile(out, "utf8");
    expect(written.endsWith("\n")).toBe(true);
    const { events } = JSON.parse(stdout) as { events: Record<string, number> };
    expect(events.delivered).toBe(parsed(written).length);
    expect(events.delivered).toBeGreaterThan(0);
    expect((events.delivered ?? 0) + (events.failed ?? 0)).toBe(5_000);
    expect((await stat(out)).size).toBeLessThanOrEqual(8 * 1_024);
    expect(code).toBe(1);
  });
});
