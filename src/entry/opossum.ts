/**
 * `bluesmoke/opossum`: opossum's interface over the breakers of this package, for programs that use opossum.
 *
 * `require("bluesmoke/opossum")` is the class itself, as it is of opossum.
 * @module bluesmoke/opossum
 */
export { CircuitBreaker as default } from "../opossum/circuit-breaker.ts";
