import { appendFile, copyFile, readFile, rename, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openSource, type SourceOptions } from "../../../../src/connect/open.ts";
import type { Insight } from "../../../../src/flow/protocol/insight.ts";
import type { Source } from "../../../../src/flow/protocol/source-and-sink.ts";
import { dataOf } from "../../../ndjson/reading.ts";
import { makeFolder } from "../../support/folder.ts";
import { pullSome } from "../../support/pulling.ts";

async function follow(path: string, options: SourceOptions = {}): Promise<Source> {
  const source = await openSource(path, { follow: true, ...options });
  onTestFinished(() => source.close().catch(() => {}));
  return source;
}

async function next(source: Source, count: number): Promise<unknown[]> {
  return dataOf(await pullSome(source, count));
}

function ack(source: Source, id: number): void {
  source.onInsight?.({ kind: "ack", id } as Insight);
}

const folderWith = async (text?: string) => {
  const folder = await makeFolder();
  const path = join(folder, "app.log");
  if (text !== undefined) await writeFile(path, text);
  return { folder, path, position: join(folder, "position") };
};

describe("a source that follows a file", () => {
  it("reads what is added, line by whole line", async () => {
    const { path } = await folderWith("1\n2\n3");
    const source = await follow(path);
    expect(await next(source, 2)).toEqual([1, 2]);
    const pull = next(source, 1);
    await appendFile(path, "4\n");
    expect(await pull).toEqual([34]);
  });

  it("cuts lines without a look at them where it must not validate", async () => {
    const { path } = await folderWith('{"a":\n');
    const texts = async (options: SourceOptions) => {
      const [item] = await pullSome(await follow(path, options), 1);
      return item !== undefined && "malformed" in item ? "malformed" : item?.text;
    };
    expect(await texts({ validate: false })).toBe('{"a":');
    expect(await texts({})).toBe("malformed");
  });

  it("waits for a file that does not exist", async () => {
    const { path } = await folderWith();
    const source = await follow(path);
    const pull = next(source, 1);
    await writeFile(path, "1\n");
    expect(await pull).toEqual([1]);
  });

  it("reads a renamed file to its end, then the new one", async () => {
    const { path } = await folderWith("1\n");
    const source = await follow(path);
    expect(await next(source, 1)).toEqual([1]);
    await rename(path, `${path}.1`);
    await writeFile(path, "3\n");
    await appendFile(`${path}.1`, "2\n");
    expect(await next(source, 2)).toEqual([2, 3]);
  });

  it("reads from the start what was copied and truncated, also where it has grown again", async () => {
    const { path } = await folderWith("1\n2\n3\n");
    const source = await follow(path);
    expect(await next(source, 3)).toEqual([1, 2, 3]);
    const pull = next(source, 1);
    await truncate(path, 0);
    await appendFile(path, "4\n");
    expect(await pull).toEqual([4]);
    const more = next(source, 3);
    await writeFile(path, "5\n6\n7\n");
    expect(await more).toEqual([5, 6, 7]);
  });

  it("ends when it is closed", async () => {
    const { path } = await folderWith("");
    const source = await follow(path);
    const pull = source.pull();
    await source.close();
    expect(await pull).toBeUndefined();
  });

  it.each(["-", "tcp://127.0.0.1:1", "*.nothing", "a.gz", "/dev/null", "/tmp"])(
    "is not made for %s",
    async (spec) => {
      await expect(openSource(spec, { follow: true })).rejects.toThrow("cannot be followed: it is");
      await expect(openSource(spec, { position: "p" })).rejects.toThrow("cannot be followed: it ");
    },
  );
});

describe("a source with a position", () => {
  it("goes on behind the last event that was acknowledged", async () => {
    const { path, position } = await folderWith("1\r\n2\nno\n4\n5\n");
    const first = await openSource(path, { position });
    expect(await pullSome(first, 5)).toHaveLength(5);
    ack(first, 2);
    await first.close();
    const second = await openSource(path, { position });
    expect(await pullSome(second, 9)).toMatchObject([
      { malformed: { text: "no" } },
      { data: 4 },
      { data: 5 },
    ]);
    ack(second, 3);
    await second.close();
    await appendFile(path, "6\n");
    const third = await openSource(path, { position });
    expect(await next(third, 9)).toEqual([6]);
    await third.close();
  });

  it("is saved while the source runs: a process that is killed loses nothing of it", async () => {
    const { path, position } = await folderWith("1\n2\n3\n");
    const source = await follow(path, { position });
    await next(source, 3);
    ack(source, 2);
    while ((await stat(position).catch(() => undefined)) === undefined)
      await new Promise((r) => setTimeout(r, 5));
    expect(JSON.parse(await readFile(position, "utf8"))).toMatchObject({ version: 1, offset: 3 });
  });

  it("finds lines that span chunks", async () => {
    const texts = Array.from({ length: 30 }, (_, n) => `${n}${"x".repeat(9_000)}`);
    const { path, position } = await folderWith(texts.map((text) => `${JSON.stringify(text)}\n`).join(""));
    for (let done = 0; done < texts.length; done++) {
      const source = await openSource(path, { position });
      expect((await next(source, 99)).length).toBe(texts.length - done);
      ack(source, 1);
      await source.close();
    }
    const source = await openSource(path, { position });
    expect(await next(source, 9)).toEqual([]);
    await source.close();
  });

  it("finds files that were renamed meanwhile, and reads all that came after", async () => {
    const { path, position } = await folderWith("1\n2\n");
    const first = await follow(path, { position });
    await next(first, 2);
    ack(first, 1);
    await first.close();
    const tick = () => new Promise((resolve) => setTimeout(resolve, 20));
    await rename(path, `${path}.2`);
    await tick();
    await writeFile(`${path}.1`, "3\n");
    await tick();
    await writeFile(path, "4\n");
    const second = await follow(path, { position });
    expect(await next(second, 3)).toEqual([2, 3, 4]);
    ack(second, 3);
    await second.close();
    await appendFile(path, "5\n");
    expect(await next(await follow(path, { position }), 1)).toEqual([5]);
  });

  it("finds the copy of a file that was truncated meanwhile", async () => {
    const { path, position } = await folderWith("1\n2\n");
    const first = await follow(path, { position });
    await next(first, 2);
    ack(first, 1);
    await first.close();
    await copyFile(path, `${path}.1`);
    await writeFile(path, "3\n");
    expect(await next(await follow(path, { position }), 2)).toEqual([2, 3]);
  });

  it("says that the file is gone, and reads the new one", async () => {
    const { path, position } = await folderWith("1\n2\n");
    const first = await follow(path, { position });
    await next(first, 2);
    ack(first, 2);
    await first.close();
    await writeFile(path, "9\n");
    const items = await pullSome(await follow(path, { position }), 2);
    const error = expect.stringMatching(/is gone/);
    expect(items).toMatchObject([{ malformed: { error, byte: 3 } }, { data: 9 }]);
  });

  it.each(["", "{}", '{"version":1,"dev":1,"ino":1,"offset":-1,"fingerprint":{"bytes":0,"hash":""}}'])(
    "is refused where its file has something else in it: %j",
    async (text) => {
      const { path, position } = await folderWith("1\n");
      await writeFile(position, text);
      await expect(openSource(path, { position })).rejects.toThrow(
        "is no position of a source, or is damaged",
      );
      expect(await readFile(position, "utf8")).toBe(text);
    },
  );
});
