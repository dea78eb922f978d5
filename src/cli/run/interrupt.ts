/** SIGINT and SIGTERM end the run: the first lets it end well, the second ends the process. SIGHUP reopens files. */
import { EXIT, type ExitCode } from "../base/exit.ts";

const EXIT_CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
type SignalName = keyof typeof EXIT_CODES;
const NAMES = Object.keys(EXIT_CODES) as readonly SignalName[];

/** Said at the first signal. */
export const STOPPING = "stopping: what is under way ends; once more to stop at once";

export interface InterruptListener {
  /** The first signal to end came. */
  onStop(): void;
  /** SIGHUP came. */
  onReopen(): void;
}

export class Interrupt {
  readonly #abort = new AbortController();
  readonly #listener: InterruptListener;
  readonly #handle = (name: SignalName): void => this.#receive(name);
  readonly #reopen = (): void => this.#listener.onReopen();
  #exitCode: ExitCode | undefined;

  /** Listens from now on. */
  constructor(listener: InterruptListener) {
    this.#listener = listener;
    for (const name of NAMES) process.on(name, this.#handle);
    process.on("SIGHUP", this.#reopen);
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
    for (const name of NAMES) process.off(name, this.#handle);
    process.off("SIGHUP", this.#reopen);
  }

  #receive(name: SignalName): void {
    if (this.#exitCode !== undefined) process.exit(this.#exitCode);
    this.#exitCode = EXIT_CODES[name];
    this.#abort.abort();
    this.#listener.onStop();
  }
}
