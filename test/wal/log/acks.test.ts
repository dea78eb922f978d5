import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ACK_FILE, AckFile, readAcks } from "../../../src/wal/log/acks.ts";
import { RangeSet } from "../../../src/wal/log/range-set.ts";
import { disk } from "../support/full-disk.ts";
import { seeded } from "../support/seeded.ts";

vi.mock("node:fs", async (original) => (await import("../support/full-disk.ts")).fullDisk(await original()));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bluesmoke-acks-"));
  disk.free = Number.POSITIVE_INFINITY;
});

afterEach(() => {
  disk.free = Number.POSITIVE_INFINITY;
  rmSync(folder, { recursive: true, force: true });
});

const doneIn = (): [number, number][] => readAcks(folder).done.ranges.map(({ from, to }) => [from, to]);

describe("the file of acks", () => {
  it("has what was written, as ranges", () => {
    const file = new AckFile(folder, new RangeSet());
    for (const id of [1, 2, 3, 7, 5]) expect(file.add(id)).toBe(1);
    expect(file.add(2, 4)).toBe(1);
    expect(doneIn()).toEqual([]);
    file.write();
    file.close();
    expect(doneIn()).toEqual([
      [1, 5],
      [7, 7],
    ]);
  });

  it("is small where events are done one after the other, however many there are", () => {
    const file = new AckFile(folder, new RangeSet());
    for (let id = 1; id <= 400_000; id++) {
      file.add(id);
      if (id % 4 === 0) file.write();
    }
    expect(statSync(join(folder, ACK_FILE)).size).toBeLessThan(1_048_576 + 100);
    file.close();
    expect(doneIn()).toEqual([[1, 400_000]]);
  });

  it("loses one entry where one byte is wrong, and says so", () => {
    const file = new AckFile(folder, new RangeSet());
    for (const id of [1, 3, 5, 7]) {
      file.add(id);
      file.write();
    }
    file.close();
    const path = join(folder, ACK_FILE);
    const bytes = readFileSync(path);
    bytes[8 + 20 + 3] = 0x55;
    writeFileSync(path, bytes);
    expect(doneIn()).toEqual([
      [1, 1],
      [5, 5],
      [7, 7],
    ]);
    expect(readAcks(folder).lostBytes).toBe(20);
  });

  it("is read up to an entry that was cut", () => {
    const file = new AckFile(folder, new RangeSet());
    file.add(1, 9);
    file.write();
    file.close();
    appendFileSync(join(folder, ACK_FILE), Buffer.alloc(13, 1));
    expect([doneIn(), readAcks(folder).lostBytes]).toEqual([[[1, 9]], 13]);
  });

  it("says nothing is done where it is no file of acks, or is missing", () => {
    expect(doneIn()).toEqual([]);
    writeFileSync(join(folder, ACK_FILE), "something else");
    expect(readAcks(folder)).toMatchObject({ lostBytes: 14 });
    expect(doneIn()).toEqual([]);
  });

  it("writes what a full disk refused as soon as there is space, and nothing twice", () => {
    const file = new AckFile(folder, new RangeSet());
    file.add(1);
    file.write();
    file.add(3);
    file.add(5);
    for (const free of [0, 1, 19, 20, 33]) {
      disk.free = free;
      expect(() => file.write()).toThrow("ENOSPC");
      expect(readAcks(folder).lostBytes).toBe(0);
    }
    disk.free = Number.POSITIVE_INFINITY;
    file.add(9);
    file.write();
    file.close();
    expect(readAcks(folder).lostBytes).toBe(0);
    expect(doneIn().map(([from]) => from)).toEqual([1, 3, 5, 9]);
    expect(statSync(join(folder, ACK_FILE)).size).toBe(8 + 4 * 20);
  });

  it("keeps the old file where the new one cannot be written", () => {
    const done = new RangeSet();
    done.add(1, 100);
    new AckFile(folder, done).close();
    disk.free = 5;
    expect(() => new AckFile(folder, new RangeSet())).toThrow("ENOSPC");
    expect(doneIn()).toEqual([[1, 100]]);
  });

  it("agrees with a plain set after any ids in any order", () => {
    const random = seeded(11);
    const file = new AckFile(folder, new RangeSet());
    const known = new Set<number>();
    for (let i = 0; i < 3_000; i++) {
      const from = Math.floor(random() * 2_000) + 1;
      const to = from + Math.floor(random() * 3);
      let fresh = 0;
      for (let id = from; id <= to; id++) if (!known.has(id)) fresh++;
      expect(file.add(from, to)).toBe(fresh);
      for (let id = from; id <= to; id++) known.add(id);
      if (random() < 0.1) file.write();
    }
    file.write();
    file.close();
    const { done } = readAcks(folder);
    for (let id = 1; id <= 2_010; id++) expect(done.has(id)).toBe(known.has(id));
  });
});
