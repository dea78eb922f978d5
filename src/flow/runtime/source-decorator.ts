/** A source before another one: it changes what a pull brings, and nothing else. */
import type { Insight } from "../protocol/insight.ts";
import type { Source, SourceItem } from "../protocol/source-and-sink.ts";

/** The items of a pull. It must keep their number and order where the source is transactional: ids count items. */
export type Pull = (source: Source) => Promise<readonly SourceItem[] | undefined>;

/** Passes on every member of `Source` but `pull`, so that an inner source gets the acks, fails and triggers that it asks for. */
export class SourceDecorator implements Source {
  /** The source that it stands before. */
  readonly inner: Source;
  readonly #pull: Pull;

  constructor(inner: Source, pull: Pull) {
    this.inner = inner;
    this.#pull = pull;
  }

  get name(): string {
    return this.inner.name;
  }

  get transactional(): boolean {
    return this.inner.transactional === true;
  }

  get replays(): boolean {
    return this.inner.replays !== false;
  }

  pull(): Promise<readonly SourceItem[] | undefined> {
    return this.#pull(this.inner);
  }

  onInsight(insight: Insight): void {
    this.inner.onInsight?.(insight);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** The source behind all decorators. */
export function innermostSource(source: Source): Source {
  return source instanceof SourceDecorator ? innermostSource(source.inner) : source;
}
