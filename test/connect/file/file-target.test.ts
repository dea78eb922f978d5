import { execFileSync } from "node:child_process";
import { mkdir, open, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSink } from "../../../src/connect/open.ts";
import { makeFile, makeFolder } from "../support/folder.ts";
import { eventOf, Recorder } from "../support/recorder.ts";
import { started } from "../support/started.ts";

describe("a sink on a file", () => {
  it("writes exactly the data of each event as one line, and acks it", async () => {
    const path = join(await makeFolder(), "out.ndjson");
    const sink = await openSink(path);
    const recorder = await started(sink);
    const data = [{ word: "line\nfeed", list: [1, null] }, "text", 3, null];
    for (const one of data) sink.onEvent(eventOf(one));
    await sink.drain();
    await sink.close();
    expect(await readFile(path, "utf8")).toBe('{"word":"line\\nfeed","list":[1,null]}\n"text"\n3\nnull\n');
    expect(recorder.acked).toEqual(data);
  });

  it("writes a megabyte in order", async () => {
    const path = join(await makeFolder(), "out.ndjson");
    const sink = await openSink(path);
    const recorder = await started(sink);
    const data = Array.from({ length: 50_000 }, (_, n) => ({ number: n }));
    for (const one of data) sink.onEvent(eventOf(one));
    await sink.drain();
    await sink.close();
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(data);
    expect(recorder.acked).toEqual(data);
  });

  it("empties the file only when the flow starts, after every sink has started", async () => {
    const path = await makeFile("out.ndjson", "precious\n");
    const sink = await openSink(path);
    await sink.start(new Recorder());
    expect(await readFile(path, "utf8")).toBe("precious\n");
    sink.onSignal?.({ kind: "start", atMs: 0 });
    expect(await readFile(path, "utf8")).toBe("");
    await sink.close();
  });

  it("empties the file before its first line even if nobody sends a start signal", async () => {
    const path = await makeFile("out.ndjson", "old\n");
    const sink = await openSink(path);
    await sink.start(new Recorder());
    sink.onEvent(eventOf("new"));
    await sink.drain();
    await sink.close();
    expect(await readFile(path, "utf8")).toBe('"new"\n');
  });

  it("keeps what is there when it shall append", async () => {
    const path = await makeFile("out.ndjson", "1\n");
    const sink = await openSink(path, { append: true });
    await started(sink);
    sink.onEvent(eventOf(2));
    await sink.drain();
    await sink.close();
    expect(await readFile(path, "utf8")).toBe("1\n2\n");
  });

  it("begins a line of its own when it appends to a file that ends inside a line", async () => {
    const path = await makeFile("out.ndjson", '{"cut":');
    const sink = await openSink(path, { append: true });
    await started(sink);
    expect(await readFile(path, "utf8")).toBe('{"cut":');
    for (const data of [1, 2]) sink.onEvent(eventOf(data));
    await sink.drain();
    await sink.close();
    expect(await readFile(path, "utf8")).toBe('{"cut":\n1\n2\n');
  });

  it("waits for the reader of a named pipe, and can be closed while there is none", async () => {
    const path = join(await makeFolder(), "pipe");
    execFileSync("mkfifo", [path]);
    const unread = await openSink(path);
    const start = unread.start(new Recorder());
    await unread.close();
    await expect(start).rejects.toMatchObject({ code: "ERR_SINK" });

    const sink = await openSink(path);
    const [recorder, reader] = await Promise.all([started(sink), open(path, "r")]);
    sink.onEvent(eventOf(1));
    await sink.drain();
    expect(recorder.acked).toEqual([1]);
    await sink.close();
    expect(await reader.readFile("utf8")).toBe("1\n");
    await reader.close();
  });

  it("drains again after it has drained", async () => {
    const path = join(await makeFolder(), "out.ndjson");
    const sink = await openSink(path);
    const recorder = await started(sink);
    for (const data of [1, 2]) {
      sink.onEvent(eventOf(data));
      await sink.drain();
    }
    await sink.close();
    expect(recorder.acked).toEqual([1, 2]);
  });

  it("writes to a device", async () => {
    const sink = await openSink("/dev/null");
    const recorder = await started(sink);
    sink.onEvent(eventOf(1));
    await sink.drain();
    await sink.close();
    expect(recorder.acked).toEqual([1]);
  });

  it("does not touch a file that it only names", async () => {
    const path = await makeFile("out.ndjson", "precious\n");
    const sink = await openSink(path);
    await sink.close();
    expect(await readFile(path, "utf8")).toBe("precious\n");
  });

  it("refuses a folder", async () => {
    const path = await makeFolder();
    await expect(openSink(path)).rejects.toMatchObject({
      name: "ConnectError",
      code: "ERR_SINK",
      message: expect.stringContaining(`${path}: cannot be written: is a folder, not a file\n`),
    });
  });

  it("refuses a path into a folder that is missing", async () => {
    const path = join(await makeFolder(), "missing", "out.ndjson");
    await expect(openSink(path)).rejects.toMatchObject({
      code: "ERR_SINK",
      message: `${path}: cannot be written: no such file or folder\ngive a file in a folder that exists, "-" for stdout, or a URL with http:// or https://`,
    });
  });

  it("refuses a path through a file", async () => {
    const path = join(await makeFile("file", ""), "out.ndjson");
    await expect(openSink(path)).rejects.toMatchObject({ message: expect.stringContaining("not a folder") });
  });

  it("says so when the file became unusable before the start", async () => {
    const path = join(await makeFolder(), "out.ndjson");
    const sink = await openSink(path);
    await mkdir(path);
    await expect(sink.start(new Recorder())).rejects.toMatchObject({ code: "ERR_SINK", where: path });
    await sink.close();
  });

  it("follows a link to a file that is not there yet", async () => {
    const folder = await makeFolder();
    const link = join(folder, "link");
    await symlink(join(folder, "target"), link);
    const sink = await openSink(link);
    await started(sink);
    sink.onEvent(eventOf(1));
    await sink.drain();
    await sink.close();
    expect(await readFile(join(folder, "target"), "utf8")).toBe("1\n");
  });
});
