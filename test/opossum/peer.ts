/** opossum itself, under the types of ours. */
import Ours from "../../src/entry/opossum.ts";
import { loadPeer } from "../readme/peers.ts";

/** The class, of either. */
export type Breaker = typeof Ours;

/** The class of opossum. */
export async function loadOpossum(): Promise<Breaker> {
  return (await loadPeer<{ default: Breaker }>("opossum")).default;
}

export { Ours };
