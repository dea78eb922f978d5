/** Counts of one bucket of a breaker that is an object. */
export class Bucket {
  calls = 0;
  failures = 0;
  slow = 0;

  clear(): void {
    this.calls = 0;
    this.failures = 0;
    this.slow = 0;
  }
}
