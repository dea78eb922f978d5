/**
 * One machine of two fleets, a process of its own: in each it calls an endpoint about once a second, and tells its parent what happens.
 * Arguments: ms by which its clock is wrong, then a store and its port for each fleet.
 */
import { CircuitBreakerRegistry } from "bluesmoke";
import { joinFleet, natsStore, redisStore } from "bluesmoke/fleet";

const [shift, ...stores] = process.argv.slice(2);
const offsetMs = Number(shift);
const wallMs = Date.now;
Date.now = () => wallMs() + offsetMs;

async function openStore(kind, port) {
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

async function join(kind, port) {
  // Shorter delays than by default: the test waits until the breakers are closed again.
  const breakers = new CircuitBreakerRegistry({
    defaults: { backoff: { kind: "exponential", maximumMs: 2_000 } },
  });
  const breaker = breakers.get("endpoint");
  const fleet = joinFleet(breakers, { store: await openStore(kind, port) });
  let isDown = false;
  let failed = 0;
  let succeeded = 0;
  breaker.on("opened", ({ cause }) => process.send({ kind, opened: cause, failed }));
  breaker.on("closed", () => process.send({ kind, closed: true }));

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
  process.on("message", ({ kind: asked, what }) => {
    if (asked !== kind) return;
    if (what === "report") process.send({ kind, failed, succeeded, exchanges: fleet.status().exchanges });
    else isDown = what === "down";
  });
  process.send({ kind, started: true });
}

process.on("disconnect", () => process.exit());
for (let at = 0; at < stores.length; at += 2) await join(stores[at], stores[at + 1]);
