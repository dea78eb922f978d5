/** SIGINT, SIGTERM and SIGHUP: the first asks the run to end well, the second ends the process. */
import { EXIT, type ExitCode } from "./exit.ts";

const EXIT_CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;
type SignalName = keyof typeof EXIT_CODES;

/** Said at the first signal. */
export const STOPPING = "stopping: what is under way ends; once more to stop at once";

export class Interrupt {
  readonly #abort = new AbortController();
  readonly #onFirst: () => void;
  readonly #handle = (name: SignalName): void => this.#receive(name);
  #exitCode: ExitCode | undefined;

  /** Listens from now on. @param onFirst called at the first signal. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    for (const name of names()) process.on(name, this.#handle);
  }

  /** Aborted at the first signal, or by `stop`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Undefined: no signal came. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode;
  }

  /** Ends the run as the first signal would, without a signal: `exitCode` stays undefined. */
  stop(): void {
    this.#abort.abort();
  }

  /** Leaves signals to the process again. */
  release(): void {
    for (const name of names()) process.off(name, this.#handle);
  }

  #receive(name: SignalName): void {
    if (this.#exitCode !== undefined) process.exit(this.#exitCode);
    this.#exitCode = EXIT_CODES[name];
    this.#abort.abort();
    this.#onFirst();
  }
}

function names(): readonly SignalName[] {
  return Object.keys(EXIT_CODES) as SignalName[];
}
