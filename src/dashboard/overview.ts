/** Messages about all breakers to one page: what has changed, the most important first, at most so many bytes. */
import { NONE } from "./protocol.ts";
import type { Sample, Sampler, Track } from "./sampler.ts";

/** Bytes of one message, that is of one second, but the first; a stream of one breaker takes less than the rest of 25 kB. */
export const MAXIMUM_BYTES = 22_000;
/** Of them for events: in a large outage rows matter more. */
const EVENT_BYTES = 5_000;
/** Events of the past that a page gets with its first message. */
const FIRST_EVENTS = 50;

/** What a page was sent last about a breaker. */
interface Sent {
  row: string;
  condition: number;
}

/** The messages for one page, as JSON. */
export class Overview {
  readonly #sampler: Sampler;
  readonly #sent = new Map<number, Sent>();
  #isFirst = true;
  #nextEvent: number;
  /** Rows that did not fit go first the next time: where the turn is, as an index into the list. */
  #turn = 0;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
    this.#nextEvent = Math.max(0, sampler.log.next - FIRST_EVENTS);
  }

  /** The next message. */
  next(): string {
    const sample = this.#sampler.sample();
    const gone = this.#forget(sample);
    const events = this.#events();
    const left = this.#isFirst ? Number.POSITIVE_INFINITY : MAXIMUM_BYTES - 400 - bytesOf(events.join());
    const { names, rows } = this.#changed(sample, left - 8 * gone.length);
    this.#isFirst = false;
    const parts = [`"atMs":${sample.atMs}`, `"sums":${JSON.stringify(sample.sums)}`];
    const add = (name: string, items: readonly (string | number)[]) => {
      if (items.length > 0) parts.push(`"${name}":[${items.join()}]`);
    };
    add("names", names);
    add("rows", rows);
    add("gone", gone);
    add("events", events);
    return `{${parts.join()}}`;
  }

  /** Ids that are no longer in the list. */
  #forget({ listed }: Sample): number[] {
    const present = new Set(listed.map(({ id }) => id));
    const gone = [...this.#sent.keys()].filter((id) => !present.has(id));
    for (const id of gone) this.#sent.delete(id);
    return gone;
  }

  /** The newest events that fit, the oldest of them first. */
  #events(): string[] {
    const { log } = this.#sampler;
    const entries = log.since(this.#nextEvent);
    this.#nextEvent = log.next;
    const texts: string[] = [];
    let bytes = 0;
    for (let at = entries.length - 1; at >= 0; at--) {
      const text = JSON.stringify(entries[at]);
      bytes += bytesOf(text) + 1;
      if (bytes > EVENT_BYTES && !this.#isFirst) break;
      texts.push(text);
    }
    return texts.reverse();
  }

  /** First what has another state, mode or share, then the others in turn. */
  #changed({ listed }: Sample, budget: number): { names: string[]; rows: string[] } {
    const names: string[] = [];
    const rows: string[] = [];
    let left = budget;
    const send = (track: Track): boolean => {
      const sent = this.#sent.get(track.id);
      if (sent?.row === track.row) return true;
      const name = sent ? "" : JSON.stringify([track.id, track.name]);
      left -= track.row.length + bytesOf(name) + 2;
      if (left < 0) return false;
      if (!sent) names.push(name);
      rows.push(track.row);
      this.#sent.set(track.id, { row: track.row, condition: track.condition });
      return true;
    };
    const isUrgent = ({ id, condition }: Track) =>
      condition !== (this.#sent.get(id)?.condition ?? NONE) && (condition > 0 || this.#sent.has(id));
    for (const track of listed) if (isUrgent(track) && !send(track)) return { names, rows };
    for (let step = 0; step < listed.length; step++) {
      const at = (this.#turn + step) % listed.length;
      if (send(listed[at]!)) continue;
      this.#turn = at;
      break;
    }
    return { names, rows };
  }
}

/** Made when it is first used: some runtimes of tests have none. */
let encoder: TextEncoder | undefined;

/** Bytes of a text in UTF-8. */
function bytesOf(text: string): number {
  encoder ??= new TextEncoder();
  return encoder.encode(text).length;
}
