/**
 * A pipeline inside a program: orders from a generator go through a breaker to a function that fails for a while.
 *
 *   node examples/deploy.mjs
 */
import { deploy } from "bluesmoke/embed";

const pipeline = `
  define qos::circuit_breaker operator shop
  with
      detector = { "kind": "consecutive_failures", "failures": 3 },
      backoff = { "kind": "constant", "delay_ms": 20 },
  end;
  create operator shop;

  select event from in into shop;
  select event from shop into out;
  select event from shop/overflow into out/overflow;
  select event from shop/cb into out/cb;
`;

async function* orders() {
  for (let id = 1; id <= 100; id++) {
    yield { id };
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The endpoint: it is down for the orders 20 to 40. */
async function book({ id }) {
  if (id >= 20 && id <= 40) throw new Error("the shop is down");
}

const later = [];
const { finished } = deploy(pipeline, {
  sources: { orders: orders() },
  sinks: {
    out: book,
    overflow: (order) => later.push(order),
    cb: ({ kind, endpoint }) => console.log(`${endpoint}: ${kind}`),
  },
});

const { read, delivered, failed, overflow } = await finished;
console.log(`${read} orders: ${delivered} booked, ${failed} failed, ${overflow} kept for later`);
