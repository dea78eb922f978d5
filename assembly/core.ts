/** Functions of the core beside the build `batch`, which imports them from the module `core`. */
export declare function acquire(breaker: usize, stripe: usize, now: f64): i32;
export declare function release(breaker: usize, stripe: usize, ticket: u32, now: f64): i32;
export declare function succeed(
  breaker: usize,
  stripe: usize,
  ticket: u32,
  now: f64,
  duration: f64,
  weight: u32,
): i32;
export declare function fail(
  breaker: usize,
  stripe: usize,
  ticket: u32,
  now: f64,
  duration: f64,
  weight: u32,
): i32;
