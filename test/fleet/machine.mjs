/** One machine of a fleet, a process of its own: calls an endpoint about once a second, and tells its parent what happens. */
import { CircuitBreakerRegistry } from "bluesmoke";
import { joinFleet, natsStore, redisStore } from "bluesmoke/fleet";

const [kind, port, shift] = process.argv.slice(2);
/** ms by which the clock of this machine is wrong. */
const offsetMs = Number(shift);
const wallMs = Date.now;
Date.now = () => wallMs() + offsetMs;

async function openStore() {
  if (kind === "redis") {
    const { createClient } = await import("redis");
    const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true });
    client.on("error", () => {});
    await client.connect();
    return redisStore(client);
  }
  const [{ connect }, { Kvm }] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/kv"),
  ]);
  return natsStore(new Kvm(await connect({ servers: `127.0.0.1:${port}`, maxReconnectAttempts: -1 })));
}

const breakers = new CircuitBreakerRegistry();
const breaker = breakers.get("endpoint");
const fleet = joinFleet(breakers, { store: await openStore() });
const started = performance.timeOrigin + performance.now();
let isDown = false;
let failed = 0;
let succeeded = 0;
breaker.on("opened", ({ cause }) => process.send({ opened: cause, failed }));
breaker.on("closed", () => process.send({ closed: true }));

function call() {
  const ticket = breaker.tryAcquire();
  if (ticket) {
    if (isDown) {
      failed++;
      breaker.onFailure(ticket);
    } else {
      succeeded++;
      breaker.onSuccess(ticket);
    }
  }
  setTimeout(call, 500 + Math.random() * 1_000);
}

setTimeout(call, Math.random() * 1_000);
process.on("message", (message) => {
  if (message === "report") process.send({ failed, succeeded, exchanges: fleet.status().exchanges });
  else isDown = message === "down";
});
process.on("disconnect", () => process.exit());
process.send({ started });
