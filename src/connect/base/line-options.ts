/** How a source reads lines. */
export interface LineOptions {
  /** A longer line or array element is malformed. In bytes. */
  readonly maximumLineBytes: number;
  /** False: malformed lines are not looked for. */
  readonly validate: boolean;
}
