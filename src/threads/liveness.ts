/**
 * How a thread learns that another one has ended. Node's workers have an event for that; those of a page have none, so
 * such a worker holds a Web Lock as long as it lives, and the browser grants it to the next request only when the worker
 * runs no more.
 */

/** ms between requests for a lock that the worker does not hold yet: the first pause, and the longest. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

interface Locks {
  request(name: string, hold: () => Promise<unknown>): Promise<unknown>;
  /** `hold` gets null when another thread has the lock. */
  request(
    name: string,
    options: { readonly ifAvailable: true },
    hold: (lock: object | null) => unknown,
  ): Promise<unknown>;
}

interface Host {
  /** Of pages and their workers: whether memory may be shared. Undefined elsewhere, where it may. */
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly locks?: Locks };
  readonly crypto?: { randomUUID(): string };
}

const HOST = globalThis as Host;

/** A page, or a worker of one, that may not share memory. */
export function isKeptFromSharing(): boolean {
  return HOST.crossOriginIsolated === false;
}

/** The name of a new lock for another thread; undefined but on pages that share memory. */
export function createLockName(): string | undefined {
  const { crossOriginIsolated, navigator, crypto } = HOST;
  return crossOriginIsolated && navigator?.locks && crypto ? `bluesmoke ${crypto.randomUUID()}` : undefined;
}

/** Holds a lock until this thread ends. */
export function holdLock(lock: string): void {
  const forEver = () => new Promise<never>(() => {});
  HOST.navigator?.locks?.request(lock, forEver).catch(() => {}); // a thread that ends does not wait for its locks
}

/** Runs a function when a worker that has held that lock has ended. Forgets a worker that is garbage before it held it. */
export async function whenReleased(lock: string, worker: object, run: () => void): Promise<void> {
  const seen = new WeakRef(worker);
  for (
    let pauseMs = FIRST_PAUSE_MS;
    !(await isHeld(lock));
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
  ) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (seen.deref() === undefined) return;
  }
  await HOST.navigator?.locks?.request(lock, async () => run());
}

/** Whether another thread holds it. */
async function isHeld(lock: string): Promise<boolean> {
  let held = false;
  await HOST.navigator?.locks?.request(lock, { ifAvailable: true }, (granted) => {
    held = granted === null;
  });
  return held;
}
