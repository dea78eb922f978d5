/**
 * How a page learns that a worker has ended, which no event tells it: the worker holds a Web Lock as long as it lives,
 * and the browser gives it to whoever waits for it only when the worker runs no more.
 */

/** Asks for a lock again and again while the worker has none yet: this soon at first, ... */
const FIRST_LOOK_MS = 20;
/** ... and this late in the end. */
const LAST_LOOK_MS = 1_000;

interface Locks {
  request(name: string, hold: () => Promise<unknown>): Promise<unknown>;
  /** `hold` gets null when another one has the lock. */
  request(
    name: string,
    options: { readonly ifAvailable: true },
    hold: (lock: object | null) => unknown,
  ): Promise<unknown>;
}

interface Host {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly locks?: Locks };
  readonly crypto?: { randomUUID(): string };
}

const HOST = globalThis as Host;

/** The name of a lock for another thread, which no other page has; nothing but on pages that share memory. */
export function drawLock(): { readonly lock?: string } {
  const { crossOriginIsolated, navigator, crypto } = HOST;
  if (crossOriginIsolated !== true || navigator?.locks === undefined || crypto === undefined) return {};
  return { lock: `bluesmoke ${crypto.randomUUID()}` };
}

/** Holds a lock until this thread ends. */
export function holdForLife(lock: string): void {
  const forEver = () => new Promise<never>(() => {});
  HOST.navigator?.locks?.request(lock, forEver).catch(() => {}); // a thread that ends does not wait for its locks
}

/** Runs something when a worker that has held that lock has ended. Forgets a worker that was let go before it held it. */
export async function whenReleased(lock: string, worker: object, run: () => void): Promise<void> {
  const seen = new WeakRef(worker);
  for (let delayMs = FIRST_LOOK_MS; !(await isHeld(lock)); delayMs = Math.min(2 * delayMs, LAST_LOOK_MS)) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
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
