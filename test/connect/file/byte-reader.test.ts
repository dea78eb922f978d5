import { writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { CHUNK_SIZE, FileBytes } from "../../../src/connect/file/byte-reader.ts";
import { makeFile } from "../support/folder.ts";

/** Bytes that differ at every place within any two chunks. */
function content(length: number): Buffer {
  return Buffer.from(
    Array.from({ length }, (_, place) => (place * 7 + Math.floor(place / CHUNK_SIZE)) % 251),
  );
}

describe("the bytes of a file, which are read ahead", () => {
  it("are all there and in order", async () => {
    const path = await makeFile("bytes", "");
    const bytes = content(3 * CHUNK_SIZE + 1);
    await writeFile(path, bytes);
    const file = await FileBytes.open(path);
    const chunks: Buffer[] = [];
    for (let chunk = await file.read(); chunk !== undefined; chunk = await file.read()) {
      chunks.push(Buffer.from(chunk));
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(await file.read()).toBeUndefined();
    await file.close();
  });

  it("stay what they are until the next ones are asked for", async () => {
    const path = await makeFile("bytes", "");
    const bytes = content(2 * CHUNK_SIZE);
    await writeFile(path, bytes);
    const file = await FileBytes.open(path);
    for (const start of [0, CHUNK_SIZE]) {
      const chunk = await file.read();
      await wait(20); // the read ahead has come to its end
      expect(chunk?.equals(bytes.subarray(start, start + CHUNK_SIZE))).toBe(true);
    }
    await file.close();
  });

  it("end when the file is closed, whatever was read ahead", async () => {
    const path = await makeFile("bytes", "");
    await writeFile(path, content(3 * CHUNK_SIZE));
    const file = await FileBytes.open(path);
    await file.read();
    const next = file.read();
    await file.close();
    expect(await next).toBeUndefined();
    expect(await file.read()).toBeUndefined();
  });
});
