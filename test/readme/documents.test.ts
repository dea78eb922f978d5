/**
 * Every block of every document is code that is compiled and run, or says why not by what it is: `text` is output, `sh` a command
 * line. Documents with a test of their own have theirs run there.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compile } from "../../src/trickle/index.ts";
import { walOperator } from "../../src/wal/index.ts";
import { blocksOf, compileAll, outputsOf } from "./programs.ts";

const ROOT = join(import.meta.dirname, "../..");
const PATIENCE_MS = 30_000;

/** What the tests of a document run themselves. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "README.md": ["ts", "js", "trickle"],
  "docs/brokers.md": ["js"],
  "docs/browsers.md": ["ts"],
  "docs/connectors.md": ["ts"],
  "docs/entries.md": ["js"],
  "docs/fleet.md": ["js"],
  "docs/from-cockatiel.md": ["js before", "js after"],
  "docs/from-opossum.md": ["js before", "js after"],
  "docs/guide.md": ["ts"],
  "docs/rfc-0005.md": ["trickle"],
  "docs/testing.md": ["js app", "js vitest", "js jest", "js node:test", "js sinon"],
  "docs/trickle.md": ["ts", "trickle", "trickle wrong"],
  "docs/wal.md": ["trickle"],
};
/** A block that cannot be run says why. */
const NOT_RUN = /^\w+ not run: \S.{9,}$/;
/** Kinds that are run here. */
const RUN = ["ts", "js", "trickle"];

const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "bench/README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

const textOf = (document: string): string => readFileSync(join(ROOT, document), "utf8");

/** What links to the headings of a document end in, as the usual viewers make it of their text. */
function anchorsOf(document: string): string[] {
  const headings = [...textOf(document).matchAll(/^#+ (.*)$/gm)].map((found) => found[1]!);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

/** Blocks of a document that nobody else runs. */
function ownBlocks(document: string, kind: string): string[] {
  return ELSEWHERE[document]?.includes(kind) ? [] : blocksOf(textOf(document), kind);
}

describe.each(DOCUMENTS)("%s", (document) => {
  beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  it("has blocks of known kinds only", () => {
    const fences = [...textOf(document).matchAll(/^```(.*)$/gm)].map((found) => found[1]!);
    const opening = fences.filter((_, n) => n % 2 === 0);
    expect(fences.length % 2, "a block that does not end").toBe(0);
    const known = [...RUN, "sh", "text", ...(ELSEWHERE[document] ?? [])];
    expect(opening.filter((kind) => !known.includes(kind) && !NOT_RUN.test(kind))).toEqual([]);
  });

  it("opens with a sentence", () => {
    const [title, first] = textOf(document).split(/\n\n+/);
    expect(title).toMatch(/^# [^\n]+$/);
    expect(first).toMatch(/^[\w`[].*[.:](\s|$)/s);
    expect(first).not.toMatch(/^(```|\||- |#)/);
  });

  it("links to files and headings that there are", () => {
    const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)];
    const dead = links.filter(([, path, heading]) => {
      const target = path === "" ? document : normalize(join(dirname(document), path!));
      return !existsSync(join(ROOT, target)) || (heading !== "" && !anchorsOf(target).includes(heading!));
    });
    expect(dead.map(([link]) => link)).toEqual([]);
  });

  it("has programs that compile and run", async () => {
    const programs = ownBlocks(document, "ts");
    if (programs.length === 0) return;
    const files = compileAll(document.replaceAll(/\W/g, "-"), programs);
    for (const file of files) await import(/* @vite-ignore */ file);
  });

  it("has programs for Node that run", { timeout: PATIENCE_MS }, () => {
    const programs = ownBlocks(document, "js");
    expect(outputsOf(`${document.replaceAll(/\W/g, "-")}-js`, programs)).toHaveLength(programs.length);
  });

  it("has pipelines that compile", () => {
    for (const pipeline of ownBlocks(document, "trickle"))
      expect(compile(pipeline, { operators: [walOperator()] }).warnings).toEqual([]);
  });

  it("has command lines of programs that there are", () => {
    const { scripts, bin } = JSON.parse(textOf("package.json")) as { scripts: object; bin: object };
    const lines = blocksOf(textOf(document), "sh").flatMap((block) => block.split("\n"));
    for (const line of lines.filter((one) => /\S/.test(one))) {
      const [, script] = /npm run (\S+)/.exec(line) ?? [];
      const [, example] = /^node (examples\/\S+)/.exec(line) ?? [];
      if (example !== undefined) expect(textOf(example)).not.toBe("");
      else if (script !== undefined) expect(scripts, line).toHaveProperty(script);
      else
        expect(line).toMatch(
          new RegExp(
            `^ *(?:npm ci && npm (?:start|test)|npm install bluesmoke$|(?:npx )?(?:${Object.keys(bin).join("|")}) |curl |--)`,
          ),
        );
    }
  });
});

it("docs/README.md leads to every document of its folder", () => {
  const linked = [...textOf("docs/README.md").matchAll(/\]\(([^)#]+)/g)].map((found) => `docs/${found[1]}`);
  const own = DOCUMENTS.filter((document) => document.startsWith("docs/") && document !== "docs/README.md");
  expect(own.filter((document) => !linked.includes(document))).toEqual([]);
});
