import { describe, expect, it, vi } from "vitest";
import { MappedSink } from "../../../src/cli/run/mapped-sink.ts";
import { reopenSinks } from "../../../src/cli/run/reopen.ts";
import { NullSink } from "../../../src/connect/null.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { numbered, start } from "../support/command.ts";
import { OPEN_ROAD } from "../support/pipeline.ts";

const PATIENCE = { timeout: 20_000, interval: 20 };

function sinkThat(reopen: () => Promise<void>) {
  return Object.assign(new NullSink(), { reopen });
}

describe("SIGHUP", () => {
  it("does not end a run", async () => {
    const pipeline = await makeFile("p.trickle", OPEN_ROAD);
    const running = start("run", pipeline, "--in", "-", "--out", "null:", "--status", "127.0.0.1:0");
    await vi.waitFor(() => expect(running.stderr).toContain("status at"), PATIENCE);
    running.feed(numbered(3));
    running.child.kill("SIGHUP");
    const said = "nothing to reopen: no sink is a file";
    await vi.waitFor(() => expect(running.stderr).toContain(said), PATIENCE);
    running.feed(numbered(2));
    running.child.stdin.end();
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("5 delivered");
    expect(code).toBe(0);
  });

  it("reopens every sink that can be, also one that another sink hands its events to", async () => {
    const said: string[] = [];
    const reopen = vi.fn(async () => {});
    const sinks = [new NullSink(), sinkThat(reopen), new MappedSink(sinkThat(reopen), () => {})];
    await reopenSinks(sinks, (line) => said.push(line));
    expect(reopen).toHaveBeenCalledTimes(2);
    expect(said).toEqual(["reopened null:", "reopened null:"]);
  });

  it("says what could not be reopened, and goes on", async () => {
    const said: string[] = [];
    const sinks = [sinkThat(() => Promise.reject(new Error("no permission"))), sinkThat(async () => {})];
    await reopenSinks(sinks, (line) => said.push(line));
    expect(said).toEqual([
      "warning: null: cannot be reopened, the old file is written on: no permission",
      "reopened null:",
    ]);
  });
});
