import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FileSink } from "../../../src/connect/file/file-sink.ts";
import { rotate } from "../../../src/connect/file/rotation.ts";
import { openSink } from "../../../src/connect/open.ts";
import { makeFile, makeFolder } from "../support/folder.ts";
import { eventOf, type Recorder } from "../support/recorder.ts";
import { started } from "../support/started.ts";

async function openFileSink(
  path: string,
  options: object = {},
): Promise<{ sink: FileSink; recorder: Recorder }> {
  const sink = (await openSink(path, options)) as FileSink;
  return { sink, recorder: await started(sink) };
}

const numbersIn = async (path: string) => (await readFile(path, "utf8")).trimEnd().split("\n").map(Number);

describe("a file sink", () => {
  it("opens its path again: what came before goes to the file that was renamed", async () => {
    const folder = await makeFolder();
    const path = join(folder, "out.ndjson");
    const { sink, recorder } = await openFileSink(path);
    for (let n = 0; n < 100; n++) {
      sink.onEvent(eventOf(n));
      if (n !== 49) continue;
      await rename(path, join(folder, "old.ndjson"));
      sink.reopen();
    }
    await sink.drain();
    await sink.close();
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    expect(await numbersIn(join(folder, "old.ndjson"))).toEqual(numbers.slice(0, 50));
    expect(await numbersIn(path)).toEqual(numbers.slice(50));
    expect(recorder.acked).toHaveLength(100);
  });

  it("keeps the old file where the path cannot be opened again", async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, "sub"));
    const path = join(folder, "sub/out.ndjson");
    const { sink, recorder } = await openFileSink(path);
    sink.onEvent(eventOf(1));
    await rename(join(folder, "sub"), join(folder, "moved"));
    expect(() => sink.reopen()).toThrow("ENOENT");
    sink.onEvent(eventOf(2));
    await sink.drain();
    await sink.close();
    expect(await numbersIn(join(folder, "moved/out.ndjson"))).toEqual([1, 2]);
    expect(recorder.acked).toEqual([1, 2]);
  });

  it("leaves a device as it is", async () => {
    const { sink, recorder } = await openFileSink("/dev/null");
    sink.reopen();
    sink.onEvent(eventOf(1));
    await sink.drain();
    await sink.close();
    expect(recorder.acked).toEqual([1]);
  });

  it("begins a new file when one has its bytes, and loses no line", async () => {
    const folder = await makeFolder();
    const path = join(folder, "out.ndjson");
    const { sink, recorder } = await openFileSink(path, { rotateBytes: 65_536 });
    const texts = Array.from({ length: 300 }, (_, n) => `${n}${"x".repeat(997)}`);
    for (const text of texts) sink.onEvent(eventOf(text));
    await sink.drain();
    await sink.close();
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(5);
    expect(names.filter((name) => /^out\.\d{8}T\d{6}Z(-\d+)?\.ndjson$/.test(name))).toHaveLength(4);
    const sizes = await Promise.all(names.map(async (name) => (await readFile(join(folder, name))).length));
    expect(Math.max(...sizes)).toBeLessThan(65_536 + 1_002);
    const all = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    const lines = all.join("").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line)).sort()).toEqual([...texts].sort());
    expect(recorder.acked).toHaveLength(300);
  });

  it("begins a new file after a time, unless the old one is empty", async () => {
    const folder = await makeFolder();
    const { sink } = await openFileSink(join(folder, "out.ndjson"), { rotateMs: 1_000 });
    sink.onEvent(eventOf(1));
    await sink.drain();
    const until = performance.now() + 20_000;
    while ((await readdir(folder)).length < 2 && performance.now() < until)
      await new Promise((r) => setTimeout(r, 50));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await sink.close();
    expect(await readdir(folder)).toHaveLength(2);
  });

  it("goes on with the old file where it cannot be renamed", async () => {
    const folder = await makeFolder();
    const path = join(folder, "out.ndjson");
    const { sink, recorder } = await openFileSink(path, { rotateBytes: 65_536 });
    await rm(folder, { recursive: true });
    for (let n = 0; n < 100; n++) sink.onEvent(eventOf("x".repeat(1_000)));
    await sink.drain();
    await sink.close();
    expect(recorder.acked).toHaveLength(100);
  });

  it.each([
    [{ rotateBytes: 1 }, "rotateBytes must be a whole number from 65536 to 9007199254740991, got 1"],
    [{ rotateMs: 999 }, "rotateMs must be a whole number from 1000 to 31622400000, got 999"],
    [{ append: 1 }, "append must be true or false, got 1"],
  ])("is not opened with %j", async (options, message) => {
    await expect(openSink("out.ndjson", options as object)).rejects.toThrow(message);
  });
});

it("a rotated file never replaces another", async () => {
  const path = await makeFile("a.log.ndjson", "3");
  const atMs = Date.UTC(2026, 0, 31, 23, 59, 59, 999);
  const first = rotate(path, atMs);
  execFileSync("cp", [first, path]);
  const second = rotate(path, atMs);
  expect([first, second].map((name) => name.replace(/.*\//, ""))).toEqual([
    "a.log.20260131T235959Z.ndjson",
    "a.log.20260131T235959Z-1.ndjson",
  ]);
});
