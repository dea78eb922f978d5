import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MEMBERS } from "../../scripts/steps/internal-names.mjs";
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

/** Files in which a user, a runtime or another package names properties. */
const NAMING = [
  ["docs", ".md"],
  ["schemas", ".json"],
  ["node_modules/typescript/lib", ".d.ts"],
  ["node_modules/@types/node", ".d.ts"],
  ["node_modules/undici/types", ".d.ts"],
  ["node_modules/kafkajs/types", ".d.ts"],
  ["node_modules/redis/dist", ".d.ts"],
  ["node_modules/@redis", ".d.ts"],
  ["node_modules/@nats-io", ".d.ts"],
  ["node_modules/@opentelemetry/api/build/src", ".d.ts"],
].flatMap(([folder = "", ending = ""]) => {
  const isDocuments = folder === "docs"; // docs/adr/ and docs/reference/ name what is internal
  return readdirSync(join(ROOT, folder), { recursive: !isDocuments, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file));
});

describe("a member that the build shortens", () => {
  const names = new RegExp(`(?<![\\w-])(?:${MEMBERS.join("|")})(?![\\w-])`, "g");

  it("is a property of nothing that others know", () => {
    expect(NAMING.length).toBeGreaterThan(100);
    const known = ["README.md", ...NAMING].flatMap((file) =>
      (readFileSync(join(ROOT, file), "utf8").match(names) ?? []).map((name) => `${file}: ${name}`),
    );
    expect(known).toEqual([]);
  });

  it("is in no built file under its long name, nor in quotes", () => {
    const left = FILES.flatMap((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      const member = new RegExp(
        `(?<!\\.)\\.(?:${MEMBERS.join("|")})\\b|(["'])(?:${MEMBERS.join("|")})\\1`,
        "g",
      );
      return (text.match(member) ?? []).map((name) => `${file}: ${name}`);
    });
    expect(left).toEqual([]);
  });
});
