/** Sources of a program: an iterable or a ReadableStream as a `Source`. Web standards only. */
import { wrongType } from "../breaker/validate.ts";
import type { Source, SourceItem } from "../flow/protocol/source-and-sink.ts";

/**
 * A `Source`, or an object that yields one value for each event: a ReadableStream, an async iterable (such as
 * a Node stream in object mode), an iterable. A string is refused: its values would be its characters.
 */
export type SourceLike = Source | ReadableStream<unknown> | AsyncIterable<unknown> | Iterable<unknown>;

/** Values of an iterable that one pull hands over, where they are ready at once. */
const PULLED_VALUES = 512;

/**
 * @param name for messages.
 * @throws OptionError for a value of another type
 */
export function sourceOf(given: unknown, name: string): Source {
  if (typeof given === "object" && given !== null) {
    if ("pull" in given && typeof given.pull === "function") return given as Source;
    if ("getReader" in given) return new StreamSource(given as ReadableStream<unknown>, name);
    if (Symbol.asyncIterator in given) return new IterableSource(given as AsyncIterable<unknown>, name);
    if (Symbol.iterator in given) return new IterableSource(given as Iterable<unknown>, name);
  }
  throw wrongType(`sources.${name}`, "a Source, a ReadableStream or an iterable", given);
}

/**
 * One chunk is one event. The stream is locked from the first pull on, and cancelled when the flow stops
 * before its end.
 */
class StreamSource implements Source {
  readonly name: string;
  readonly #stream: ReadableStream<unknown>;
  #reader: ReadableStreamDefaultReader<unknown> | undefined;

  constructor(stream: ReadableStream<unknown>, name: string) {
    this.name = name;
    this.#stream = stream;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    this.#reader ??= this.#stream.getReader();
    const { value, done } = await this.#reader.read();
    return done ? undefined : [{ data: value }];
  }

  async close(): Promise<void> {
    // `pull` has thrown the error of the stream already; a stream that is locked has another reader.
    await (this.#reader ?? this.#stream).cancel().catch(() => {});
    this.#reader?.releaseLock();
  }
}

/** One value is one event. */
class IterableSource implements Source {
  readonly name: string;
  readonly #open: () => Iterator<unknown> | AsyncIterator<unknown>;
  /** Ends a Node stream, which its iterator does only between two values. */
  readonly #destroy: (() => void) | undefined;
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  #pulling = false;
  #ended = false;
  /** The error of the iterable. */
  #fault: { readonly error: unknown } | undefined;

  constructor(given: AsyncIterable<unknown> | Iterable<unknown>, name: string) {
    this.name = name;
    this.#destroy = destroyerOf(given);
    this.#open = () =>
      Symbol.asyncIterator in given ? given[Symbol.asyncIterator]() : given[Symbol.iterator]();
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    if (this.#fault !== undefined) throw this.#fault.error;
    this.#pulling = true;
    const items: SourceItem[] = [];
    try {
      await this.#collect(items);
    } catch (error) {
      // The values before it are shipped first.
      this.#fault = { error };
    }
    this.#pulling = false;
    if (items.length > 0) return items;
    if (this.#fault !== undefined) throw this.#fault.error;
    return undefined;
  }

  /** A generator runs its `finally`: at once, or when its pending `await` ends. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#destroy?.();
    if (this.#iterator?.return === undefined) return;
    const returned = Promise.resolve(this.#iterator.return()).catch(() => {});
    if (!this.#pulling) await returned;
  }

  /** The values that are ready at once, or else the one value that comes next. */
  async #collect(items: SourceItem[]): Promise<void> {
    this.#iterator ??= this.#open();
    while (!this.#ended && items.length < PULLED_VALUES) {
      const result = this.#iterator.next();
      const isLater = "then" in result;
      const { value, done } = isLater ? await result : result;
      if (done) this.#ended = true;
      else items.push({ data: value });
      if (isLater) return;
    }
  }
}

/** Of a Node stream; undefined for any other iterable. */
export function destroyerOf(given: object): (() => void) | undefined {
  if (!("destroy" in given) || typeof given.destroy !== "function" || !("readable" in given))
    return undefined;
  const { destroy } = given;
  return () => void destroy.call(given);
}
