/** In Node, Deno and Bun: the process lives until the timeout of a call that hangs. */
import { CircuitBreaker } from "bluesmoke";

const never = () => new Promise(() => {});
new CircuitBreaker("a").execute(never, { timeoutMs: 200 }).catch(({ code }) => console.log(code));
