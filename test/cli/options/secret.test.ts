import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pairs, pemFile, secret } from "../../../src/cli/options/kind.ts";
import { revealed } from "../../../src/cli/options/secret.ts";
import { makeFile, makeFolder } from "../../connect/support/folder.ts";

describe("a secret that is named instead of said", () => {
  it("is a variable of the environment or a file, alone or behind a word", async () => {
    const path = await makeFile("token", "from a file\r\n");
    const environment = { TOKEN: "from the environment" };
    expect(revealed("@env:TOKEN", environment)).toBe("from the environment");
    expect(revealed("Bearer @env:TOKEN", environment)).toBe("Bearer from the environment");
    expect(revealed(`@file:${path}`, environment)).toBe("from a file");
    expect(revealed(`Basic @file:${path}`, environment)).toBe("Basic from a file");
  });

  it("is nothing else: an address of mail, and what is written with two @", () => {
    for (const text of ["me@env:TOKEN", "plain", "@other:x", ""]) expect(revealed(text, {})).toBe(text);
    expect(revealed("@@env:TOKEN", {})).toBe("@env:TOKEN");
    expect(revealed("Bearer @@file:x", {})).toBe("Bearer @file:x");
  });

  it("that is not there is an error which names it", async () => {
    const folder = await makeFolder();
    const empty = join(folder, "empty");
    await writeFile(empty, "\n");
    expect(() => revealed("@env:NONE", { NONE: "" })).toThrow("must find NONE in the environment");
    expect(() => revealed(`@file:${folder}/none`)).toThrow(`${folder}/none cannot: no such file`);
    expect(() => revealed(`@file:${empty}`)).toThrow("has a line feed alone");
  });
});

describe("kinds of options with secrets", () => {
  it("never say the value", () => {
    const kind = secret("<x>", (value) => {
      if (value !== "good")
        throw Object.assign(new TypeError("x must be good"), { code: "ERR_OPTION", option: "x" });
    });
    expect(kind.parse("good")).toBe("good");
    expect(() => kind.parse("hunter2")).toThrow("must be good");
    expect(() => kind.parse("hunter2", "hunter1")).toThrow(/^was given already$/);
    expect(() => kind.check(7)).toThrow("must be a string");
  });

  it("reveal the values of pairs, where those are secrets", () => {
    const split = (text: string) => text.split("=") as [string, string];
    const kind = pairs("<a=b>", { split, wanted: "a=b", isSecret: true });
    process.env.BLUESMOKE_TEST_SECRET = "s";
    expect(kind.parse("a=Bearer @env:BLUESMOKE_TEST_SECRET")).toEqual({ a: "Bearer s" });
    expect(kind.check({ a: "@env:BLUESMOKE_TEST_SECRET" })).toEqual({ a: "s" });
    delete process.env.BLUESMOKE_TEST_SECRET;
    expect(pairs("<a=b>", { split, wanted: "a=b" }).parse("a=@env:X")).toEqual({ a: "@env:X" });
  });

  it("read files in PEM", async () => {
    const [pem, other] = [await makeFile("a.pem", "-----BEGIN X-----\n"), await makeFile("b.pem", "x")];
    expect(pemFile("<file>").parse(pem)).toBe("-----BEGIN X-----\n");
    expect(() => pemFile("<file>").parse(other)).toThrow(`${other} has no -----BEGIN`);
    expect(() => pemFile("<file>").check(1)).toThrow("must be a path");
  });
});
