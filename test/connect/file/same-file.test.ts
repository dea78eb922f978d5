import { link, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { refuseSharedFiles } from "../../../src/connect/file/same-file.ts";
import { makeFile, makeFolder } from "../support/folder.ts";

describe("refuseSharedFiles", () => {
  it("refuses a source that a sink would empty", async () => {
    const path = await makeFile("events.ndjson", "1\n");
    await expect(refuseSharedFiles(path, ["-", path])).rejects.toMatchObject({
      code: "ERR_SINK",
      message: `${path}: cannot be written: it is read in the same run\ngive each source and sink a file of its own`,
    });
  });

  it("refuses two sinks on one file, also before it exists", async () => {
    const folder = await makeFolder();
    await expect(
      refuseSharedFiles("-", [join(folder, "out"), `${folder}/./sub/../out`]),
    ).rejects.toMatchObject({ message: expect.stringContaining("it is written in the same run") });
  });

  it("sees through links", async () => {
    const path = await makeFile("events.ndjson", "1\n");
    await symlink(path, `${path}.soft`);
    await link(path, `${path}.hard`);
    await expect(refuseSharedFiles(path, [`${path}.soft`])).rejects.toThrow();
    await expect(refuseSharedFiles(path, [`${path}.hard`])).rejects.toThrow();
  });

  it("sees through a link to a folder, also before the file exists", async () => {
    const folder = await makeFolder();
    await symlink(folder, `${folder}.link`);
    onTestFinished(() => rm(`${folder}.link`));
    const sinks = [join(folder, "out"), join(`${folder}.link`, "out")];
    await expect(refuseSharedFiles("-", sinks)).rejects.toThrow("it is written in the same run");
  });

  it("sees through links to a file that does not exist yet", async () => {
    const folder = await makeFolder();
    await symlink("b", join(folder, "a"));
    await symlink(join(folder, "out"), join(folder, "b"));
    const sinks = [join(folder, "a"), join(folder, "out")];
    await expect(refuseSharedFiles("-", sinks)).rejects.toThrow("it is written in the same run as");
  });

  it("allows different files, and sharing of stdin, stdout, URLs, devices and the null sink", async () => {
    const path = await makeFile("events.ndjson", "1\n");
    const url = "http://127.0.0.1:1/";
    await refuseSharedFiles(path, [
      `${path}.out`,
      "-",
      "-",
      url,
      url,
      "/dev/null",
      "/dev/null",
      "null:",
      "null:",
    ]);
    await refuseSharedFiles("-", ["-"]);
  });
});
