import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LogOptions, WriteAheadLog } from "../../../src/wal/log/log.ts";
import type { LogRecord } from "../../../src/wal/log/record.ts";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

/** Collects what nothing refers to, buffers too. */
async function collect(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise(setImmediate);
  }
}

let folder: string;
let problems: string[];
let open: WriteAheadLog[];
let lost: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bluesmoke-log-"));
  problems = [];
  open = [];
  lost = 0;
});

afterEach(async () => {
  for (const log of open) await log.close().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

function openLog(options: Partial<LogOptions> = {}): WriteAheadLog {
  const log = new WriteAheadLog({
    folder,
    segmentBytes: 65_536,
    sync: "never",
    syncIntervalMs: 1_000,
    now: () => 7,
    onProblem: (text) => problems.push(text),
    onLost: (count) => {
      lost += count;
    },
    ...options,
  });
  open.push(log);
  return log;
}

async function close(log: WriteAheadLog): Promise<void> {
  open.splice(open.indexOf(log), 1);
  await log.close();
}

const textOf = ({ bytes, start, end }: LogRecord): string =>
  new TextDecoder().decode(bytes.subarray(start, end));

async function append(log: WriteAheadLog, texts: readonly string[], meta?: string): Promise<void> {
  for (const text of texts) log.append({ text, meta });
  await log.flush();
}

/** Everything that the log has to give. */
async function readAll(log: WriteAheadLog): Promise<LogRecord[]> {
  const all: LogRecord[] = [];
  for (;;) {
    const records = await log.read();
    if (records.length === 0) return all;
    all.push(...records);
  }
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
/** A segment has some 300 of these. */
const wide = (from: number, to: number): string[] =>
  numbers(from, to).map((n) => `{"n":${n},"pad":"${"x".repeat(160)}"}`);

function segments(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .sort();
}

describe("a log", () => {
  it("gives back what was appended, in its order, with metadata and time", async () => {
    const log = openLog();
    await append(log, ['{"a":1}', "2"], '{"key":"k"}');
    const records = await readAll(log);
    expect(records.map(textOf)).toEqual(['{"a":1}', "2"]);
    expect(records.map(({ id, timeMs, meta }) => [id, timeMs, meta])).toEqual([
      [1, 7, '{"key":"k"}'],
      [2, 7, '{"key":"k"}'],
    ]);
    expect(log.waiting).toBe(2);
  });

  it("reads nothing that is not written", async () => {
    const log = openLog();
    log.append({ text: "1", meta: undefined });
    expect(await log.read()).toEqual([]);
    expect([log.waiting, log.pendingBytes]).toEqual([0, 33]);
    await log.flush();
    expect((await log.read()).map(textOf)).toEqual(["1"]);
  });

  it("goes on after a restart where it was, with what is not done", async () => {
    const before = openLog();
    await append(before, numbers(1, 10));
    await readAll(before);
    for (const id of [1, 2, 3, 7]) before.ack(id);
    await close(before);
    const after = openLog();
    expect([after.recovered, after.waiting]).toEqual([6, 6]);
    expect((await readAll(after)).map(textOf)).toEqual(["4", "5", "6", "8", "9", "10"]);
    await append(after, ["11"]);
    expect((await readAll(after)).map(({ id }) => id)).toEqual([11]);
  });

  it("deletes segments of which everything is done, and no others", async () => {
    const log = openLog();
    await append(log, wide(1, 400));
    await append(log, wide(401, 800));
    await append(log, wide(801, 1_000));
    expect(segments()).toHaveLength(3);
    const records = await readAll(log);
    for (const { id } of records) if (id !== 10 && id <= 800) log.ack(id);
    log.writeAcks();
    expect(segments()).toEqual(["0000000000000001.log", "0000000000000801.log"]);
    log.ack(10);
    log.writeAcks();
    expect(segments()).toEqual(["0000000000000801.log"]);
    expect(log.waiting).toBe(200);
    await close(log);
    expect((await readAll(openLog())).map(({ id }) => id)).toEqual(numbers(801, 1_000).map(Number));
  });

  it("never gives an id twice, also where every event of before is done", async () => {
    const before = openLog();
    await append(before, numbers(1, 5));
    for (let id = 1; id <= 5; id++) before.ack(id);
    await close(before);
    for (const name of segments()) rmSync(join(folder, name));
    const after = openLog();
    await append(after, ["6"]);
    expect((await readAll(after)).map(({ id }) => id)).toEqual([6]);
  });

  it("holds events that are larger than what is read at once", async () => {
    const log = openLog();
    const large = `"${"y".repeat(700_000)}"`;
    await append(log, ["1", large, "3"]);
    expect((await readAll(log)).map(textOf)).toEqual(["1", large, "3"]);
  });

  it("refuses a second writer, and names it", async () => {
    openLog();
    expect(() => openLog()).toThrow(`the log is in use by process ${process.pid}`);
  });

  it("takes over from a process that was killed", async () => {
    writeFileSync(
      join(folder, "lock"),
      JSON.stringify({ pid: 2 ** 22 - 1, boot: "of another start", began: "1" }),
    );
    await append(openLog(), ["1"]);
    expect(segments()).toHaveLength(1);
  });
});

describe("a log whose process died while it wrote", () => {
  it("cuts the event that is not whole, says so, and goes on behind it", async () => {
    const before = openLog();
    await append(before, numbers(1, 3));
    await close(before);
    const [name] = segments() as [string];
    const path = join(folder, name);
    truncateSync(path, statSync(path).size - 5);
    const after = openLog();
    expect(problems).toEqual([
      expect.stringContaining("28 bytes of an event that was not wholly written are cut"),
    ]);
    await append(after, ["again"]);
    const records = await readAll(after);
    expect(records.map((record) => [record.id, textOf(record)])).toEqual([
      [1, "1"],
      [2, "2"],
      [3, "again"],
    ]);
  });

  it.each([1, 7, 12, 28])("starts with any number of bytes at its end: %i", async (extra) => {
    const before = openLog();
    await append(before, numbers(1, 3));
    await close(before);
    appendFileSync(join(folder, segments()[0] as string), Buffer.alloc(extra, 0xa5));
    const after = openLog();
    expect((await readAll(after)).map(textOf)).toEqual(["1", "2", "3"]);
    expect(problems).toHaveLength(1);
  });

  it("sends again what it cannot read to be done", async () => {
    const before = openLog();
    await append(before, numbers(1, 3));
    before.ack(1);
    before.writeAcks();
    before.ack(3);
    await close(before);
    const path = join(folder, "acks");
    truncateSync(path, statSync(path).size - 3);
    const after = openLog();
    expect((await readAll(after)).map(textOf)).toEqual(["2", "3"]);
    expect(problems).toEqual([expect.stringContaining("17 bytes about delivered events cannot be read")]);
  });
});

describe("a damaged segment", () => {
  async function threeSegments(): Promise<void> {
    const log = openLog();
    await append(log, wide(1, 400));
    await append(log, wide(401, 800));
    await append(log, wide(801, 900));
    await close(log);
  }

  function damage(name: string, at: number): void {
    const path = join(folder, name);
    const content = readFileSync(path);
    content[at] = (content[at] as number) ^ 0xff;
    writeFileSync(path, content);
  }

  it("is reported and set aside, and loses the event that is damaged alone", async () => {
    await threeSegments();
    damage("0000000000000401.log", 16 + 200 * 40 + 60);
    const log = openLog();
    const ids = (await readAll(log)).map(({ id }) => id);
    expect(ids).toHaveLength(899);
    expect(
      numbers(401, 800)
        .map(Number)
        .filter((id) => !ids.includes(id)),
    ).toHaveLength(1);
    expect(problems).toEqual([
      expect.stringMatching(
        /a wrong checksum at byte 7996: set aside as .*; 399 of its events are whole and kept, 1 are lost/,
      ),
    ]);
    expect(lost).toBe(1);
    expect(readdirSync(folder).filter((name) => name.endsWith(".corrupt"))).toHaveLength(1);
    expect(log.waiting).toBe(899);
  });

  it("loses no event of another segment where nothing of it can be read", async () => {
    await threeSegments();
    writeFileSync(join(folder, "0000000000000401.log"), Buffer.alloc(80_000, 7));
    const log = openLog();
    expect((await readAll(log)).map(({ id }) => id)).toEqual(
      [...numbers(1, 400), ...numbers(801, 900)].map(Number),
    );
    expect([log.waiting, lost]).toEqual([500, 400]);
  });

  it("is mended at the start where it is the last one", async () => {
    await threeSegments();
    damage("0000000000000801.log", 16 + 60);
    const log = openLog();
    expect(problems).toEqual([
      expect.stringMatching(/damaged, set aside as .*; 99 of its events are whole and kept/),
      expect.stringContaining("1 events are lost"),
    ]);
    expect([log.recovered, log.lost]).toEqual([899, 1]);
    expect((await readAll(log)).at(800)?.id).toBe(802);
  });
});

describe("a log that goes on", () => {
  it("is not mended twice: a segment with whole events alone is no damaged one", async () => {
    const before = openLog();
    await append(before, wide(1, 50));
    await close(before);
    const path = join(folder, segments()[0] as string);
    const content = readFileSync(path);
    content[1_000] = 0;
    writeFileSync(path, content);
    await close(openLog());
    expect(problems).toHaveLength(2);
    const again = openLog();
    expect([problems.length, again.recovered, again.lost]).toEqual([2, 49, 0]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".corrupt"))).toHaveLength(1);
  });

  it("counts the events of a segment that is missing as lost, when it comes to them", async () => {
    const before = openLog();
    for (const from of [1, 401, 801]) await append(before, wide(from, from + 399));
    await close(before);
    rmSync(join(folder, "0000000000000401.log"));
    const log = openLog();
    expect(log.recovered).toBe(1_200);
    const ids = (await readAll(log)).map(({ id }) => id);
    expect(ids).toEqual([...numbers(1, 400), ...numbers(801, 1_200)].map(Number));
    expect([lost, log.waiting]).toEqual([400, 800]);
    expect(problems).toEqual([expect.stringContaining("400 events before number 801 are lost")]);
  });

  it("mends the segment that it writes to, and writes on", async () => {
    const log = openLog();
    await append(log, wide(1, 100));
    const path = join(folder, segments()[0] as string);
    const content = readFileSync(path);
    content[1_000] = 0;
    writeFileSync(path, content);
    log.append({ text: '"while it is mended"', meta: undefined });
    const [first] = await Promise.all([log.read(), log.flush()]);
    const rest = await readAll(log);
    await append(log, ['"behind it"']);
    const ids = [...first, ...rest, ...(await readAll(log))].map(({ id }) => id);
    expect([lost, ids.length, new Set(ids).size]).toEqual([1, 101, 101]);
    await close(log);
    expect(openLog().recovered).toBe(101);
  });

  it("begins a segment anew of which a process that died had written no event", async () => {
    const before = openLog();
    await append(before, wide(1, 400));
    await close(before);
    for (const size of [0, 7, 16]) {
      writeFileSync(
        join(folder, "0000000000000401.log"),
        readFileSync(join(folder, segments()[0] as string)).subarray(0, size),
      );
      const log = openLog();
      expect(log.recovered, `${size} bytes`).toBe(400);
      await append(log, ["401"]);
      const last = (await readAll(log)).at(-1) as LogRecord;
      expect([last.id, textOf(last)]).toEqual([401, "401"]);
      log.ack(401);
      await close(log);
      rmSync(join(folder, "acks"));
      rmSync(join(folder, "0000000000000401.log"), { force: true });
    }
  });

  it("gives a large last segment back when everything in it is done", async () => {
    const log = openLog();
    await append(log, wide(1, 400));
    await readAll(log);
    for (let id = 1; id <= 400; id++) log.ack(id);
    log.writeAcks();
    expect([segments(), log.bytes]).toEqual([[], 0]);
    await append(log, ["401"]);
    expect((await readAll(log)).map(({ id }) => id)).toEqual([401]);
    expect(segments()).toEqual(["0000000000000401.log"]);
  });

  it("does not end before a read has ended", async () => {
    const before = openLog();
    await append(before, wide(1, 300));
    const reading = before.read();
    await close(before);
    expect((await reading).length).toBeGreaterThan(0);
  });
});

describe("the memory of a log", () => {
  it("does not grow with what waits", async () => {
    const log = openLog({ segmentBytes: 8_388_608 });
    const text = `{"pad":"${"z".repeat(1_000)}"}`;
    const fill = async (count: number): Promise<number> => {
      for (let i = 0; i < count; i++) {
        log.append({ text, meta: undefined });
        if (i % 1_000 === 999) await log.flush();
      }
      await collect();
      return process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    };
    await fill(5_000);
    const before = await fill(5_000);
    const after = await fill(50_000); // 50 MB more wait
    expect(log.waiting).toBe(60_000);
    expect(after - before).toBeLessThan(5_000_000);
  });
});
