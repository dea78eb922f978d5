import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppendBuffer } from "../../../src/wal/log/append-buffer.ts";
import { HEAD_SIZE, MARKER } from "../../../src/wal/log/record.ts";
import { type Scan, scanSegment } from "../../../src/wal/log/scan.ts";
import { headerOf, SEGMENT_HEADER_SIZE } from "../../../src/wal/log/segment.ts";
import { seeded } from "../support/seeded.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bluesmoke-scan-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A segment, and where each of its events ends. */
function segmentOf(texts: readonly string[], firstId = 1): { bytes: Buffer; ends: number[] } {
  const buffer = new AppendBuffer();
  const ends: number[] = [];
  for (const [index, text] of texts.entries()) {
    buffer.add(firstId + index, 0, undefined, text);
    ends.push(SEGMENT_HEADER_SIZE + buffer.byteLength);
  }
  return { bytes: Buffer.concat([headerOf(firstId), ...(buffer.take()?.parts ?? [])]), ends };
}

function scan(bytes: Uint8Array): Scan & { ids: number[]; texts: string[] } {
  const path = join(folder, "segment");
  writeFileSync(path, bytes);
  const ids: number[] = [];
  const texts: string[] = [];
  const result = scanSegment({ path, firstId: 1 }, ({ id, bytes: window, start, end }) => {
    ids.push(id);
    texts.push(Buffer.from(window.subarray(start, end)).toString());
  });
  return { ...result, ids, texts };
}

const TEXTS = ["1", `"${"a".repeat(500)}"`, '{"ü":"€"}', "[]", `"${"b".repeat(90)}"`];

describe("a scan", () => {
  it("visits every event of a sound segment", () => {
    const { bytes } = segmentOf(TEXTS);
    expect(scan(bytes)).toEqual({
      count: 5,
      lastId: 5,
      soundBytes: bytes.length,
      badBytes: 0,
      isDamaged: false,
      ids: [1, 2, 3, 4, 5],
      texts: TEXTS,
    });
  });

  it("finds at every length what is whole, and takes a cut end for no damage", () => {
    const { bytes, ends } = segmentOf(TEXTS);
    for (let length = 0; length < bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      const sound = length < SEGMENT_HEADER_SIZE ? 0 : (ends[whole - 1] ?? SEGMENT_HEADER_SIZE);
      expect(scan(bytes.subarray(0, length)), `${length} bytes`).toMatchObject({
        count: whole,
        soundBytes: sound,
        badBytes: length - sound,
        isDamaged: false,
      });
    }
  });

  it("loses one event where one byte of it is wrong, whichever it is", () => {
    const { bytes, ends } = segmentOf(TEXTS);
    for (let at = SEGMENT_HEADER_SIZE; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 0x10;
      const lost = ends.findIndex((end) => at < end) + 1;
      const { ids, isDamaged } = scan(damaged);
      expect(ids, `byte ${at}`).toEqual([1, 2, 3, 4, 5].filter((id) => id !== lost));
      // A length that is too large looks as if the end were cut.
      if (lost < 5) expect(isDamaged, `byte ${at}`).toBe(true);
    }
  });

  it("finds events behind a damaged header of the segment", () => {
    const { bytes } = segmentOf(TEXTS);
    bytes[3] = 0;
    expect(scan(bytes)).toMatchObject({ ids: [1, 2, 3, 4, 5], isDamaged: true, soundBytes: 0 });
  });

  it("passes over megabytes of anything, and over markers that begin no event", () => {
    const { bytes, ends } = segmentOf(TEXTS);
    const cut = ends[1] as number;
    const random = seeded(7);
    for (const fill of [
      () => 0,
      () => 0xff,
      () => random() * 256,
      (at: number) => MARKER[at % 4] as number,
    ]) {
      const garbage = Uint8Array.from({ length: 1_200_001 }, (_, at) => fill(at));
      const result = scan(Buffer.concat([bytes.subarray(0, cut), garbage, bytes.subarray(cut)]));
      expect(result).toMatchObject({ ids: [1, 2, 3, 4, 5], badBytes: garbage.length, isDamaged: true });
    }
  });

  it("reads events that are larger than its window", () => {
    const texts = ["1", `"${"w".repeat(3_000_000)}"`, "3", `"${"w".repeat(1_048_500)}"`, "5"];
    expect(scan(segmentOf(texts).bytes).texts.map((text) => text.length)).toEqual(
      texts.map((text) => text.length),
    );
  });

  it("does not take an older event for one that follows", () => {
    const { bytes } = segmentOf(TEXTS);
    const old = bytes.subarray(SEGMENT_HEADER_SIZE, SEGMENT_HEADER_SIZE + HEAD_SIZE + 1);
    expect(scan(Buffer.concat([bytes, old]))).toMatchObject({ ids: [1, 2, 3, 4, 5], isDamaged: true });
  });
});
