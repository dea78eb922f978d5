/** In Node: the package from a CommonJS module, and whether it is the one that modules import. */
const warnings = [];
process.on("warning", (warning) => warnings.push(String(warning)));

const { CircuitBreaker, CircuitBreakerRegistry } = require("bluesmoke");
const subpaths = ["js", "shared", "testing", "diagnostics", "flow", "trickle", "embed", "connect"];
const loaded = subpaths.map((subpath) => require(`bluesmoke/${subpath}`));

async function main() {
  const imported = await import("bluesmoke");
  const breaker = new CircuitBreaker("a");
  breaker.forceOpen();
  await new Promise((resolve) => setImmediate(resolve)); // warnings are told later
  const same =
    imported.CircuitBreaker === CircuitBreaker &&
    loaded[1].CircuitBreakerRegistry === CircuitBreakerRegistry &&
    loaded.every((entry) => Object.keys(entry).length > 0);
  console.log(JSON.stringify({ same, state: breaker.state, warnings }));
}

main();
