/** A wrong value. The message begins with "must" or "was": the caller names the option. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}
