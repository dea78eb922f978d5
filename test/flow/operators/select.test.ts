import { describe, expect, it } from "vitest";
import { Select, type SelectParts } from "../../../src/flow/operators/select.ts";
import { counts, graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";

async function selecting(parts: SelectParts, values: readonly unknown[]) {
  const [out, err, before] = [new HandSink(), new HandSink(), new Witness()];
  const links = ["in > before", "before > select", "select > out/out", "select/err > out/err"];
  const graph = await started(graphOf({ before, select: new Select(parts) }, ...links), { out, err });
  pushAll(graph, values);
  const answers = before.insights.filter(({ id }) => id > 0).map((insight) => insight.kind);
  return { out, err, accounting: counts(graph.accounting), answers };
}

describe("select", () => {
  it("without parts passes every event on as it is", async () => {
    const { out, accounting } = await selecting({}, [1, undefined, "x"]);
    expect(out.data).toEqual([1, undefined, "x"]);
    expect(accounting).toEqual({ read: 3, delivered: 3 });
  });

  it("changes the data to what is projected", async () => {
    const { out } = await selecting({ project: (event) => ({ twice: Number(event.data) * 2 }) }, [1, 2]);
    expect(out.data).toEqual([{ twice: 2 }, { twice: 4 }]);
  });

  it("leaves out what `where` is false for, by the old data, and gives its correlations back", async () => {
    const parts: SelectParts = { where: (event) => event.data === 1, project: () => "new" };
    const { out, accounting, answers } = await selecting(parts, [1, 2]);
    expect(out.data).toEqual(["new"]);
    expect(accounting).toEqual({ read: 2, delivered: 1, filtered: 1 });
    expect(answers).toEqual(["ack", "release"]);
  });

  it("leaves out what `having` is false for, by the new data", async () => {
    const parts: SelectParts = {
      project: (event) => Number(event.data) + 1,
      having: (event) => event.data === 2,
    };
    const { out, accounting } = await selecting(parts, [1, 2]);
    expect(out.data).toEqual([2]);
    expect(accounting).toEqual({ read: 2, delivered: 1, filtered: 1 });
  });

  it.each(["where", "project", "having"] as const)(
    "sends an event that `%s` throws on to err, with its old data and what was wrong, and goes on",
    async (part) => {
      const fails = (event: { data: unknown }): boolean => {
        if (event.data === "bad" || part === "having") throw new TypeError("no such field");
        return true;
      };
      const parts: SelectParts = { project: (event) => event.data, [part]: fails };
      const { err, accounting } = await selecting(parts, ["bad"]);
      expect(err.data).toEqual(["bad"]);
      expect(err.events[0]?.meta).toEqual({ error: "no such field" });
      expect(accounting).toEqual({ read: 1, err: 1 });
    },
  );

  it("names whatever was thrown, also when it is no Error", async () => {
    const parts: SelectParts = {
      where: () => {
        throw "just text";
      },
    };
    const { err } = await selecting(parts, [1]);
    expect(err.events[0]?.meta).toEqual({ error: "just text" });
  });

  it("restores the data when `having` throws after the projection", async () => {
    const parts: SelectParts = {
      project: () => "new",
      having: () => {
        throw new Error("x");
      },
    };
    const { err } = await selecting(parts, ["old"]);
    expect(err.data).toEqual(["old"]);
  });
});
