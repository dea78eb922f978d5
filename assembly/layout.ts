/**
 * Memory layout of a registry: the only place where an offset is written down.
 *
 * Shared with the host (src/core/), so it stays portable: no imports, no AssemblyScript types, no
 * decorators, whole numbers below 2^31 only.
 *
 * One breaker: a control block, one stripe for each writer (a thread, or all other machines), then
 * what its policy needs besides (more leases, the ring of a count window, the overload block). The
 * host places the control block so that WORD starts a cache line. Without threads that line holds all that a call
 * of a closed breaker touches; with threads a stripe has a line of its own, and the bucket another.
 *
 *   byte  0         8         16             24       32      36         40      44     48     52
 *        +---------+---------+--------------+--------+-------+----------+-------+------+------+--------+
 *        |opened   |deadline |consecutive   |lease   |level  |probe     |delay  |name  |word  |policy  |  control
 *        |         |         |failures      |        |       |successes |       |      |      |        |
 *        +---------+---------+--------------+--------+-------+----------+-------+------+------+--------+
 *   byte  0         8       16       20       24      28        32     36       40
 *        +---------+-------+--------+--------+-------+---------+------+--------+----
 *        |latest   |end    |ticket  |current |calls  |failures |slow  |pending |      stripe
 *        +---------+-------+--------+--------+-------+---------+------+--------+----
 *   byte 40          48        56       64      72              80      88
 *   ----+-----------+---------+--------+-------+---------------+-------+----
 *       |succeeded  |refused  |failed  |slow   |refused while  |late   |      totals
 *       |           |         |        |       |forced open    |       |
 *   ----+-----------+---------+--------+-------+---------------+-------+----
 *   byte 88      96         100        104     108        112
 *   ----+-------+----------+----------+-------+----------+----
 *       |scale  |calls     |failures  |slow   |pending   | ... one bucket of 16 bytes for each slice of the window
 *   ----+-------+----------+----------+-------+----------+----
 *
 *   bit   0       2      4       10            31
 *        +-------+------+-------+-------------+
 *        | state | mode | owner | generation  |   the word of a breaker
 *        +-------+------+-------+-------------+
 *   bit   0               8                29
 *        +---------------+-----------------+
 *        | slot          | generation      |      a ticket
 *        +---------------+-----------------+
 */

/** Raised by one with every change below. The host refuses a module with another one. */
export const LAYOUT_VERSION = 8;

// ---- the word of a breaker ------------------------------------------------------------------------------

/**
 * Calls pass. Zero, so that the word of a closed, enabled, unowned breaker is its generation and
 * nothing else.
 */
export const STATE_CLOSED = 0;
/** Calls are refused until the deadline. */
export const STATE_OPEN = 1;
/** A few probes pass, everything else is refused. */
export const STATE_HALF_OPEN = 2;
/**
 * On the ramp: enough probes have succeeded, and a growing share of calls passes. Shown as
 * half-open.
 */
export const STATE_RETURNING = 3;
export const STATE_MASK = 3;

/** The breaker judges and refuses. */
export const MODE_ENABLED = 0;
/** All calls pass and none is counted. */
export const MODE_DISABLED = 1;
/** All calls are refused until the mode changes. */
export const MODE_FORCED_OPEN = 2;
/** Counts, judges and writes the journal as while enabled; refuses no call. */
export const MODE_SHADOW = 3;
export const MODE_SHIFT = 2;
export const MODE_MASK = 3;

/** 0: not owned; otherwise 1 + the stripe of the thread that owns the breaker. */
export const OWNER_SHIFT = 4;
export const OWNER_MASK = 63;

/** Raised by one on every transition, never 0. After 4,194,303 comes 1. */
export const GENERATION_SHIFT = 10;
export const GENERATION_MASK = 0x3fffff;

// ---- tickets --------------------------------------------------------------------------------------------

/** A call admitted while closed that cannot hang. */
export const SLOT_PLAIN = 0;
/** Slots 1 to MAXIMUM_PROBES are the leases of probes. */
export const SLOT_FIRST_PROBE = 1;
/**
 * In TICKET of a stripe: calls can hang, their ticket is PENDING_TICKET. No word equals it: closed
 * and forced open.
 */
export const SLOT_SLOW_PATH = MODE_FORCED_OPEN;
/** In TICKET of a stripe: a throttle works. Closed and forced open as well, and owned. Calls get plain tickets. */
export const SLOT_THROTTLED = SLOT_SLOW_PATH + 4;
/**
 * Admitted while closed and pending in a bucket: this and the bucket's number modulo
 * PENDING_NUMBERS.
 */
export const SLOT_PENDING = 65;
export const PENDING_NUMBERS = 190;
/** Admitted only because of shadow mode: its outcome is not counted. */
export const SLOT_SHADOW = 255;
export const SLOT_MASK = 255;
/**
 * word >>> TICKET_SHIFT of a closed, enabled, unowned breaker is a plain ticket of its generation.
 */
export const TICKET_SHIFT = 2;
export const TICKET_GENERATION_SHIFT = 8;

// ---- limits ---------------------------------------------------------------------------------------------

/** Owners have six bits, and 0 means not owned. */
export const MAXIMUM_STRIPES = 63;
export const MAXIMUM_BUCKETS = 64;
export const MAXIMUM_PROBES = 64;
export const MAXIMUM_LEVELS = 64;
/** Calls of a count window. */
export const MAXIMUM_COUNT_CALLS = 10000;
/** Calls of a stripe on its fast paths, so that no sum wraps. From CURRENT_SKIP_JUDGEMENT on SCALE halves all counts. */
export const MAXIMUM_CALLS = 0x7f000000;
/** Calls of a stripe below which halved counts are doubled again. */
export const MINIMUM_SCALED_CALLS = 0x10000000;
/**
 * Times are 0 to this many days, in ms (to the year 2095 if they count from 1970), so that they fit
 * a lease.
 */
export const MAXIMUM_TIME_DAYS = 46000;
export const MS_PER_DAY = 86400000;
/**
 * ms. A time further ahead of the latest time that a breaker has seen counts as this far ahead. Its
 * first time may be any.
 */
export const MAXIMUM_JUMP = 2 * MS_PER_DAY;
/** Largest weight of a report: calls that it stands for. */
export const MAXIMUM_WEIGHT = 1000000;

// ---- results of exports --------------------------------------------------------------------------------

/** Bit of a result: a transition was written, read the journal. */
export const DID_TRANSITION = 1;
/** Bit of the result of a report: it was late, counted as late, and changed nothing else. */
export const DID_LATE = 2;
/**
 * Bit of the result of an acquisition, beside the ticket: a transition was written, read the
 * journal.
 */
export const TICKET_DID_TRANSITION = -2147483648;

// ---- control block of a breaker -------------------------------------------------------------------------

/** f64: how many times a verdict, a failed probe or `trip` opened it. Written by the owner. */
export const OPENED_OFFSET = 0;
/**
 * f64 ms. Open: end of the delay. Closed: when it closed, for the decay. Returning: start of the
 * ramp. Written by the owner.
 */
export const DEADLINE_OFFSET = OPENED_OFFSET + 8;
/** u64: consecutive failures (low 32 bits) of a generation (high 32 bits). */
export const CONSECUTIVE_OFFSET = DEADLINE_OFFSET + 8;
/** u64: the first lease, see LEASE_SIZE. If the policy has more than one, all are at LEASES. */
export const LEASE_OFFSET = CONSECUTIVE_OFFSET + 8;
/** u32: how many times in a row it opened, before the decay since DEADLINE. */
export const LEVEL_OFFSET = LEASE_OFFSET + 8;
/**
 * u32: successful probes, or acquisitions while returning (low 10 bits), of a generation (high 22
 * bits).
 */
export const PROBE_SUCCESSES_OFFSET = LEVEL_OFFSET + 4;
/** f32 ms: the latest delay, for decorrelated jitter. */
export const DELAY_OFFSET = PROBE_SUCCESSES_OFFSET + 4;
/** u32: address of its name; of a freed breaker the next free one and NAME_FREED. For the host. */
export const NAME_OFFSET = DELAY_OFFSET + 4;
/** u32: state, mode, owner, generation. A transition begins with one compare-and-swap of it. */
export const WORD_OFFSET = NAME_OFFSET + 4;
/** u32: address of the policy. */
export const POLICY_OFFSET = WORD_OFFSET + 4;
export const CONTROL_SIZE = POLICY_OFFSET + 4;

/**
 * A breaker's address leaves this remainder when divided by CACHE_LINE_SIZE, so that WORD starts a
 * line.
 */
export const CACHE_LINE_LOG2 = 6;
export const CACHE_LINE_SIZE = 1 << CACHE_LINE_LOG2;
export const BREAKER_REMAINDER = CACHE_LINE_SIZE - WORD_OFFSET;

/** Where the first stripe starts without threads: behind the control block. */
export const STRIPES_OFFSET = CONTROL_SIZE;
/**
 * With threads: on the next cache line, so that no thread writes to the line that all threads read.
 */
export const SHARED_STRIPES_OFFSET = WORD_OFFSET + CACHE_LINE_SIZE;

/** Successful probes have ten bits. */
export const PROBE_SUCCESSES_BITS = 10;
/** A lease: its end in 1/1024 ms (low 52 bits) and the low 12 bits of its generation; 0: free. */
export const LEASE_SIZE = 8;
export const LEASE_TIME_BITS = 52;
export const LEASE_TICKS_PER_MS = 1024;

// ---- stripe ---------------------------------------------------------------------------------------------

/** f64 ms: latest time seen by this writer; 0: none yet. */
export const LATEST_OFFSET = 0;
/**
 * f64 ms: end of the current bucket; without a time window MAXIMUM_JUMP after a time that was seen.
 */
export const END_OFFSET = LATEST_OFFSET + 8;
/**
 * u32: the ticket of a call admitted in the current bucket: the plain ticket of the generation that
 * this stripe counts. Where calls can hang it has SLOT_SLOW_PATH. A ticket with a slot, or 0, sends
 * every call to the slow path.
 */
export const TICKET_OFFSET = END_OFFSET + 8;
/** u32: offset of the current bucket from the stripe, CURRENT_SKIP_JUDGEMENT, CURRENT_STREAK. */
export const CURRENT_OFFSET = TICKET_OFFSET + 4;
/**
 * Bit of CURRENT: this stripe alone has the least number of calls, so a fast success needs no
 * judgement until the bucket turns. Its value is at most MAXIMUM_CALLS: one comparison of the calls
 * tests the bit and that the stripe is not full.
 */
export const CURRENT_SKIP_JUDGEMENT = 0x40000000;
/**
 * Bit of CURRENT: only the streak of failures is judged, so a success while it is 0 changes
 * nothing.
 */
export const CURRENT_STREAK = 0x20000000;
/**
 * u32: sums over the buckets, in the order of the counts of a bucket. Calls and failures are one
 * u64.
 */
export const CALLS_OFFSET = CURRENT_OFFSET + 4;
export const FAILURES_OFFSET = CALLS_OFFSET + 4;
export const SLOW_OFFSET = FAILURES_OFFSET + 4;
/**
 * u32: the ticket of a call admitted in the current bucket where calls can hang: the bucket's
 * SLOT_PENDING. Has no sum.
 */
export const PENDING_TICKET_OFFSET = SLOW_OFFSET + 4;
/**
 * f64: totals, which only rise; see totals.ts. Calls that succeeded, failed, were slow: TOTAL_OPEN
 * is added while the sums above belong to the total. The first two are on the line of WORD without
 * threads.
 */
export const TOTAL_SUCCEEDED_OFFSET = PENDING_TICKET_OFFSET + 4;
/** f64: calls refused while open, half-open or returning. */
export const REFUSED_OFFSET = TOTAL_SUCCEEDED_OFFSET + 8;
export const TOTAL_FAILED_OFFSET = REFUSED_OFFSET + 8;
export const TOTAL_SLOW_OFFSET = TOTAL_FAILED_OFFSET + 8;
/** f64: calls refused while forced open. */
export const REFUSED_FORCED_OFFSET = TOTAL_SLOW_OFFSET + 8;
/** f64: calls that were reported after the end of their generation. */
export const LATE_OFFSET = REFUSED_FORCED_OFFSET + 8;
/** Part of a total: the sum is to be added. Totals are exact to 2^52. */
export const TOTAL_OPEN = 0.5;
/**
 * u64: how often the counts of the stripe were halved (16 bits), then what is left over of calls,
 * failures and slow calls, in calls (16 bits each). 0: never since the generation began.
 */
export const SCALE_OFFSET = LATE_OFFSET + 8;
export const SCALE_BITS = 16;
export const BUCKETS_OFFSET = SCALE_OFFSET + 8;

/**
 * The bucket with the number n = floor(time / width) is at n mod count. Without threads the current
 * bucket holds the sums of before it began: its own counts are the difference, and no call touches
 * its cache line.
 */
export const BUCKET_CALLS_OFFSET = 0;
export const BUCKET_FAILURES_OFFSET = BUCKET_CALLS_OFFSET + 4;
export const BUCKET_SLOW_OFFSET = BUCKET_FAILURES_OFFSET + 4;
/**
 * i32: calls admitted in this bucket minus those of them that were reported to this stripe; has no
 * sum.
 */
export const BUCKET_PENDING_OFFSET = BUCKET_SLOW_OFFSET + 4;
export const BUCKET_SIZE = BUCKET_PENDING_OFFSET + 4;

// ---- count window: one head and one ring for all threads ---------------------------------------------------
//
//   bit   0         2        16         30        54
//        +---------+--------+----------+---------+------------+
//        | latest  | slow   | failures | number  | generation |   the head (u64)
//        | outcome |        |          |         |            |
//        +---------+--------+----------+---------+------------+

/** u64: all that one call changes, by one compare-and-swap. */
export const COUNT_HEAD_OFFSET = 0;
/** Bits of the latest outcome, which the next call copies to the ring. */
export const COUNT_BIT_FAILURE = 1;
export const COUNT_BIT_SLOW = 2;
export const COUNT_OUTCOME_BITS = 2;
/** Bits of the sums of slow calls and of failures in the window. */
export const COUNT_SUM_BITS = 14;
export const COUNT_SLOW_SHIFT = COUNT_OUTCOME_BITS;
export const COUNT_FAILURES_SHIFT = COUNT_SLOW_SHIFT + COUNT_SUM_BITS;
/** Outcomes since the generation began; after the largest number it goes on from half of it. */
export const COUNT_NUMBER_BITS = 24;
export const COUNT_NUMBER_SHIFT = COUNT_FAILURES_SHIFT + COUNT_SUM_BITS;
/**
 * Low bits of the generation that it counts: it is empty for any other. Every transition empties
 * it.
 */
export const COUNT_GENERATION_SHIFT = COUNT_NUMBER_SHIFT + COUNT_NUMBER_BITS;
/**
 * u64 each: sixteen outcomes (low 32 bits) and the number of changes of this u64 (high 32 bits).
 */
export const COUNT_RING_OFFSET = COUNT_HEAD_OFFSET + 8;
export const COUNT_WORD_OUTCOMES = 16;
export const COUNT_WORD_SIZE = 8;
export const COUNT_CHANGES_SHIFT = 32;

// ---- overload block: of policies with a throttle or with a maximum of pending calls ---------------------------
//
//   bit   0       16      21      25      42
//        +-------+-------+-------+-------+------------+
//        | good  |bucket |boost  |share  | generation |   the share (u64)
//        +-------+-------+-------+-------+------------+

/** u64: all that the throttle remembers, see the picture. Of another generation: the share is 1. */
export const OVERLOAD_SHARE_OFFSET = 0;
/** Successes since the share grew, or since the latest failure. */
export const SHARE_GOOD_BITS = 16;
/** The bucket in which that was: its number modulo 32. */
export const SHARE_BUCKET_BITS = 5;
export const SHARE_BUCKET_SHIFT = SHARE_GOOD_BITS;
/** How often the share was doubled since the latest failure. */
export const SHARE_BOOST_BITS = 4;
export const SHARE_BOOST_SHIFT = SHARE_BUCKET_SHIFT + SHARE_BUCKET_BITS;
/** The part of the calls that passes, in 1/SHARE_ONE. */
export const SHARE_SHIFT = SHARE_BOOST_SHIFT + SHARE_BOOST_BITS;
export const SHARE_BITS = 17;
export const SHARE_ONE = 65536;
export const SHARE_GENERATION_SHIFT = SHARE_SHIFT + SHARE_BITS;
/** u32: the part of a call that is due, in 1/2^32: each call adds the share; one that carries passes. */
export const OVERLOAD_DUE_OFFSET = OVERLOAD_SHARE_OFFSET + 8;
/** u64: calls that the throttle refused, and that were refused for the pending ones, over the life of the breaker. */
export const OVERLOAD_THROTTLED_OFFSET = OVERLOAD_DUE_OFFSET + 8;
export const OVERLOAD_BUSY_OFFSET = OVERLOAD_THROTTLED_OFFSET + 8;
/**
 * u64 for each bucket of the window: calls that the throttle refused in it (low 32 bits), and a tag of its number and of
 * the generation (high 32 bits). Another tag: none were.
 */
export const OVERLOAD_RING_OFFSET = OVERLOAD_BUSY_OFFSET + 8;
export const OVERLOAD_CELL_SIZE = 8;
/** Share of calls with which a throttle begins after the probes, in 1/SHARE_ONE: a fifth. */
export const SHARE_START = 13107;

// ---- policy: options as numbers; written by the host, only read by the core --------------------------------

/** f64: least success rate of the time window, 0..1. */
export const REQUIRED_RATE_OFFSET = 0;
/**
 * f64 ms: a longer call is slow; Infinity: none is. Without a time window that of the count window,
 * for the totals.
 */
export const SLOW_CALL_MS_OFFSET = REQUIRED_RATE_OFFSET + 8;
/** f64: largest share of slow calls, 0..1; 1: no limit. */
export const MAXIMUM_SLOW_RATE_OFFSET = SLOW_CALL_MS_OFFSET + 8;
/** f64 ms: width of a bucket. */
export const BUCKET_MS_OFFSET = MAXIMUM_SLOW_RATE_OFFSET + 8;
/** f64 ms: a call that is pending for longer counts as a failure; 0: none does. For the host. */
export const HUNG_AFTER_MS_OFFSET = BUCKET_MS_OFFSET + 8;
/**
 * f64: the same in buckets between that of the call and the current one; 0: calls cannot hang, and
 * none is pending.
 */
export const HUNG_BUCKETS_OFFSET = HUNG_AFTER_MS_OFFSET + 8;
/** i32: least number of calls for a verdict of the time window. */
export const MINIMUM_CALLS_OFFSET = HUNG_BUCKETS_OFFSET + 8;
/** u32: DETECTOR_ bits. */
export const DETECTORS_OFFSET = MINIMUM_CALLS_OFFSET + 4;
export const BUCKET_COUNT_OFFSET = DETECTORS_OFFSET + 4;
/** u32: bytes from one stripe to the next. */
export const STRIPE_SIZE_OFFSET = BUCKET_COUNT_OFFSET + 4;
export const STRIPE_COUNT_OFFSET = STRIPE_SIZE_OFFSET + 4;
/** u32: address of the registry. */
export const REGISTRY_OFFSET = STRIPE_COUNT_OFFSET + 4;
/** u32: consecutive failures that open. */
export const CONSECUTIVE_LIMIT_OFFSET = REGISTRY_OFFSET + 4;
/**
 * u32: size of the count window in calls, least number of calls for a verdict, offset in the
 * breaker (0: there is none).
 */
export const COUNT_CALLS_OFFSET = CONSECUTIVE_LIMIT_OFFSET + 4;
export const COUNT_MINIMUM_CALLS_OFFSET = COUNT_CALLS_OFFSET + 4;
export const COUNT_WINDOW_OFFSET = COUNT_MINIMUM_CALLS_OFFSET + 4;
export const COUNT_REQUIRED_RATE_OFFSET = COUNT_WINDOW_OFFSET + 4;
export const COUNT_SLOW_CALL_MS_OFFSET = COUNT_REQUIRED_RATE_OFFSET + 8;
export const COUNT_MAXIMUM_SLOW_RATE_OFFSET = COUNT_SLOW_CALL_MS_OFFSET + 8;
/** f64 ms: length of a probe's lease. */
export const PROBE_TIMEOUT_MS_OFFSET = COUNT_MAXIMUM_SLOW_RATE_OFFSET + 8;
/** f64 ms: closed time that lowers the level by one; 0: closing sets it to 0. */
export const DECAY_MS_OFFSET = PROBE_TIMEOUT_MS_OFFSET + 8;
/** f64: steps of the ramp, 0: none; f64 ms: length of a step. */
export const RAMP_STEPS_OFFSET = DECAY_MS_OFFSET + 8;
export const RAMP_STEP_MS_OFFSET = RAMP_STEPS_OFFSET + 8;
/** f64: success rate that a throttle aims at, 0..1; 0: none. f64: least share of calls that passes, 0..1. */
export const OVERLOAD_RATE_OFFSET = RAMP_STEP_MS_OFFSET + 8;
export const LEAST_SHARE_OFFSET = OVERLOAD_RATE_OFFSET + 8;
/** u32: offset of the overload block in the breaker; 0: there is none. */
export const OVERLOAD_OFFSET = LEAST_SHARE_OFFSET + 8;
/** u32: pending calls from which on others are refused; 0: any number. */
export const MAXIMUM_PENDING_OFFSET = OVERLOAD_OFFSET + 4;
/** u32: ended calls that a throttle looks back at, at least. */
export const OVERLOAD_CALLS_OFFSET = MAXIMUM_PENDING_OFFSET + 4;
/** u32: failed probes that do not reopen. */
export const TOLERATED_FAILURES_OFFSET = OVERLOAD_CALLS_OFFSET + 4;
/** u32: probes out at once, successes that close, offset of the leases in the breaker. */
export const PROBES_OFFSET = TOLERATED_FAILURES_OFFSET + 4;
export const SUCCESSES_TO_CLOSE_OFFSET = PROBES_OFFSET + 4;
export const LEASES_OFFSET = SUCCESSES_TO_CLOSE_OFFSET + 4;
/** u32: JITTER_ code. */
export const JITTER_OFFSET = LEASES_OFFSET + 4;
/** u32: number of delays; the last one is for all higher levels. */
export const DELAY_COUNT_OFFSET = JITTER_OFFSET + 4;
/** u32: MODE_ of a new breaker. For the host. */
export const START_MODE_OFFSET = DELAY_COUNT_OFFSET + 4;
/** u32: address of the shape of its breakers, see SHAPE_SIZE. For the host. */
export const SHAPE_OFFSET = START_MODE_OFFSET + 4;
/** u32: address of the policy placed before. For the host. */
export const PREVIOUS_POLICY_OFFSET = SHAPE_OFFSET + 4;
/** f64[] ms; behind them f64[], the shares of the ramp. */
export const DELAYS_OFFSET = PREVIOUS_POLICY_OFFSET + 4;

export const DETECTOR_TIME_WINDOW = 1;
export const DETECTOR_COUNT_WINDOW = 2;
export const DETECTOR_CONSECUTIVE = 4;
/** No detector: there is a throttle. */
export const DETECTOR_THROTTLE = 8;

export const JITTER_NONE = 0;
export const JITTER_EQUAL = 1;
export const JITTER_FULL = 2;
export const JITTER_DECORRELATED = 3;

// ---- registry -------------------------------------------------------------------------------------------

/** Where the registry is, in every memory. Address 0 is never used and means "none". */
export const REGISTRY_ADDRESS = CACHE_LINE_SIZE;

// First cache line: rarely written, so that it stays in the cache of every thread.

/**
 * u32: number of stripes, records of the journal for each of them (a power of two), address of the
 * first record.
 */
export const REGISTRY_STRIPE_COUNT_OFFSET = 0;
export const REGISTRY_JOURNAL_CAPACITY_OFFSET = REGISTRY_STRIPE_COUNT_OFFSET + 4;
export const REGISTRY_JOURNAL_OFFSET = REGISTRY_JOURNAL_CAPACITY_OFFSET + 4;
/** u32: address of the name table. */
export const REGISTRY_TABLE_OFFSET = REGISTRY_JOURNAL_OFFSET + 4;
/**
 * u32, FREED: breakers freed or configured, modulo 2^32. While it stays the same, an address is
 * that of the same breaker. Raised before the word of a freed breaker changes.
 */
export const REGISTRY_FREED_OFFSET = REGISTRY_TABLE_OFFSET + 4;
/** u32: address of the latest shape, see SHAPE_SIZE. */
export const REGISTRY_SHAPES_OFFSET = REGISTRY_FREED_OFFSET + 4;
/** u32: address of the latest policy. */
export const REGISTRY_POLICIES_OFFSET = REGISTRY_SHAPES_OFFSET + 4;
/** u32[2]: key of the hash of names. */
export const REGISTRY_KEY_OFFSET = REGISTRY_POLICIES_OFFSET + 4;
/** u32: address of the free lists of names and tables, see FREE_LISTS_SIZE; 0 without threads. */
export const REGISTRY_FREE_LISTS_OFFSET = REGISTRY_KEY_OFFSET + 8;

// Second cache line: written by every thread.

/** u64: state of the random generator for jitter. */
export const REGISTRY_SEED_OFFSET = CACHE_LINE_SIZE;
/** u32: bump pointer, the end of the memory in use in units of BLOCK_UNIT bytes. */
export const REGISTRY_END_OFFSET = REGISTRY_SEED_OFFSET + 8;
/** i32: raised after transitions were written; threads with listeners wait on it. */
export const REGISTRY_CHANGES_OFFSET = REGISTRY_END_OFFSET + 4;
/** u32: number of tokens given out, see WRITER_HOLDER. */
export const REGISTRY_TOKENS_OFFSET = REGISTRY_CHANGES_OFFSET + 4;

/** Three cache lines for each stripe. */
export const REGISTRY_WRITERS_OFFSET = 2 * CACHE_LINE_SIZE;

/** u32, the head: records that this stripe has written, modulo 2^32. */
export const WRITER_HEAD_OFFSET = 0;
/** u32: the breaker that this stripe owns or is about to own, or 0; for `recover`. */
export const WRITER_BREAKER_OFFSET = WRITER_HEAD_OFFSET + 4;
/**
 * u32: the table that its thread works on, or 0; the memory of that table is not reused meanwhile.
 */
export const WRITER_TABLE_OFFSET = WRITER_BREAKER_OFFSET + 4;
/** u32: token of the handle by which a thread has this stripe; 0: the stripe is free. */
export const WRITER_HOLDER_OFFSET = WRITER_TABLE_OFFSET + 4;
/** u32: address of its next name, and the end of its arena chunk for names. */
export const WRITER_CHUNK_OFFSET = WRITER_HOLDER_OFFSET + 4;
export const WRITER_CHUNK_END_OFFSET = WRITER_CHUNK_OFFSET + 4;
/** u32: where the host moves the breaker that this stripe owns, or 0. After a death it tells whether the move was done. */
export const WRITER_MOVED_OFFSET = WRITER_CHUNK_END_OFFSET + 4;
/** Second and third cache line: output of `measure` for its thread. */
export const WRITER_SCRATCH_OFFSET = CACHE_LINE_SIZE;
export const WRITER_SIZE = 3 * CACHE_LINE_SIZE;

// ---- memory: a freed block is reused only for the same kind and size, see src/core/allocator.ts --------------

/** Every block begins and ends at a multiple of this. */
export const BLOCK_UNIT = 8;

/**
 * A free list: u32 address of its first block (0: none), u32 how often that address has changed.
 */
export const FREE_LIST_SIZE = 8;
/**
 * The block of free lists: one for each size of names in units of BLOCK_UNIT, one for each log2 of
 * the slots of tables.
 */
export const NAME_FREE_LISTS_OFFSET = 0;
export const NAME_FREE_LISTS_COUNT = 258;
export const TABLE_FREE_LISTS_OFFSET = NAME_FREE_LISTS_OFFSET + NAME_FREE_LISTS_COUNT * FREE_LIST_SIZE;
export const TABLE_FREE_LISTS_COUNT = 30;
export const FREE_LISTS_SIZE = TABLE_FREE_LISTS_OFFSET + TABLE_FREE_LISTS_COUNT * FREE_LIST_SIZE;

/** What breakers of one size and division share. u32[2]: free list of their blocks. */
export const SHAPE_FREE_LIST_OFFSET = 0;
/**
 * u32: bytes of a breaker, of a stripe; where further leases, the count window and the overload block are; the shape
 * made before.
 */
export const SHAPE_BREAKER_SIZE_OFFSET = SHAPE_FREE_LIST_OFFSET + FREE_LIST_SIZE;
export const SHAPE_STRIPE_SIZE_OFFSET = SHAPE_BREAKER_SIZE_OFFSET + 4;
export const SHAPE_LEASES_OFFSET = SHAPE_STRIPE_SIZE_OFFSET + 4;
export const SHAPE_COUNT_WINDOW_OFFSET = SHAPE_LEASES_OFFSET + 4;
export const SHAPE_OVERLOAD_OFFSET = SHAPE_COUNT_WINDOW_OFFSET + 4;
export const SHAPE_PREVIOUS_OFFSET = SHAPE_OVERLOAD_OFFSET + 4;
export const SHAPE_SIZE = SHAPE_PREVIOUS_OFFSET + 4;

// ---- names: UTF-16 units as JavaScript has them, a byte each where all are below 256 -------------------------

/** Bit of NAME: the breaker is free. */
export const NAME_FREED = 1;
/** u32: hash of the name; of a freed name the next free one. */
export const NAME_HASH_OFFSET = 0;
/**
 * u32: number of units minus one (low 10 bits), NAME_WIDE, half the first generation of the breaker
 * (high 21 bits).
 */
export const NAME_HEAD_OFFSET = NAME_HASH_OFFSET + 4;
export const NAME_UNITS_OFFSET = NAME_HEAD_OFFSET + 4;
export const NAME_LENGTH_MASK = 1023;
/** Bit of the head: two bytes a unit. */
export const NAME_WIDE = 1024;
export const NAME_GENERATION_SHIFT = 11;
export const MAXIMUM_NAME_LENGTH = 1024;

// ---- name table: from the hash of a name to its breaker -----------------------------------------------------

/**
 * u32: slots minus one (slots are a power of two); slots that were ever used; breakers in it; the
 * next free table.
 */
export const TABLE_MASK_OFFSET = 0;
export const TABLE_USED_OFFSET = TABLE_MASK_OFFSET + 4;
export const TABLE_LIVE_OFFSET = TABLE_USED_OFFSET + 4;
export const TABLE_LINK_OFFSET = TABLE_LIVE_OFFSET + 4;
/**
 * u32[]: slots. 0: never used; TABLE_TOMBSTONE; else address - BREAKER_REMAINDER, with bits of the
 * hash beside it.
 */
export const TABLE_SLOTS_OFFSET = CACHE_LINE_SIZE;
export const TABLE_TAG_MASK = 31;
/** The slot never changes again, so that it can be copied to another table. */
export const TABLE_FROZEN = 32;
/** A name was removed here; a search goes on behind it. */
export const TABLE_TOMBSTONE = 1;

// ---- journal: a ring of records for each stripe -------------------------------------------------------------

/** u32: address of the breaker. */
export const RECORD_BREAKER_OFFSET = 0;
/** u32: the generation that the transition began. */
export const RECORD_GENERATION_OFFSET = RECORD_BREAKER_OFFSET + 4;
/**
 * u32: the word after the transition (without its generation) and before it, 8 bits each, then the
 * CAUSE_.
 */
export const RECORD_CHANGE_OFFSET = RECORD_GENERATION_OFFSET + 4;
/** u32: level after the transition. */
export const RECORD_LEVEL_OFFSET = RECORD_CHANGE_OFFSET + 4;
/** f64 ms: time of the transition; delay until the next probe; deadline after the transition. */
export const RECORD_TIME_OFFSET = RECORD_LEVEL_OFFSET + 4;
export const RECORD_DELAY_OFFSET = RECORD_TIME_OFFSET + 8;
export const RECORD_DEADLINE_OFFSET = RECORD_DELAY_OFFSET + 8;
/** u32: counts of the window that gave the verdict. */
export const RECORD_CALLS_OFFSET = RECORD_DEADLINE_OFFSET + 8;
export const RECORD_FAILURES_OFFSET = RECORD_CALLS_OFFSET + 4;
export const RECORD_SLOW_OFFSET = RECORD_FAILURES_OFFSET + 4;
/** u32: share of calls that passes after it, in 1/SHARE_ONE. */
export const RECORD_SHARE_OFFSET = RECORD_SLOW_OFFSET + 4;
/** f64: OPENED after the transition. */
export const RECORD_OPENED_OFFSET = RECORD_SHARE_OFFSET + 4;
export const RECORD_SIZE = CACHE_LINE_SIZE;

export const CHANGE_FROM_SHIFT = 8;
export const CHANGE_CAUSE_SHIFT = 16;

export const CAUSE_NONE = 0;
export const CAUSE_TIME_WINDOW_RATE = 1;
export const CAUSE_TIME_WINDOW_SLOW = 2;
export const CAUSE_COUNT_WINDOW_RATE = 3;
export const CAUSE_COUNT_WINDOW_SLOW = 4;
export const CAUSE_CONSECUTIVE = 5;
/** Too few successes in the time window only because hung calls count as failures. */
export const CAUSE_HUNG = 6;
export const CAUSE_DELAY_ENDED = 7;
export const CAUSE_PROBE_FAILED = 8;
export const CAUSE_PROBE_TIMED_OUT = 9;
export const CAUSE_PROBES_SUCCEEDED = 10;
export const CAUSE_RAMP_ENDED = 11;
/** By the export `trip`. */
export const CAUSE_TRIPPED = 12;
/** A throttle begins or ends: no transition, the generation stays. */
export const CAUSE_OVERLOADED = 13;
export const CAUSE_RELIEVED = 14;
/** This and later causes may change the mode, and set the level to 0. */
export const CAUSE_MODE = 15;
export const CAUSE_RESET = 16;

// ---- batch ----------------------------------------------------------------------------------------------

/** The entry is skipped: refused, or not filled in. */
export const OUTCOME_NONE = 0;
/** The call succeeded. */
export const OUTCOME_SUCCESS = 1;
/** The call failed. */
export const OUTCOME_FAILURE = 2;
/** The call ended without an outcome; frees the lease of a probe. */
export const OUTCOME_RELEASE = 3;

// ---- output of `measure` -----------------------------------------------------------------------------------

/** u32 each, over all stripes. */
export const MEASURE_CALLS_OFFSET = 0;
export const MEASURE_FAILURES_OFFSET = MEASURE_CALLS_OFFSET + 4;
export const MEASURE_SLOW_OFFSET = MEASURE_FAILURES_OFFSET + 4;
/** Pending calls, and those of them that count as hung; 0 where calls cannot hang. */
export const MEASURE_PENDING_OFFSET = MEASURE_SLOW_OFFSET + 4;
export const MEASURE_HUNG_OFFSET = MEASURE_PENDING_OFFSET + 4;
/** u32: level after decay. */
export const MEASURE_LEVEL_OFFSET = MEASURE_HUNG_OFFSET + 4;
/** The count window's calls, failures, slow calls. */
export const MEASURE_COUNT_CALLS_OFFSET = MEASURE_LEVEL_OFFSET + 4;
export const MEASURE_COUNT_FAILURES_OFFSET = MEASURE_COUNT_CALLS_OFFSET + 4;
export const MEASURE_COUNT_SLOW_OFFSET = MEASURE_COUNT_FAILURES_OFFSET + 4;
/** u32: consecutive failures. */
export const MEASURE_CONSECUTIVE_OFFSET = MEASURE_COUNT_SLOW_OFFSET + 4;
/** f64 each: the totals, over all stripes. */
export const MEASURE_TOTALS_OFFSET = MEASURE_CONSECUTIVE_OFFSET + 4;
export const TOTALS_SUCCEEDED_OFFSET = 0;
export const TOTALS_FAILED_OFFSET = TOTALS_SUCCEEDED_OFFSET + 8;
export const TOTALS_SLOW_OFFSET = TOTALS_FAILED_OFFSET + 8;
export const TOTALS_REFUSED_OFFSET = TOTALS_SLOW_OFFSET + 8;
export const TOTALS_REFUSED_FORCED_OFFSET = TOTALS_REFUSED_OFFSET + 8;
export const TOTALS_REFUSED_THROTTLED_OFFSET = TOTALS_REFUSED_FORCED_OFFSET + 8;
export const TOTALS_REFUSED_BUSY_OFFSET = TOTALS_REFUSED_THROTTLED_OFFSET + 8;
export const TOTALS_LATE_OFFSET = TOTALS_REFUSED_BUSY_OFFSET + 8;
export const TOTALS_OPENED_OFFSET = TOTALS_LATE_OFFSET + 8;
export const TOTALS_SIZE = TOTALS_OPENED_OFFSET + 8;
/** u32: share of calls that a throttle lets pass, in 1/SHARE_ONE. */
export const MEASURE_SHARE_OFFSET = MEASURE_TOTALS_OFFSET + TOTALS_SIZE;
export const MEASURE_SIZE = MEASURE_SHARE_OFFSET + 8;

// ---- output of `collect` ------------------------------------------------------------------------------------

/** f64 each, over all breakers but idle ones: the totals first, then pending calls. */
export const COLLECT_PENDING_OFFSET = TOTALS_SIZE;
/** f64 each: breakers by the state that a snapshot shows, in the order of the STATE_ codes; idle ones. */
export const COLLECT_STATES_OFFSET = COLLECT_PENDING_OFFSET + 8;
export const COLLECT_IDLE_OFFSET = COLLECT_STATES_OFFSET + 4 * 8;
export const COLLECT_SIZE = COLLECT_IDLE_OFFSET + 8;
/**
 * Rank of a breaker, u32: 0: idle; otherwise one more than the calls in its window, with
 * RANK_NOT_CLOSED.
 */
export const RANK_NOT_CLOSED = 0x40000000;
