import { describe, expect, it } from "vitest";
import { attachRegistry, createSharedRegistry } from "../../src/entry/threads.ts";
import { JOURNAL_RECORDS } from "../../src/threads/attachment.ts";
import { MergedJournal } from "../../src/threads/merged-journal.ts";

describe("the journal of several threads", () => {
  it.each([
    [JOURNAL_RECORDS - 1, JOURNAL_RECORDS - 1, 0],
    [JOURNAL_RECORDS, JOURNAL_RECORDS - 1, 1], // the place of the oldest record is being written at any time
    [JOURNAL_RECORDS + 7, JOURNAL_RECORDS - 1, 8],
  ])("of %i records written since the last look gives %i, and %i are missed", (written, read, missed) => {
    const one = createSharedRegistry({ threads: 2, clock: () => 0 });
    const two = attachRegistry(one.handle(), { clock: () => 0 });
    const breaker = two.get("a");
    const journal = new MergedJournal(one._core.memory, 2);
    journal.skip();
    for (let reset = 0; reset < written; reset++) breaker.reset();
    expect(journal.read()).toHaveLength(read);
    expect(journal.missed).toBe(missed);
    two.detach();
  });
});
