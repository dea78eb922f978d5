/**
 * Memory layout of a registry: the only place where an offset is written down.
 *
 * Shared with the host (src/core/), so it stays portable: no imports, no AssemblyScript types,
 * no decorators, whole numbers below 2^31 only.
 *
 * One breaker: a control block, one stripe for each writer (a thread, or all other machines), then
 * what the policy asks for beyond that (more leases, the ring of a count window). The host places the
 * control block so that WORD starts a cache line: without threads that line holds all that a call of a closed
 * breaker touches; with threads a stripe has a line of its own, and the bucket another.
 *
 *   byte  0         8              16       24      28          32      36     40     44
 *        +---------+--------------+--------+-------+-----------+-------+------+------+--------+
 *        |deadline |consecutive   |lease   |level  |probe      |delay  |name  |word  |policy  |  control
 *        |         |failures      |        |       |successes  |       |      |      |        |
 *        +---------+--------------+--------+-------+-----------+-------+------+------+--------+
 *   byte  0         8       16       20       24      28        32     36       40     44       48
 *        +---------+-------+--------+--------+-------+---------+------+--------+------+--------+----
 *        |latest   |end    |ticket  |current |calls  |failures |slow  |spare   |late  |refused |      stripe
 *        +---------+-------+--------+--------+-------+---------+------+--------+------+--------+----
 *   byte 48         52         56      60         64
 *   ----+----------+----------+-------+----------+----
 *       |calls     |failures  |slow   |pending   | ... one bucket of 16 bytes for each slice of the window
 *   ----+----------+----------+-------+----------+----
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

/** Raised by one with every change below; the host refuses a module that disagrees. */
export const LAYOUT_VERSION = 4;

// ---- the word of a breaker ------------------------------------------------------------------------------

/** Calls pass. Zero, so that the word of a closed, enabled, unowned breaker is its generation and nothing else. */
export const STATE_CLOSED = 0;
/** Calls are refused until the deadline. */
export const STATE_OPEN = 1;
/** A few probes pass, everything else is refused. */
export const STATE_HALF_OPEN = 2;
/** Enough probes have succeeded, and a growing share of calls passes: still half-open for whoever asks. */
export const STATE_RETURNING = 3;
export const STATE_MASK = 3;

/** The breaker judges and refuses. */
export const MODE_ENABLED = 0;
/** Everything passes and nothing is counted. */
export const MODE_DISABLED = 1;
/** Everything is refused until somebody says otherwise; no time heals it. */
export const MODE_FORCED_OPEN = 2;
/** Counts, judges and writes in the journal what it would have done; refuses nothing. */
export const MODE_SHADOW = 3;
export const MODE_SHIFT = 2;
export const MODE_MASK = 3;

/** 0 = no transition is under way; otherwise 1 + the stripe of the thread that writes one. */
export const OWNER_SHIFT = 4;
export const OWNER_MASK = 63;

/** Raised by one on every transition, never 0; after 4,194,303 it starts again at 1. */
export const GENERATION_SHIFT = 10;
export const GENERATION_MASK = 0x3fffff;

// ---- tickets --------------------------------------------------------------------------------------------

/** A call admitted while closed. */
export const SLOT_PLAIN = 0;
/** Slots 1 to MAXIMUM_PROBES are the leases of probes. */
export const SLOT_FIRST_PROBE = 1;
/** Admitted while closed and pending in a bucket: this and the bucket's number modulo PENDING_NUMBERS. */
export const SLOT_PENDING = 65;
export const PENDING_NUMBERS = 190;
/** Admitted only because the breaker is in shadow mode: its result is never judged. */
export const SLOT_UNJUDGED = 255;
export const SLOT_MASK = 255;
/** word >>> TICKET_SHIFT of a closed, enabled, unowned breaker is a plain ticket of its generation. */
export const TICKET_SHIFT = 2;
export const TICKET_GENERATION_SHIFT = 8;

// ---- limits ---------------------------------------------------------------------------------------------

/** Owners have six bits and 0 means nobody. */
export const MAXIMUM_STRIPES = 63;
export const MAXIMUM_BUCKETS = 64;
export const MAXIMUM_PROBES = 64;
export const MAXIMUM_LEVELS = 64;
/** Calls of a count window. */
export const MAXIMUM_COUNT_CALLS = 10000;
/** A stripe that holds this many calls counts no further until a bucket turns, so that no sum wraps. */
export const MAXIMUM_CALLS = 0x7f000000;
/** Times run from 0 to this many days in ms (to the year 2095, if they count from 1970), so that a lease can hold them. */
export const MAXIMUM_TIME_DAYS = 46000;
export const MS_PER_DAY = 86400000;
/** Calls that one report may stand for. */
export const MAXIMUM_WEIGHT = 1000000;

// ---- what a call returns --------------------------------------------------------------------------------

/** Bit of the result of a report: a transition was written, read the journal. */
export const DID_TRANSITION = 1;
/** Bit of the result of a report: it was late, counted as such and changed nothing. */
export const DID_LATE = 2;
/** Bit of the result of an acquisition, beside the ticket: a transition was written, read the journal. */
export const TICKET_DID_TRANSITION = -2147483648;

// ---- control block of a breaker -------------------------------------------------------------------------

/** f64 ms. Open: refuses until then. Closed: since when the level falls. Returning: since when. Written by the owner only. */
export const DEADLINE_OFFSET = 0;
/** u64: failures in a row (low 32 bits) of a generation (high 32 bits). */
export const CONSECUTIVE_OFFSET = DEADLINE_OFFSET + 8;
/** u64: the first lease, see LEASE_. Further leases are where the policy says. */
export const LEASE_OFFSET = CONSECUTIVE_OFFSET + 8;
/** u32: how many times in a row it opened, not yet lowered by the healthy time since the deadline. */
export const LEVEL_OFFSET = LEASE_OFFSET + 8;
/** u32: successful probes, or calls that asked while returning (low 10 bits), of a generation (high 22 bits). */
export const PROBE_SUCCESSES_OFFSET = LEVEL_OFFSET + 4;
/** f32 ms: the latest delay, from which decorrelated jitter draws the next. */
export const DELAY_OFFSET = PROBE_SUCCESSES_OFFSET + 4;
/** u32: address of its name; in a freed breaker the next freed one and NAME_FREED. For the host; the core never reads it. */
export const NAME_OFFSET = DELAY_OFFSET + 4;
/** u32: state, mode, owner, generation. Every transition is one compare-and-swap of it. */
export const WORD_OFFSET = NAME_OFFSET + 4;
/** u32: address of the policy. */
export const POLICY_OFFSET = WORD_OFFSET + 4;
export const CONTROL_SIZE = POLICY_OFFSET + 4;

/** A breaker's address leaves this remainder when divided by CACHE_LINE_SIZE, so that WORD starts a line. */
export const CACHE_LINE_LOG2 = 6;
export const CACHE_LINE_SIZE = 1 << CACHE_LINE_LOG2;
export const BREAKER_REMAINDER = CACHE_LINE_SIZE - WORD_OFFSET;

/** Where the first stripe starts: right behind the control block ... */
export const STRIPES_OFFSET = CONTROL_SIZE;
/** ... or, between threads, on the next line: what every thread reads must not lie where one thread writes. */
export const SHARED_STRIPES_OFFSET = WORD_OFFSET + CACHE_LINE_SIZE;

/** Successful probes have ten bits. */
export const PROBE_SUCCESSES_BITS = 10;
/** A lease is its end in 1/1024 ms (low 52 bits) and the low 12 bits of its generation; 0 is free. */
export const LEASE_SIZE = 8;
export const LEASE_TIME_BITS = 52;
export const LEASE_TICKS_PER_MS = 1024;

// ---- stripe ---------------------------------------------------------------------------------------------

/** f64 ms: latest time seen by this writer. */
export const LATEST_OFFSET = 0;
/** f64 ms: end of the current bucket; the largest time without a time window. */
export const END_OFFSET = LATEST_OFFSET + 8;
/**
 * u32: what a call gets that is admitted in the current bucket: the plain ticket of the generation that this stripe
 * counts, with the bucket's SLOT_PENDING beside it where calls can hang. Any slot, and 0, sends every call down the
 * long way.
 */
export const TICKET_OFFSET = END_OFFSET + 8;
/** u32: offset of the current bucket from the stripe, CURRENT_QUIET, CURRENT_ROW. */
export const CURRENT_OFFSET = TICKET_OFFSET + 4;
/**
 * Bit of CURRENT: until the bucket turns, a fast success needs no verdict, for this stripe alone has calls enough. As
 * a number it is the calls below which that holds, so that one comparison looks at both: it is no more than MAXIMUM_CALLS.
 */
export const CURRENT_QUIET = 0x40000000;
/** Bit of CURRENT: failures in a row are all that counts, so a success while there are none changes nothing. */
export const CURRENT_ROW = 0x20000000;
/** u32: sums over the buckets, in their order, correct at any time. Calls and failures are one u64. */
export const CALLS_OFFSET = CURRENT_OFFSET + 4;
export const FAILURES_OFFSET = CALLS_OFFSET + 4;
export const SLOW_OFFSET = FAILURES_OFFSET + 4;
/** u32: unused. */
export const SPARE_OFFSET = SLOW_OFFSET + 4;
/** u32: results that came after their generation had ended. */
export const LATE_OFFSET = SPARE_OFFSET + 4;
/** u32: calls refused. */
export const REFUSED_OFFSET = LATE_OFFSET + 4;
export const BUCKETS_OFFSET = REFUSED_OFFSET + 4;

/**
 * The bucket of number n = floor(time / width) is the one at n mod count. Without threads the current one holds what
 * the sums were before it began: what it counts is the difference, and no call touches its line.
 */
export const BUCKET_CALLS_OFFSET = 0;
export const BUCKET_FAILURES_OFFSET = BUCKET_CALLS_OFFSET + 4;
export const BUCKET_SLOW_OFFSET = BUCKET_FAILURES_OFFSET + 4;
/** i32: calls admitted in it less those of them that were reported to this stripe; has no sum. */
export const BUCKET_PENDING_OFFSET = BUCKET_SLOW_OFFSET + 4;
export const BUCKET_SIZE = BUCKET_PENDING_OFFSET + 4;

// ---- count window: one head and one ring for all threads ---------------------------------------------------
//
//   bit   0         2        16         30        54
//        +---------+--------+----------+---------+------------+
//        | latest  | slow   | failures | number  | generation |   the head (u64)
//        | outcome |        |          |         |            |
//        +---------+--------+----------+---------+------------+

/** u64: everything that one call changes, so that it is changed by one compare-and-swap. */
export const COUNT_HEAD_OFFSET = 0;
/** The latest outcome: COUNT_BIT_FAILURE, COUNT_BIT_SLOW. It is not in the ring yet. */
export const COUNT_BIT_FAILURE = 1;
export const COUNT_BIT_SLOW = 2;
export const COUNT_OUTCOME_BITS = 2;
/** How many of the outcomes held are slow, are failures. */
export const COUNT_SUM_BITS = 14;
export const COUNT_SLOW_SHIFT = COUNT_OUTCOME_BITS;
export const COUNT_FAILURES_SHIFT = COUNT_SLOW_SHIFT + COUNT_SUM_BITS;
/** Outcomes since the generation began; from the largest number it goes back to half of that. */
export const COUNT_NUMBER_BITS = 24;
export const COUNT_NUMBER_SHIFT = COUNT_FAILURES_SHIFT + COUNT_SUM_BITS;
/** Low bits of the generation that it counts; another one means that it is empty. Every transition empties it. */
export const COUNT_GENERATION_SHIFT = COUNT_NUMBER_SHIFT + COUNT_NUMBER_BITS;
/** u64 each: sixteen outcomes (low 32 bits) and how often this u64 was changed (high 32 bits). */
export const COUNT_RING_OFFSET = COUNT_HEAD_OFFSET + 8;
export const COUNT_WORD_OUTCOMES = 16;
export const COUNT_WORD_SIZE = 8;
export const COUNT_CHANGES_SHIFT = 32;

// ---- policy: what options became; written by the host, only read by the core ------------------------------

/** f64: least success rate of the time window, 0..1. */
export const REQUIRED_RATE_OFFSET = 0;
/** f64 ms: a call that took longer is slow; Infinity: none is. */
export const SLOW_CALL_MS_OFFSET = REQUIRED_RATE_OFFSET + 8;
/** f64: largest share of slow calls, 0..1; 1 cannot be exceeded. */
export const MAXIMUM_SLOW_RATE_OFFSET = SLOW_CALL_MS_OFFSET + 8;
/** f64 ms: width of a bucket. */
export const BUCKET_MS_OFFSET = MAXIMUM_SLOW_RATE_OFFSET + 8;
/** f64 ms: calls that are out for longer count as failures; 0: none does. For the host. */
export const HUNG_AFTER_MS_OFFSET = BUCKET_MS_OFFSET + 8;
/** f64: calls still pending count so when the current bucket is so many after theirs; 0: never, and none is pending. */
export const HUNG_BUCKETS_OFFSET = HUNG_AFTER_MS_OFFSET + 8;
/** i32: calls below which the time window gives no verdict. */
export const MINIMUM_CALLS_OFFSET = HUNG_BUCKETS_OFFSET + 8;
/** u32: DETECTOR_ bits. */
export const DETECTORS_OFFSET = MINIMUM_CALLS_OFFSET + 4;
export const BUCKET_COUNT_OFFSET = DETECTORS_OFFSET + 4;
/** u32: bytes from one stripe to the next. */
export const STRIPE_SIZE_OFFSET = BUCKET_COUNT_OFFSET + 4;
export const STRIPE_COUNT_OFFSET = STRIPE_SIZE_OFFSET + 4;
/** u32: address of the registry. */
export const REGISTRY_OFFSET = STRIPE_COUNT_OFFSET + 4;
/** u32: failures in a row that open. */
export const CONSECUTIVE_LIMIT_OFFSET = REGISTRY_OFFSET + 4;
/** The count window: calls that it holds, calls below which it gives no verdict, where it is in the breaker (0: nowhere). */
export const COUNT_CALLS_OFFSET = CONSECUTIVE_LIMIT_OFFSET + 4;
export const COUNT_MINIMUM_CALLS_OFFSET = COUNT_CALLS_OFFSET + 4;
export const COUNT_WINDOW_OFFSET = COUNT_MINIMUM_CALLS_OFFSET + 4;
export const COUNT_REQUIRED_RATE_OFFSET = COUNT_WINDOW_OFFSET + 4;
export const COUNT_SLOW_CALL_MS_OFFSET = COUNT_REQUIRED_RATE_OFFSET + 8;
export const COUNT_MAXIMUM_SLOW_RATE_OFFSET = COUNT_SLOW_CALL_MS_OFFSET + 8;
/** f64 ms: length of a probe's lease. */
export const PROBE_TIMEOUT_MS_OFFSET = COUNT_MAXIMUM_SLOW_RATE_OFFSET + 8;
/** f64 ms: closed time that lowers the level by one; 0: closing resets it. */
export const DECAY_MS_OFFSET = PROBE_TIMEOUT_MS_OFFSET + 8;
/** f64: how many shares of calls are admitted one after the other before it closes, each for so many ms; 0: none. */
export const RAMP_STEPS_OFFSET = DECAY_MS_OFFSET + 8;
export const RAMP_STEP_MS_OFFSET = RAMP_STEPS_OFFSET + 8;
/** u32: probes out at once, successes that close, where the leases are in the breaker. */
export const PROBES_OFFSET = RAMP_STEP_MS_OFFSET + 8;
export const SUCCESSES_TO_CLOSE_OFFSET = PROBES_OFFSET + 4;
export const LEASES_OFFSET = SUCCESSES_TO_CLOSE_OFFSET + 4;
/** u32: JITTER_ code. */
export const JITTER_OFFSET = LEASES_OFFSET + 4;
/** u32: how many delays follow; the last one serves all higher levels. */
export const DELAY_COUNT_OFFSET = JITTER_OFFSET + 4;
/** u32: MODE_ of a new breaker. For the host. */
export const START_MODE_OFFSET = DELAY_COUNT_OFFSET + 4;
/** u32: address of the shape of its breakers, see SHAPE_. For the host. */
export const SHAPE_OFFSET = START_MODE_OFFSET + 4;
/** u32: address of the policy placed before. For the host. */
export const PREVIOUS_POLICY_OFFSET = SHAPE_OFFSET + 4;
/** f64[] ms; behind them f64[], the shares of the ramp. */
export const DELAYS_OFFSET = PREVIOUS_POLICY_OFFSET + 4;

export const DETECTOR_TIME_WINDOW = 1;
export const DETECTOR_COUNT_WINDOW = 2;
export const DETECTOR_CONSECUTIVE = 4;

export const JITTER_NONE = 0;
export const JITTER_EQUAL = 1;
export const JITTER_FULL = 2;
export const JITTER_DECORRELATED = 3;

// ---- registry -------------------------------------------------------------------------------------------

/** Where the registry is, in every memory: address 0 stays unused, so that 0 can mean "none". */
export const REGISTRY_ADDRESS = CACHE_LINE_SIZE;

// First line: seldom written, so that every thread keeps it.

/** u32: how many stripes, how many records of the journal each of them has (a power of two), where the first is. */
export const REGISTRY_STRIPE_COUNT_OFFSET = 0;
export const REGISTRY_JOURNAL_CAPACITY_OFFSET = REGISTRY_STRIPE_COUNT_OFFSET + 4;
export const REGISTRY_JOURNAL_OFFSET = REGISTRY_JOURNAL_CAPACITY_OFFSET + 4;
/** u32: address of the directory's table. */
export const REGISTRY_TABLE_OFFSET = REGISTRY_JOURNAL_OFFSET + 4;
/** u32: how many breakers were freed or configured, modulo 2^32; whoever keeps an address looks whether this has changed. */
export const REGISTRY_FREED_OFFSET = REGISTRY_TABLE_OFFSET + 4;
/** u32: address of the latest shape, see SHAPE_. */
export const REGISTRY_SHAPES_OFFSET = REGISTRY_FREED_OFFSET + 4;
/** u32: address of the latest policy. */
export const REGISTRY_POLICIES_OFFSET = REGISTRY_SHAPES_OFFSET + 4;
/** u32[2]: key of the hash of names. */
export const REGISTRY_KEY_OFFSET = REGISTRY_POLICIES_OFFSET + 4;

// Second line: written by every thread.

/** u64: state of the generator that jitter draws from. */
export const REGISTRY_SEED_OFFSET = CACHE_LINE_SIZE;
/** u32: end of the memory in use, counted in units of BLOCK_UNIT bytes. */
export const REGISTRY_END_OFFSET = REGISTRY_SEED_OFFSET + 8;
/** i32: raised whenever a thread has written transitions; those that listen wait here. */
export const REGISTRY_CHANGES_OFFSET = REGISTRY_END_OFFSET + 4;
/** u32: how many tokens were given out, see WRITER_HOLDER. */
export const REGISTRY_TOKENS_OFFSET = REGISTRY_CHANGES_OFFSET + 4;

/** Freed names by their size in units, freed tables by the logarithm of theirs: a pile each. */
export const REGISTRY_NAME_PILES_OFFSET = 2 * CACHE_LINE_SIZE;
/** A pile: u32 address of its first block (0: none), and how often that has changed. */
export const PILE_SIZE = 8;
export const NAME_PILES_COUNT = 258;
export const REGISTRY_TABLE_PILES_OFFSET = REGISTRY_NAME_PILES_OFFSET + NAME_PILES_COUNT * PILE_SIZE;
export const TABLE_PILES_COUNT = 30;
/** Two lines for each stripe, on a line boundary. */
export const REGISTRY_WRITERS_OFFSET = REGISTRY_TABLE_PILES_OFFSET + TABLE_PILES_COUNT * PILE_SIZE;

/** u32: records that this stripe has written, modulo 2^32. A record counts as written only by this. */
export const WRITER_HEAD_OFFSET = 0;
/** u32: the breaker that this stripe is about to own or owns, or 0: where to look when its thread died. */
export const WRITER_BREAKER_OFFSET = WRITER_HEAD_OFFSET + 4;
/** u32: the table that its thread is just working on, or 0: nobody may use that memory again meanwhile. */
export const WRITER_TABLE_OFFSET = WRITER_BREAKER_OFFSET + 4;
/** u32: token of the handle by which a thread has this stripe; 0: nobody has it. */
export const WRITER_HOLDER_OFFSET = WRITER_TABLE_OFFSET + 4;
/** u32: where its next name goes, and the end of the memory that it keeps for names. */
export const WRITER_PIECE_OFFSET = WRITER_HOLDER_OFFSET + 4;
export const WRITER_PIECE_END_OFFSET = WRITER_PIECE_OFFSET + 4;
/** Where its thread lets `measure` write, on the second line. */
export const WRITER_SCRATCH_OFFSET = CACHE_LINE_SIZE;
export const WRITER_SIZE = 2 * CACHE_LINE_SIZE;

// ---- memory: blocks that are used again only as what they were, see src/core/allocator.ts --------------------

/** Every block begins and ends at a multiple of this. */
export const BLOCK_UNIT = 8;

/** What breakers of one size and division share. u32[2]: pile of freed ones. */
export const SHAPE_PILE_OFFSET = 0;
/** u32: bytes of a breaker, of a stripe; where further leases and the count window are; the shape made before. */
export const SHAPE_BREAKER_SIZE_OFFSET = SHAPE_PILE_OFFSET + PILE_SIZE;
export const SHAPE_STRIPE_SIZE_OFFSET = SHAPE_BREAKER_SIZE_OFFSET + 4;
export const SHAPE_LEASES_OFFSET = SHAPE_STRIPE_SIZE_OFFSET + 4;
export const SHAPE_COUNT_WINDOW_OFFSET = SHAPE_LEASES_OFFSET + 4;
export const SHAPE_PREVIOUS_OFFSET = SHAPE_COUNT_WINDOW_OFFSET + 4;
export const SHAPE_SIZE = SHAPE_PREVIOUS_OFFSET + 4;

// ---- names: UTF-16 units as JavaScript has them, a byte each where all are below 256 -------------------------

/** Bit of NAME: the breaker is freed. */
export const NAME_FREED = 1;
/** u32: hash of the name; in a freed name the next freed one. */
export const NAME_HASH_OFFSET = 0;
/** u32: how many units less one (low 10 bits), NAME_WIDE, half the generation in which the breaker began (high 21 bits). */
export const NAME_HEAD_OFFSET = NAME_HASH_OFFSET + 4;
export const NAME_UNITS_OFFSET = NAME_HEAD_OFFSET + 4;
export const NAME_LENGTH_MASK = 1023;
/** Bit of the head: two bytes a unit. */
export const NAME_WIDE = 1024;
export const NAME_GENERATION_SHIFT = 11;
export const MAXIMUM_NAME_LENGTH = 1024;

// ---- directory: a table from the hash of a name to its breaker ----------------------------------------------

/** u32: slots less one, a power of two less one; slots that were ever used; breakers in it; the next freed table. */
export const TABLE_MASK_OFFSET = 0;
export const TABLE_USED_OFFSET = TABLE_MASK_OFFSET + 4;
export const TABLE_LIVE_OFFSET = TABLE_USED_OFFSET + 4;
export const TABLE_LINK_OFFSET = TABLE_LIVE_OFFSET + 4;
/** u32[]: slots. 0: never used; TABLE_TOMBSTONE; else address - BREAKER_REMAINDER, with bits of the hash beside it. */
export const TABLE_SLOTS_OFFSET = CACHE_LINE_SIZE;
export const TABLE_TAG_MASK = 31;
/** The slot is copied to another table and never changes again. */
export const TABLE_FROZEN = 32;
/** A name stood here; probing goes on behind it. */
export const TABLE_TOMBSTONE = 1;

// ---- journal: a ring of records for each stripe -------------------------------------------------------------

/** u32: address of the breaker. */
export const RECORD_BREAKER_OFFSET = 0;
/** u32: the generation that the transition began. */
export const RECORD_GENERATION_OFFSET = RECORD_BREAKER_OFFSET + 4;
/** u32: the word after the transition (without its generation) and before it, 8 bits each, then the CAUSE_. */
export const RECORD_CHANGE_OFFSET = RECORD_GENERATION_OFFSET + 4;
/** u32: level after the transition. */
export const RECORD_LEVEL_OFFSET = RECORD_CHANGE_OFFSET + 4;
/** f64 ms: time of the transition; delay until the next probe; deadline after the transition. */
export const RECORD_TIME_OFFSET = RECORD_LEVEL_OFFSET + 4;
export const RECORD_DELAY_OFFSET = RECORD_TIME_OFFSET + 8;
export const RECORD_DEADLINE_OFFSET = RECORD_DELAY_OFFSET + 8;
/** u32: what the window held that gave the verdict. */
export const RECORD_CALLS_OFFSET = RECORD_DEADLINE_OFFSET + 8;
export const RECORD_FAILURES_OFFSET = RECORD_CALLS_OFFSET + 4;
export const RECORD_SLOW_OFFSET = RECORD_FAILURES_OFFSET + 4;
export const RECORD_SIZE = CACHE_LINE_SIZE;

export const CHANGE_FROM_SHIFT = 8;
export const CHANGE_CAUSE_SHIFT = 16;

export const CAUSE_NONE = 0;
export const CAUSE_TIME_WINDOW_RATE = 1;
export const CAUSE_TIME_WINDOW_SLOW = 2;
export const CAUSE_COUNT_WINDOW_RATE = 3;
export const CAUSE_COUNT_WINDOW_SLOW = 4;
export const CAUSE_CONSECUTIVE = 5;
/** Too few successes in the time window, and enough of them but for calls that hang. */
export const CAUSE_HUNG = 6;
export const CAUSE_DELAY_ENDED = 7;
export const CAUSE_PROBE_FAILED = 8;
export const CAUSE_PROBE_TIMED_OUT = 9;
export const CAUSE_PROBES_SUCCEEDED = 10;
export const CAUSE_RAMP_ENDED = 11;
export const CAUSE_MODE = 12;
export const CAUSE_RESET = 13;

// ---- batch ----------------------------------------------------------------------------------------------

/** An entry to be left out: refused, or not filled in. */
export const OUTCOME_NONE = 0;
/** The call has succeeded. */
export const OUTCOME_SUCCESS = 1;
/** The call has failed. */
export const OUTCOME_FAILURE = 2;
/** The call was given up: neither, and a probe is free again. */
export const OUTCOME_RELEASE = 3;

// ---- what `measure` writes --------------------------------------------------------------------------------

/** u32 each, over all stripes, at the time asked for. */
export const MEASURE_CALLS_OFFSET = 0;
export const MEASURE_FAILURES_OFFSET = MEASURE_CALLS_OFFSET + 4;
export const MEASURE_SLOW_OFFSET = MEASURE_FAILURES_OFFSET + 4;
/** Calls that are out, and those of them that count as failures; 0 where calls cannot hang. */
export const MEASURE_PENDING_OFFSET = MEASURE_SLOW_OFFSET + 4;
export const MEASURE_HUNG_OFFSET = MEASURE_PENDING_OFFSET + 4;
export const MEASURE_LATE_OFFSET = MEASURE_HUNG_OFFSET + 4;
export const MEASURE_REFUSED_OFFSET = MEASURE_LATE_OFFSET + 4;
/** u32: level after decay. */
export const MEASURE_LEVEL_OFFSET = MEASURE_REFUSED_OFFSET + 4;
/** The count window's calls, failures, slow calls. */
export const MEASURE_COUNT_CALLS_OFFSET = MEASURE_LEVEL_OFFSET + 4;
export const MEASURE_COUNT_FAILURES_OFFSET = MEASURE_COUNT_CALLS_OFFSET + 4;
export const MEASURE_COUNT_SLOW_OFFSET = MEASURE_COUNT_FAILURES_OFFSET + 4;
/** u32: failures in a row. */
export const MEASURE_CONSECUTIVE_OFFSET = MEASURE_COUNT_SLOW_OFFSET + 4;
export const MEASURE_SIZE = MEASURE_CONSECUTIVE_OFFSET + 4;
