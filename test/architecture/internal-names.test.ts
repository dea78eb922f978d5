import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./packed.ts";

const FILES = ["dist/esm", "dist/cjs"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js"))
    .map((file) => join(folder, file)),
);

describe("an internal name", () => {
  it.each(FILES)("stands in no quotes, where the build would not shorten it: %s", (file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    expect(text.match(/(["'`])_[a-z]\w*\1/g) ?? []).toEqual([]);
  });
});
