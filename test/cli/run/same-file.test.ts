import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeFile } from "../../connect/support/folder.ts";
import { MAIN } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

/** Runs the command with stdin and stdout redirected to files, as a shell does. */
async function redirected(
  args: readonly string[],
  { stdin, stdout, flags = "a" }: { stdin?: string; stdout?: string; flags?: string },
): Promise<{ code: number | null; stderr: string }> {
  const files = [stdin === undefined ? "ignore" : openSync(stdin, "r")];
  files.push(stdout === undefined ? "ignore" : openSync(stdout, flags));
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: [...(files as [0, 1]), "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, "close")]);
  for (const file of files) if (typeof file === "number") closeSync(file);
  return { code: code as number | null, stderr };
}

const EVENTS = '{"id":1}\n{"id":2}\n';

describe("bluesmoke run on redirected descriptors", () => {
  it.each(["--out", "--failed"])("refuses to read a file from stdin that %s writes", async (flag) => {
    const [pipeline, file] = await Promise.all([makeFile("p.trickle", OPEN_ROAD), makeFile("a", EVENTS)]);
    const out = flag === "--out" ? [] : ["--out", "null:"];
    const { code, stderr } = await redirected(["run", pipeline, "--in", "-", ...out, flag, file], {
      stdin: file,
    });
    expect(stderr).toContain(`${file}: cannot be written: it is read in the same run as stdin`);
    expect(code).toBe(4);
    expect(readFileSync(file, "utf8")).toBe(EVENTS);
  });

  it("refuses to add to a file by stdout that it reads: the run would never end", async () => {
    const [pipeline, file] = await Promise.all([makeFile("p.trickle", OPEN_ROAD), makeFile("a", EVENTS)]);
    const { code, stderr } = await redirected(["run", pipeline, "--in", file, "--out", "-"], {
      stdout: file,
    });
    expect(stderr).toContain(`stdout: cannot be written: it is read in the same run as ${file}`);
    expect(code).toBe(4);
  });

  it("refuses two sinks on one file where one of them is stdout, also when only the summary goes there", async () => {
    const [pipeline, source] = await Promise.all([makeFile("p.trickle", OPEN_ROAD), makeFile("a", EVENTS)]);
    const file = await makeFile("out", "");
    for (const out of [
      ["--out", "-", "--failed", file],
      ["--out", file],
    ]) {
      const { code, stderr } = await redirected(["run", pipeline, "--in", source, ...out], { stdout: file });
      expect(stderr).toContain("it is written in the same run");
      expect(code).toBe(4);
    }
  });

  it("begins a line of its own in a file that stdout adds to", async () => {
    const [pipeline, source] = await Promise.all([makeFile("p.trickle", OPEN_ROAD), makeFile("a", EVENTS)]);
    const file = await makeFile("out", '{"id":0}');
    const { code } = await redirected(["run", pipeline, "--in", source, "--out", "-"], { stdout: file });
    expect(readFileSync(file, "utf8")).toBe(`{"id":0}\n${EVENTS}`);
    expect(code).toBe(0);
  });

  it("empties the file that the shell emptied, and no other", async () => {
    const [pipeline, source] = await Promise.all([makeFile("p.trickle", OPEN_ROAD), makeFile("a", EVENTS)]);
    const file = await makeFile("out", "");
    writeFileSync(file, "old\n");
    await redirected(["run", pipeline, "--in", source, "--out", "-"], { stdout: file, flags: "w" });
    expect(readFileSync(file, "utf8")).toBe(EVENTS);
  });
});
