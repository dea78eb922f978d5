/**
 * Runs before all tests but those of the runtimes: installs the circuit breakers of others where they are missing, so that no test
 * finds them half installed by another. Without a network the tests that need them say so.
 */
import { providePeers } from "./readme/peers.ts";

/** Called by vitest. */
export function setup(): void {
  try {
    providePeers();
  } catch (error) {
    process.stderr.write(
      `bench/compare could not be installed: ${error instanceof Error ? error.message : error}\n`,
    );
  }
}
