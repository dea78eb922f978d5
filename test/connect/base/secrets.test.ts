import { describe, expect, it } from "vitest";
import { ConnectError } from "../../../src/connect/base/errors.ts";
import { withoutSecrets } from "../../../src/connect/base/secrets.ts";
import { resolveHttpOptions } from "../../../src/connect/http/http-options.ts";
import { HttpSink } from "../../../src/connect/http/http-sink.ts";

describe("what is printed of a URL", () => {
  it.each([
    ["http://host/in?token=abc&x=&empty", "http://host/in?token=***&x=&empty"],
    ["https://user:pass@host:1/in?a=b#c", "https://host:1/in?a=***#c"],
    ["http://us:er:p@ss@host/", "http://host/"],
    ["tcp://token@host:1", "tcp://host:1"],
    ["a?b=c.ndjson", "a?b=c.ndjson"],
    ["give http://host/?key=1, or a file", "give http://host/?key=*** or a file"],
  ])("has no user, no password and no value of its query: %s", (url, shown) => {
    expect(withoutSecrets(url)).toBe(shown);
  });

  it("goes for the name of a sink, and for errors about one", () => {
    const name = "http://127.0.0.1:1/in?token=***";
    expect(new HttpSink("http://me:secret@127.0.0.1:1/in?token=secret").name).toBe(name);
    const error = new ConnectError("ERR_SINK", { where: "http://me:secret@host/?k=secret", what: "is bad" });
    expect(`${error.message} ${error.where}`).not.toContain("secret");
    expect(() => new HttpSink("http://me:sec ret@%zz/?k=secret")).not.toThrow(/secret/);
    expect(() => resolveHttpOptions({ headers: { authorization: "secret\n" } })).not.toThrow(/secret/);
  });
});
