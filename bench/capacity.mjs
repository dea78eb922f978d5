/**
 * How much a million breakers by name take, and how long to make: `npm run build && node bench/capacity.mjs [COUNT]`.
 * Names are made and dropped on the way, as keys are that come out of data.
 */
import { CircuitBreakerRegistry } from "../dist/src/entry/main.js";

const count = Number(process.argv[2] ?? 1_000_000);
const nameOf = (number) => `endpoint ${number}`;
const before = process.memoryUsage().rss;
const registry = new CircuitBreakerRegistry({ clock: () => 1 });

const seconds = timed(() => {
  for (let number = 0; number < count; number++) registry.get(nameOf(number));
});
print("breakers", registry.size.toLocaleString("en"));
print("created in", `${seconds.toFixed(2)} s`);
print("resident, whole process", megabytes(process.memoryUsage().rss));
print("resident before", megabytes(before));

const lookups = Math.min(count, 1_000_000);
let seed = 1;
const chance = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * count);
};
const lookup = timed(() => {
  for (let number = 0; number < lookups; number++) registry.get(nameOf(chance()));
});
print("got by name at random", `${((lookup / lookups) * 1e9).toFixed(0)} ns each`);

let evicted = 0;
const eviction = timed(() => {
  evicted = registry.evictIdle(2);
});
print("evicted", `${evicted.toLocaleString("en")} in ${eviction.toFixed(2)} s`);
const again = timed(() => {
  for (let number = 0; number < count; number++) registry.get(nameOf(number));
});
print("created again in", `${again.toFixed(2)} s`);
print("resident, whole process", megabytes(process.memoryUsage().rss));

function timed(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1_000;
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}

function print(what, value) {
  console.log(`${what.padEnd(26)}${value}`);
}
