import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageReports, REPORTS, reportsOf } from "../../scripts/api.mjs";
import { makeFile } from "../connect/support/folder.ts";

/** Reports of declarations as if each text were an entry. */
async function reportsOfTexts(...texts: string[]): Promise<string[]> {
  const files = await Promise.all(texts.map((text, n) => makeFile(`entry${n}.d.ts`, text)));
  const entries = new Map(files.map((file, n) => [`entry${n}`, file]));
  return [...reportsOf(entries).values()];
}

describe("the report of the API", () => {
  it("is what the entries export; after a build npm run api writes it", () => {
    const reports = packageReports();
    expect(readdirSync(REPORTS).sort()).toEqual([...reports.keys()].sort());
    for (const [file, text] of reports) expect(readFileSync(join(REPORTS, file), "utf8"), file).toBe(text);
  });

  it("differs when a member, a parameter or an export changes", async () => {
    const text = "export declare class A { readonly b: number; c(d: string): void }\n";
    const [before] = await reportsOfTexts(text);
    const changes = [
      text.replace("b: number", "b: string"),
      text.replace("d: string", "d?: string"),
      text.replace("class A", "class B"),
      `${text}export declare const e = 1;\n`,
    ];
    for (const change of changes) expect(await reportsOfTexts(change)).not.toEqual([before]);
  });

  it("has neither comments nor private members, nor members whose names begin with an underscore", async () => {
    const [report] = await reportsOfTexts(`
      /** Of a class. */
      export declare class A {
        #secret;
        private d;
        _internal(e: Hidden): void;
        /** Of a member. */
        readonly b: number; // behind it
      }
      interface Hidden {}
      export {};
    `);
    expect(report!.replace(/\s+/g, " ")).toBe("# entry0 export declare class A { readonly b: number; } ");
  });

  it("has the types that exported ones need, also when they are not exported", async () => {
    const [report] = await reportsOfTexts(`
      interface Far { x: 1 }
      interface Near extends Far {}
      interface Unused {}
      export declare function f(near: Near): void;
      export {};
    `);
    const [exported, hidden] = report!.split("# not exported, part of the types above\n");
    expect(exported).toContain("export declare function f(near: Near): void;");
    expect(hidden).toMatch(/^\ninterface Far [\s\S]*interface Near extends Far/);
    expect(report).not.toContain("Unused");
  });

  it("throws where a declaration file does not parse", async () => {
    await expect(reportsOfTexts("export interface {")).rejects.toThrow(/entry0\.d\.ts: /);
  });
});
