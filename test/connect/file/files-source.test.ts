import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { refuseSharedFiles } from "../../../src/connect/file/same-file.ts";
import { openSource } from "../../../src/connect/open.ts";
import { dataOf } from "../../ndjson/reading.ts";
import { makeFolder } from "../support/folder.ts";
import { pullAll } from "../support/pulling.ts";

/** A folder with files; their contents by their paths. */
async function makeFiles(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await makeFolder();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

async function read(pattern: string): Promise<unknown[]> {
  const source = await openSource(pattern);
  const items = await pullAll(source);
  await source.close();
  return dataOf(items);
}

describe("a source of a pattern", () => {
  it("reads the files that match, in the order of their names, compressed ones too", async () => {
    const folder = await makeFiles({
      "b.ndjson": "2",
      "a.ndjson.gz": gzipSync("1"),
      "c.ndjson": "3\n",
      "c.txt": "9",
      ".hidden.ndjson": "9",
      "sub/d.ndjson": "9",
    });
    expect(await read(`${folder}/*.ndjson*`)).toEqual([1, 2, 3]);
    expect(await read(`${folder}/[bc].ndjson`)).toEqual([2, 3]);
    expect(await read(`${folder}/[!b].ndjson`)).toEqual([3]);
    expect(await read(`${folder}/?.ndjson`)).toEqual([2, 3]);
    expect(await read(`${folder}/.*.ndjson`)).toEqual([9]);
  });

  it("reads folders of any depth for two stars", async () => {
    const folder = await makeFiles({
      "0.gz": gzipSync("0"),
      "x/1.gz": gzipSync("1"),
      "x/y/2.gz": gzipSync("2"),
      "x/y/3": "3",
    });
    expect(await read(`${folder}/**/*.gz`)).toEqual([0, 1, 2]);
    expect(await read(`${folder}/x/**`)).toEqual([1, 2, 3]);
    await symlink(folder, join(folder, "x/circle"));
    expect(await read(`${folder}/**/*.gz`)).toEqual([0, 1, 2]);
  });

  it("takes a file for itself whose name has a star in it", async () => {
    const folder = await makeFiles({ "a*.ndjson": "1", "ab.ndjson": "2" });
    expect(await read(`${folder}/a*.ndjson`)).toEqual([1]);
  });

  it("names the file of what is malformed", async () => {
    const folder = await makeFiles({ "a.ndjson": "1\nno\n", "b.ndjson": "no\n" });
    const source = await openSource(`${folder}/*`);
    const items = await pullAll(source);
    await source.close();
    expect(items.flatMap((item) => ("malformed" in item ? [item.malformed] : []))).toMatchObject([
      { file: `${folder}/a.ndjson`, line: 2 },
      { file: `${folder}/b.ndjson`, line: 1 },
    ]);
  });

  it("is refused where nothing matches", async () => {
    const folder = await makeFiles({ "a.ndjson": "" });
    for (const pattern of [`${folder}/*.gz`, `${folder}/none/*`, `${folder}/a.ndjson/*`]) {
      await expect(openSource(pattern)).rejects.toThrow(
        `${pattern}: cannot be read: no file matches the pattern\n`,
      );
    }
  });

  it("is refused where a sink writes to one of its files", async () => {
    const folder = await makeFiles({ "a.ndjson": "1", "b.ndjson": "2" });
    await expect(refuseSharedFiles(`${folder}/*.ndjson`, [`${folder}/b.ndjson`])).rejects.toThrow(
      "cannot be written: it is read in the same run",
    );
    await refuseSharedFiles(`${folder}/a*.ndjson`, [`${folder}/b.ndjson`]);
  });
});
