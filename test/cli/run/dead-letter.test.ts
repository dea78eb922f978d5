import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Endpoint } from "../../connect/support/endpoint.ts";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";
import { bluesmoke, parsed } from "../support/command.ts";

const WRAP = 'select { "wrapped": event } from in into out;\n';
const LINES = ['{"id":1}', '{"id":9007199254740993,"x":1e400}', '{"id":2,"failed":{"error":"mine"}}', "[3]"];

describe("a dead letter", () => {
  it("holds the event as it was read, the reason and the tries, and --again ships exactly that", async () => {
    const endpoint = await Endpoint.open((response) => {
      const body = endpoint.received.at(-1)?.body ?? "";
      response.writeHead(body.includes("9007199254740993") ? 400 : 200).end();
    });
    const [pipeline, source, folder] = await Promise.all([
      makeFile("p.trickle", WRAP),
      makeFile("events.ndjson", `${LINES.join("\n")}\n`),
      makeFolder(),
    ]);
    const failed = join(folder, "failed.ndjson");
    const run = ["run", pipeline, "--out", endpoint.url];
    const ended = await bluesmoke(...run, "--in", source, "--failed", failed);
    expect(ended.stdout).toContain(`1 failed: HTTP 400 (1), kept in ${failed}`);
    expect(ended.code).toBe(1);
    const reason = '"failed":{"error":"HTTP 400","status":400,"final":true,"tries":1}';
    expect(await readFile(failed, "utf8")).toBe(`{"event":${LINES[1]},${reason}}\n`);

    endpoint.answering = (response) => response.end();
    const again = await bluesmoke(...run, "--in", failed, "--again");
    expect(again.stdout).toContain("accounted for: all 1");
    expect(again.code).toBe(0);
    // The pipeline wraps it once: it was kept as it was read.
    expect(endpoint.received.at(-1)?.body).toBe(`{"wrapped":${LINES[1]}}\n`);
  });

  it("is told by its shape: --again ships any other line as it is, and digits as they are", async () => {
    const [pipeline, folder] = await Promise.all([
      makeFile("p.trickle", "select event from in into out;\n"),
      makeFolder(),
    ]);
    const [source, out] = [join(folder, "in.ndjson"), join(folder, "out.ndjson")];
    const letters = LINES.map((line) => `{"event":${line},"failed":{"error":",\\"failed\\":","tries":1}}`);
    const others = ['{"event":1}', '{"event":1,"failed":2}', '{"event":1,"failed":{},"more":1}'];
    await writeFile(source, [...letters, ...others].map((line) => `${line}\n`).join(""));
    await bluesmoke("run", pipeline, "--in", source, "--again", "--out", out);
    const written = await readFile(out, "utf8");
    expect(written).toBe([...LINES, ...others].map((line) => `${line}\n`).join(""));
    expect(parsed(written)).toHaveLength(7);
  });
});
