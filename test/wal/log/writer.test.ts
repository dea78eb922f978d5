import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { scanSegment } from "../../../src/wal/log/scan.ts";
import { type Segment, segmentsIn } from "../../../src/wal/log/segment.ts";
import { SegmentWriter, type Sync } from "../../../src/wal/log/writer.ts";
import { disk } from "../support/full-disk.ts";

vi.mock("node:fs", async (original) => (await import("../support/full-disk.ts")).fullDisk(await original()));

let folder: string;
let segments: Segment[];
let written: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bluesmoke-writer-"));
  segments = [];
  written = 0;
  disk.free = Number.POSITIVE_INFINITY;
});

afterEach(() => {
  disk.free = Number.POSITIVE_INFINITY;
  rmSync(folder, { recursive: true, force: true });
});

function writerOf(sync: Sync = "never", segmentBytes = 65_536): SegmentWriter {
  return new SegmentWriter({
    folder,
    segmentBytes,
    sync,
    segments,
    nextId: 1,
    onWritten: (count) => {
      written += count;
    },
  });
}

const text = (id: number): string => `{"id":${id},"pad":"${"p".repeat(200)}"}`;

function append(writer: SegmentWriter, count: number): void {
  for (let i = 0; i < count; i++) {
    const id = writer.writtenId + i + 1;
    writer.append(id, undefined, text(id));
  }
}

/** Ids of all whole records, and bytes of the segments that are none. */
function found(): { ids: number[]; badBytes: number } {
  const ids: number[] = [];
  let badBytes = 0;
  for (const segment of segmentsIn(folder)) {
    badBytes += scanSegment(segment, ({ id }) => ids.push(id)).badBytes;
  }
  return { ids, badBytes };
}

describe("a writer", () => {
  it.each(["always", "interval", "never"] as const)("writes what was appended, once: %s", async (sync) => {
    const writer = writerOf(sync);
    append(writer, 3);
    expect(found().ids).toEqual([]);
    await Promise.all([writer.flush(), writer.flush(), writer.sync()]);
    expect(found()).toEqual({ ids: [1, 2, 3], badBytes: 0 });
    expect([written, writer.writtenId, writer.pendingBytes]).toEqual([3, 3, 0]);
    writer.release();
  });

  it("begins another segment when one is large enough, in whole batches", async () => {
    const writer = writerOf("never", 1_000);
    for (let batch = 0; batch < 4; batch++) {
      append(writer, 3);
      await writer.flush();
    }
    expect(segmentsIn(folder).map(({ firstId }) => firstId)).toEqual([1, 7]);
    expect(segments.map(({ open, size }) => [open, size])).toEqual(
      segmentsIn(folder).map(({ size }) => [6, size]),
    );
    writer.release();
  });

  it("writes a batch of more parts than the system takes at once", async () => {
    const writer = writerOf("never", 1e9);
    const large = `"${"l".repeat(150_000)}"`; // each has a block of its own
    for (let i = 0; i < 1_100; i++) writer.append(0, undefined, large);
    await writer.flush();
    expect(found().ids).toHaveLength(1_100);
    writer.release();
  }, 30_000);

  it("goes on behind the last event when it has let go of its segment", async () => {
    const writer = writerOf();
    append(writer, 2);
    await writer.flush();
    writer.release();
    append(writer, 2);
    await writer.flush();
    expect(found()).toEqual({ ids: [1, 2, 3, 4], badBytes: 0 });
    writer.release();
  });
});

describe("a writer on a full disk", () => {
  it.each([0, 1, 15, 16, 17, 100, 700])(
    "leaves nothing half-written, and writes all of it when there is space again: %i bytes",
    async (free) => {
      const writer = writerOf();
      append(writer, 5);
      disk.free = free;
      await expect(writer.flush()).rejects.toThrow("ENOSPC");
      expect([found().ids, written]).toEqual([[], 0]);
      expect(writer.pendingBytes).toBeGreaterThan(5 * 200);
      append(writer, 5); // ids are those behind the five
      disk.free = 300;
      await expect(writer.flush()).rejects.toThrow("ENOSPC");
      disk.free = Number.POSITIVE_INFINITY;
      await writer.flush();
      expect(found()).toEqual({ ids: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], badBytes: 0 });
      expect([written, writer.pendingBytes]).toEqual([10, 0]);
      writer.release();
    },
  );

  it("keeps what was written before", async () => {
    const writer = writerOf();
    append(writer, 5);
    await writer.flush();
    const before = readFileSync(segments[0]?.path ?? "");
    append(writer, 5);
    disk.free = 777;
    await expect(writer.flush()).rejects.toThrow("ENOSPC");
    expect(readFileSync(segments[0]?.path ?? "")).toEqual(before);
    expect(segments[0]?.open).toBe(5);
    writer.release();
  });
});
