import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Feed } from "../../../src/cli/demo/feed.ts";
import { deadLetterSource } from "../../../src/cli/run/dead-letter.ts";
import { gatedSource } from "../../../src/cli/workers/gated-source.ts";
import { openRange } from "../../../src/cli/workers/range-source.ts";
import type { Insight } from "../../../src/flow/protocol/insight.ts";
import type { Source, SourceItem } from "../../../src/flow/protocol/source-and-sink.ts";
import { ReplaySource } from "../../../src/flow/runtime/replay.ts";
import { innermostSource, SourceDecorator } from "../../../src/flow/runtime/source-decorator.ts";
import { makeFolder } from "../../connect/support/folder.ts";

/** Notes what it is asked and told. */
class Noted implements Required<Source> {
  readonly name = "noted";
  readonly transactional: boolean;
  readonly replays: boolean;
  readonly heard: string[] = [];
  readonly #items: SourceItem[] = [{ data: 1 }, { data: 2 }];

  constructor(transactional = true, replays = true) {
    this.transactional = transactional;
    this.replays = replays;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    this.heard.push("pull");
    return this.#items.splice(0);
  }

  onInsight({ kind, id }: Insight): void {
    this.heard.push(`${kind} ${id}`);
  }

  async close(): Promise<void> {
    this.heard.push("close");
  }
}

const insight = (kind: Insight["kind"], id: number) => ({ kind, id }) as Insight;

const DECORATORS: readonly (readonly [string, (source: Source) => Source])[] = [
  ["a plain decorator", (source) => new SourceDecorator(source, (inner) => inner.pull())],
  ["a source of dead letters", deadLetterSource],
  ["a source that waits", (source) => gatedSource(source, async () => {})],
  ["one before another", (source) => gatedSource(deadLetterSource(source), async () => {})],
];

describe("a decorator of a source", () => {
  it.each(DECORATORS)("passes on every member: %s", async (_, decorate) => {
    const source = new Noted(true, false);
    const decorated = decorate(source);
    expect(decorated).toMatchObject({ name: "noted", transactional: true, replays: false });
    expect(decorate(new Noted(false, true))).toMatchObject({ transactional: false, replays: true });
    expect(await decorated.pull()).toEqual([{ data: 1 }, { data: 2 }]);
    for (const kind of ["ack", "fail", "trigger"] as const) decorated.onInsight?.(insight(kind, 1));
    await decorated.close();
    expect(source.heard).toEqual(["pull", "ack 1", "fail 1", "trigger 1", "close"]);
    expect(innermostSource(decorated)).toBe(source);
  });

  it("gives acks to a source under a ReplaySource, which sends again by itself", async () => {
    const source = new Noted(true, false);
    const replaying = new ReplaySource(source);
    await replaying.pull();
    for (const [kind, id] of [
      ["fail", 1],
      ["ack", 1],
      ["restore", 0],
    ] as const)
      replaying.onInsight(insight(kind, id));
    expect(await replaying.pull()).toEqual([{ data: 2 }]);
    expect(source.heard).toEqual(["pull", "ack 1", "restore 0"]);

    const plain = new Noted(false);
    const replayingPlain = new ReplaySource(plain);
    await replayingPlain.pull();
    replayingPlain.onInsight(insight("ack", 1));
    expect(plain.heard).toEqual(["pull"]);
  });

  it("gives triggers to a source under a feed, which cannot go back and is not transactional", () => {
    const source = new Noted();
    const feed: Source = new Feed(source, { eventsPerSecond: 1, limit: 1 });
    feed.onInsight?.(insight("trigger", 0));
    expect(source.heard).toEqual(["trigger 0"]);
    expect(feed.transactional).toBeUndefined();
  });

  it("reads a range of a file with the options of its lines, and numbers its lines in the file", async () => {
    const path = join(await makeFolder(), "in.ndjson");
    await writeFile(path, "1\n2\n{\n");
    const open = async (validate: boolean) => {
      const range = await openRange(path, { start: 2, end: 6 }, { validate });
      const items = await range.pull();
      await range.close();
      return items;
    };
    expect((await open(true))?.[1]).toMatchObject({ malformed: { line: 3 } });
    expect((await open(false))?.[1]).toMatchObject({ text: "{" });
  });
});
