/** Sources that wait before their first pull. */
import type { Source } from "../../flow/protocol/source-and-sink.ts";
import { SourceDecorator } from "../../flow/runtime/source-decorator.ts";

/** Its first pull, which comes when all sinks have started, waits until `open` resolves. */
export function gatedSource(source: Source, open: () => Promise<void>): Source {
  let isOpen = false;
  return new SourceDecorator(source, async (gated) => {
    if (!isOpen) await open();
    isOpen = true;
    return gated.pull();
  });
}
