/** Numbers that a `select` copies out of an event are written with the digits that were read. */
import { describe, expect, it } from "vitest";
import { run } from "../deploy.ts";

/** What a sink at `out` writes of events that were read from these texts. */
async function written(pipeline: string, ...texts: readonly string[]): Promise<readonly string[]> {
  const { graph, sinks } = await run(pipeline);
  for (const text of texts) graph.push(0, { data: JSON.parse(text), text, meta: { n: 1.5 } }, 0);
  expect(sinks.err?.data).toEqual([]);
  return (sinks.out?.events ?? []).map((event) => event.text ?? JSON.stringify(event.data));
}

/** Numbers that JavaScript writes with other digits. */
const CHANGED = [
  "9007199254740993",
  "-9007199254740993",
  "123456789012345678901234567890",
  "1e400",
  "-1E400",
  "1e-400",
  "-0",
  "-0.0",
  "1.0",
  "10.50",
  "1e2",
  "0.1000000000000000055511151231257827",
  "0.0000001",
  "1234567890.123456789",
];

describe("a number that a select copies keeps its digits", () => {
  it.each(CHANGED)("%s", async (digits) => {
    expect(JSON.stringify(JSON.parse(digits))).not.toBe(digits);
    const text = `{"id": ${digits}, "b": {"c": [1, ${digits} ]}, "s": "x"}`;
    expect(await written("select event.id from in into out;", text)).toEqual([digits]);
    expect(await written('select {"id": event.id} from in into out;', text)).toEqual([`{"id":${digits}}`]);
    expect(await written('select {"a": [event.b.c[1], event.s]} from in into out;', text)).toEqual([
      `{"a":[${digits},"x"]}`,
    ]);
    expect(await written('select {"a": event.b} from in into out;', text)).toEqual([
      `{"a":{"c": [1, ${digits} ]}}`,
    ]);
    expect(await written('select {"all": event} from in into out;', text)).toEqual([`{"all":${text}}`]);
  });

  it.each(["0", "-1", "12.5", "123456789012345", "9007199254740991", "-0.5", "1e400"])(
    "beside others: %s",
    async (digits) => {
      const [text] = await written(
        'select {"a": event.a, "b": event.b} from in into out;',
        `{"a":1.0,"b":${digits}}`,
      );
      expect(text).toBe(`{"a":1.0,"b":${digits}}`);
    },
  );

  it("through several selects, streams and a batch", async () => {
    const pipeline = `create stream s;
      define operator two from generic::batch with count = 2 end; create operator two;
      select {"x": event.a} from in into s;
      select {"y": event.x, "z": event} from s into two;
      select event from two into out;`;
    expect(await written(pipeline, '{"a":1e400}', '{"a":2.0}')).toEqual([
      '[{"y":1e400,"z":{"x":1e400}},{"y":2.0,"z":{"x":2.0}}]',
    ]);
  });

  it("where `having` compares the new data", async () => {
    const pipeline =
      'select {"id": event.a} from in into out having event.id == 9_007_199_254_740_991 or event.id > 5;';
    expect(await written(pipeline, '{"a":9007199254740993}')).toEqual(['{"id":9007199254740993}']);
  });

  it("where the key is computed, is there twice, or is written with an escape", async () => {
    expect(await written('select {"a": event[event.k]} from in into out;', '{"k":"id","id":1.0}')).toEqual([
      '{"a":1.0}',
    ]);
    expect(await written("select event.a from in into out;", '{"a":1,"a":2.0}')).toEqual(["2.0"]);
    expect(await written("select event.a from in into out;", '{"\\u0061":1.0}')).toEqual(["1.0"]);
  });

  it("where the key of the new record is computed, the later of two equal ones stays", async () => {
    const pipeline = 'select {"#{event.k}": event.a, "x": event.b} from in into out;';
    expect(await written(pipeline, '{"k":"x","a":1.0,"b":2.0}')).toEqual(['{"x":2.0}']);
    expect(await written(pipeline, '{"k":"y","a":1.0,"b":2.0}')).toEqual(['{"y":1.0,"x":2.0}']);
  });
});

describe("a value that a select computes", () => {
  it("stands beside those that it copies", async () => {
    const pipeline =
      'select {"id": event.id, "n": event.n + 1, "m": $n, "t": "a\\"#{event.n}", "l": event.n > 1} from in into out;';
    expect(await written(pipeline, '{"id":9007199254740993,"n":2.0}')).toEqual([
      '{"id":9007199254740993,"n":3,"m":1.5,"t":"a\\"2","l":true}',
    ]);
  });

  it("is a number of JavaScript", async () => {
    expect(await written("select event.a * 1 from in into out;", '{"a":9007199254740993}')).toEqual([
      "9007199254740992",
    ]);
  });
});

describe("the text of an event without such numbers", () => {
  it("is not looked for: the data are written", async () => {
    const { graph, sinks } = await run('select {"id": event.id, "s": event.s} from in into out;');
    const texts = ['{"id":1,"s":"1.0, -0, 1e5"}', '{"id":"9007199254740993","s":" 10:00:00.000Z"}'];
    for (const text of texts) graph.push(0, { data: JSON.parse(text), text }, 0);
    expect(sinks.out?.events.map(({ text }) => text)).toEqual([undefined, undefined]);
  });

  it("is not there where the source gave none", async () => {
    const { graph, sinks } = await run("select event.a from in into out;");
    graph.push(0, { data: { a: 2 ** 53 + 2 } }, 0);
    expect(sinks.out?.events.map(({ text, data }) => [text, data])).toEqual([[undefined, 2 ** 53 + 2]]);
  });

  it("is not composed where slices would make it far larger than the value", async () => {
    const { graph, sinks } = await run(`select [${"event, ".repeat(20)}] from in into out;`);
    const text = `[1.0,${" ".repeat(1_000_000)}2]`;
    graph.push(0, { data: JSON.parse(text), text }, 0);
    expect(sinks.out?.events.map((event) => event.text)).toEqual([undefined]);
    expect(sinks.out?.data).toEqual([Array.from({ length: 20 }, () => [1, 2])]);
  });
});
