import { describe, expect, it } from "vitest";
import { Endpoint } from "../../connect/support/endpoint.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmokeOn } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

describe("--format", () => {
  it.each([
    [["--format", "json"], "application/json", '[{"id":1,"host":"a"}]'],
    [
      ["--format", "influx", "--influx-measurement", "m", "--influx-tag", "host"],
      "text/plain; charset=utf-8",
      "m,host=a id=1i",
    ],
  ])("makes the body of a request: %j", async (flags, type, body) => {
    const endpoint = await Endpoint.open();
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const run = ["run", pipeline, "--in", "-", "--out", endpoint.url, ...flags];
    expect((await bluesmokeOn('{"id":1,"host":"a"}\n', ...run)).code).toBe(0);
    expect(endpoint.received[0]?.headers["content-type"]).toBe(type);
    expect(endpoint.received[0]?.body.trim()).toBe(body);
  });

  it("refuses a name that is none", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const ended = await bluesmokeOn(
      "",
      "run",
      pipeline,
      "--in",
      "-",
      "--out",
      "http://127.0.0.1:1/",
      "--format",
      "xml",
    );
    expect(ended.stderr).toContain('It must be one of ndjson, json, elastic, influx, got "xml".');
    expect(ended.code).toBe(2);
  });
});
