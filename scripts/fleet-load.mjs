/**
 * What a fleet asks of its store: commands and bytes a second, as Redis itself counts them.
 *
 * `node --import ./test/typescript.mjs scripts/fleet-load.mjs [--machines 200] [--endpoints 1000] [--failing 5] [--rounds 3]`, with
 * `redis-server` in the PATH. Each machine is a registry of this process with a connection of its own, and one call to each endpoint in its
 * window. First nothing fails; then so many machines see one endpoint fail, and read the reports of all. Medians of the rounds.
 */
import { parseArgs } from "node:util";
import { createClient } from "redis";
import { CircuitBreakerRegistry } from "../src/entry/main.ts";
import { joinFleet } from "../src/fleet/fleet.ts";
import { redisStore } from "../src/fleet/redis-store.ts";
import { startRedis } from "../test/brokers/support/servers.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "200" },
    endpoints: { type: "string", default: "1000" },
    failing: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
  },
});
const [machines, endpoints, failing, rounds] = ["machines", "endpoints", "failing", "rounds"].map((name) => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new RangeError(`--${name} must be a whole number from 1 to 1000000, got ${values[name]}`);
});

/** Of `counters`: those of its connection, and INFO. */
let ownCommands = 0;

const server = await startRedis();
try {
  const [first, second] = [await counters(), await counters()];
  ownCommands = second.commands - first.commands;
  const fleet = await Promise.all(Array.from({ length: machines }, (_, at) => join(at)));
  const all = fleet.map(({ fleet: one }) => one);
  await exchange(all); // the first round sees the calls
  print("healthy, a round of all machines", await measure(all));
  const sick = fleet.slice(0, failing);
  for (const { registry } of sick) {
    const breaker = registry.get("endpoint-0");
    for (let call = 0; call < 4; call++) breaker.onFailure(breaker.tryAcquire());
  }
  print(`one endpoint fails on ${failing}, a round of all machines`, await measure(all));
  for (const { client } of fleet) client.destroy();
} finally {
  await server.end();
}

async function join(at) {
  const client = createClient({ url: `redis://127.0.0.1:${server.port}`, disableOfflineQueue: true });
  client.on("error", () => {});
  await client.connect();
  const registry = new CircuitBreakerRegistry({ defaults: { detector: { windowMs: 600_000 } } });
  for (let number = 0; number < endpoints; number++) {
    const breaker = registry.get(`endpoint-${number}`);
    breaker.onSuccess(breaker.tryAcquire());
  }
  // Without a timer a round is as long as the default; a round that takes longer counts as failed, and is measured all the same.
  const fleet = joinFleet(registry, { store: redisStore(client), everyMs: 0, machine: `machine-${at}` });
  return { client, registry, fleet };
}

async function measure(fleets) {
  const taken = [];
  for (let round = 0; round < rounds; round++) {
    const before = await counters();
    const startedMs = performance.now();
    await exchange(fleets);
    const ms = performance.now() - startedMs;
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // answers that came after the end of the round
    const after = await counters();
    taken.push({
      ms,
      commands: after.commands - before.commands - ownCommands,
      written: after.written - before.written,
      read: after.read - before.read,
    });
  }
  const median = (key) => taken.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(rounds / 2)];
  return { ms: median("ms"), commands: median("commands"), written: median("written"), read: median("read") };
}

function exchange(fleets) {
  return Promise.all(fleets.map((one) => one.exchange()));
}

/** Of the server, since its start. */
async function counters() {
  const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
  await client.connect();
  const info = await client.info("stats");
  client.destroy();
  const read = (name) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]);
  return {
    commands: read("total_commands_processed"),
    written: read("total_net_input_bytes"),
    read: read("total_net_output_bytes"),
  };
}

function print(what, { ms, commands, written, read }) {
  const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  process.stdout.write(
    `${what}: ${commands} commands, ${mb(written)} written, ${mb(read)} read, ${ms.toFixed(0)} ms\n`,
  );
}
