import { appendFile, readFile, writeFile } from "node:fs/promises";
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

  it("moves the position of the file that it is in when it is delivered", async () => {
    const [pipeline, folder] = await Promise.all([
      makeFile("p.trickle", "select event from in into out;\n"),
      makeFolder(),
    ]);
    const [source, out, position] = ["in.ndjson", "out.ndjson", "position"].map((name) => join(folder, name));
    const letter = (id: number) => `{"event":${id},"failed":{"error":"no","tries":1}}\n`;
    await writeFile(source as string, letter(1) + letter(2));
    const run = () =>
      bluesmoke(
        ...["run", pipeline, "--in", source as string, "--again", "--position", position as string],
        ...["--out", out as string, "--failed", join(folder, "failed.ndjson")],
      );
    expect((await run()).code).toBe(0);
    expect(await readFile(out as string, "utf8")).toBe("1\n2\n");
    await appendFile(source as string, letter(3));
    expect((await run()).stdout).toContain("1 read from");
    expect(await readFile(out as string, "utf8")).toBe("3\n");
  });

  it("is not looked for in a line that is no JSON, which --no-validate lets pass", async () => {
    const [pipeline, source, folder] = await Promise.all([
      makeFile("p.trickle", "select event from in into out;\n"),
      makeFile("in.ndjson", '{"event":\n{"event":1,"failed":{"error":"no","tries":1}}\n'),
      makeFolder(),
    ]);
    const out = join(folder, "out.ndjson");
    const ended = await bluesmoke("run", pipeline, "--in", source, "--again", "--no-validate", "--out", out);
    expect(await readFile(out, "utf8")).toBe('{"event":\n1\n');
    expect(ended.code).toBe(0);
  });

  it("is JSON also where the line is none, and --again sends that line to err", async () => {
    const endpoint = await Endpoint.open((response) => response.writeHead(400).end());
    const [pipeline, source, folder] = await Promise.all([
      makeFile("p.trickle", "select event from in into out;\n"),
      makeFile("in.ndjson", '{"a":\n'),
      makeFolder(),
    ]);
    const [failed, err] = [join(folder, "failed.ndjson"), join(folder, "err.ndjson")];
    const run = ["run", pipeline, "--out", endpoint.url];
    const ended = await bluesmoke(...run, "--in", source, "--no-validate", "--failed", failed);
    expect(ended.stdout).toContain("1 failed: HTTP 400 (1), kept in");
    expect(parsed(await readFile(failed, "utf8"))).toEqual([
      { unreadable: '{"a":', failed: { error: "HTTP 400", status: 400, final: true, tries: 1 } },
    ]);
    const again = await bluesmoke(...run, "--in", failed, "--again", "--port", `err=${err}`);
    expect(again.stdout).toContain("accounted for: all 1");
    expect(parsed(await readFile(err, "utf8"))).toMatchObject([{ text: '{"a":' }]);
  });
});
