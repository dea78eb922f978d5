/** In Node: the package from a CommonJS module, and whether it is the one that modules import. */
const warnings = [];
process.on("warning", (warning) => warnings.push(String(warning)));

const { CircuitBreaker } = require("bluesmoke");
const subpaths = [
  "js",
  "threads",
  "auto",
  "testing",
  "diagnostics",
  "flow",
  "flow/testing",
  "trickle",
  "embed",
  "connect",
];
const entries = subpaths.map((subpath) => require(`bluesmoke/${subpath}`));

async function main() {
  const imported = await import("bluesmoke");
  const breaker = new CircuitBreaker("a");
  breaker.forceOpen();
  await new Promise((resolve) => setImmediate(resolve)); // warnings are emitted later
  const isSame = imported.CircuitBreaker === CircuitBreaker;
  const empty = subpaths.filter((_, n) => Object.keys(entries[n]).length === 0);
  console.log(JSON.stringify({ isSame, empty, state: breaker.state, warnings }));
}

main();
