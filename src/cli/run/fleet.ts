/** `--fleet`: the breakers of a run share their counts with those of other machines. */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { reasonOf, withoutPassword } from "../../brokers/base/broker-error.ts";
import type { Fleet, FleetStatus } from "../../fleet/fleet.ts";
import type { FleetSummary } from "../view/snapshot.ts";

/** Between two looks whether the store answers again, in ms. */
const LOOK_MS = 1_000;

export interface RunFleet {
  /** For the user, before the run starts. */
  readonly notices: readonly string[];
  summary(): FleetSummary | undefined;
  /** From now on it says when the store is lost, and when it answers again. */
  watch(say: (line: string) => void): void;
  close(): void;
}

export const NO_FLEET: RunFleet = { notices: [], summary: () => undefined, watch() {}, close() {} };

/**
 * @param spec the URL of the store; undefined: there is no fleet
 * @param probe false: the run starts although the store cannot be reached
 * @throws BrokerError when the client of the store is not installed, and when the store cannot be reached
 */
export async function openFleet(
  registry: CircuitBreakerRegistry,
  spec: string | undefined,
  probe: boolean,
): Promise<RunFleet> {
  if (spec === undefined) return NO_FLEET;
  const [{ openStore }, { joinFleet }] = await Promise.all([
    import("../../brokers/fleet/open-store.ts"),
    import("../../fleet/fleet.ts"),
  ]);
  const { store, options, close } = await openStore(spec, { probe });
  const state = new StoreState();
  const fleet = joinFleet(registry, {
    ...options,
    store,
    onError: (error) => state.lose(error, fleet.status()),
  });
  const name = withoutPassword(spec).split("?", 1)[0] ?? "";
  return {
    notices: [`fleet at ${name} as machine ${fleet.machine}`],
    summary: () => summaryOf(name, fleet),
    watch: (say) => state.watch(() => fleet.status(), say),
    close() {
      state.close();
      fleet.leave();
      close();
    },
  };
}

function summaryOf(store: string, fleet: Fleet): FleetSummary {
  const { lastError, ...counts } = fleet.status();
  const error = lastError === undefined ? null : reasonOf(lastError);
  return { store, machine: fleet.machine, ...counts, lastError: error };
}

/** Says once that the store is lost, and once that it is back. */
class StoreState {
  /** Exchanges that were completed when it was lost; undefined: it is there. */
  #lostAt: number | undefined;
  #reason = "";
  #say: ((line: string) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  lose(error: unknown, { exchanges }: FleetStatus): void {
    const wasThere = this.#lostAt === undefined;
    this.#lostAt = exchanges;
    this.#reason = reasonOf(error);
    if (wasThere) this.#tell();
  }

  watch(status: () => FleetStatus, say: (line: string) => void): void {
    this.#say = say;
    if (this.#lostAt !== undefined) this.#tell();
    this.#timer = setInterval(() => {
      if (this.#lostAt === undefined || status().exchanges === this.#lostAt) return;
      this.#lostAt = undefined;
      say("fleet: the store answers again");
    }, LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    this.#say?.(`warning: fleet: the store is lost, breakers act alone: ${this.#reason}`);
  }
}
