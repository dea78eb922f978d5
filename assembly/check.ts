/** What the layout promises and the code relies on: a mistake here does not compile. */
import {
  BREAKER_REMAINDER,
  BUCKET_CALLS_OFFSET,
  BUCKET_FAILURES_OFFSET,
  BUCKET_PENDING_OFFSET,
  BUCKET_SIZE,
  BUCKET_SLOW_OFFSET,
  BUCKETS_OFFSET,
  CACHE_LINE_SIZE,
  CALLS_OFFSET,
  CAUSE_COUNT_WINDOW_RATE,
  CAUSE_COUNT_WINDOW_SLOW,
  CAUSE_TIME_WINDOW_RATE,
  CAUSE_TIME_WINDOW_SLOW,
  CONTROL_SIZE,
  COUNT_GENERATION_SHIFT,
  COUNT_MAXIMUM_SLOW_RATE_OFFSET,
  COUNT_NUMBER_BITS,
  COUNT_REQUIRED_RATE_OFFSET,
  COUNT_SUM_BITS,
  CURRENT_SKIP_JUDGEMENT,
  DELAYS_OFFSET,
  FAILURES_OFFSET,
  GENERATION_MASK,
  GENERATION_SHIFT,
  MAXIMUM_BUCKETS,
  MAXIMUM_CALLS,
  MAXIMUM_COUNT_CALLS,
  MAXIMUM_PROBES,
  MAXIMUM_SLOW_RATE_OFFSET,
  MAXIMUM_STRIPES,
  MAXIMUM_WEIGHT,
  MEASURE_CALLS_OFFSET,
  MEASURE_PENDING_OFFSET,
  MEASURE_SIZE,
  MEASURE_TOTALS_OFFSET,
  MODE_ENABLED,
  MODE_FORCED_OPEN,
  MODE_SHADOW,
  MODE_SHIFT,
  OWNER_MASK,
  PENDING_NUMBERS,
  RECORD_OPENED_OFFSET,
  RECORD_SIZE,
  REQUIRED_RATE_OFFSET,
  SHARED_STRIPES_OFFSET,
  SLOT_PENDING,
  SLOT_SHADOW,
  SLOT_SLOW_PATH,
  SLOW_OFFSET,
  STATE_CLOSED,
  STATE_RETURNING,
  STRIPES_OFFSET,
  TICKET_GENERATION_SHIFT,
  TICKET_SHIFT,
  TOTAL_SUCCEEDED_OFFSET,
  WORD_OFFSET,
  WRITER_SCRATCH_OFFSET,
  WRITER_SIZE,
} from "./layout";

if ((BREAKER_REMAINDER + WORD_OFFSET) % CACHE_LINE_SIZE !== 0) ERROR("WORD must start a cache line");
if (BREAKER_REMAINDER % 8 !== 0 || STRIPES_OFFSET % 8 !== 0 || SHARED_STRIPES_OFFSET % 8 !== 0)
  ERROR("u64 cells must be aligned");
if (BUCKETS_OFFSET % 8 !== 0 || BUCKET_SIZE % 8 !== 0) ERROR("stripes must keep their alignment");
if (CONTROL_SIZE + BUCKETS_OFFSET + 10 * BUCKET_SIZE > 320)
  ERROR("a breaker of ten buckets and one stripe must fit 320 bytes");
if (FAILURES_OFFSET - CALLS_OFFSET !== BUCKET_FAILURES_OFFSET - BUCKET_CALLS_OFFSET)
  ERROR("sums and buckets must have one order");
if (SLOW_OFFSET - CALLS_OFFSET !== BUCKET_SLOW_OFFSET - BUCKET_CALLS_OFFSET)
  ERROR("sums and buckets must have one order");
if (FAILURES_OFFSET - CALLS_OFFSET !== 4 || CALLS_OFFSET % 8 !== 0)
  ERROR("calls and failures must be one u64");
if (BUCKET_CALLS_OFFSET % 8 !== 0) ERROR("calls and failures must be one u64");
if (MAXIMUM_COUNT_CALLS >= 1 << COUNT_SUM_BITS) ERROR("a full count window must fit its sums");
if (MAXIMUM_COUNT_CALLS > 1 << (COUNT_NUMBER_BITS - 1))
  ERROR("a full count window must stay full when its number goes back");
if (COUNT_GENERATION_SHIFT >= 64) ERROR("the head of a count window must hold bits of its generation");
if (
  CAUSE_TIME_WINDOW_SLOW !== CAUSE_TIME_WINDOW_RATE + 1 ||
  CAUSE_COUNT_WINDOW_SLOW !== CAUSE_COUNT_WINDOW_RATE + 1
)
  ERROR("the cause of slow calls must follow that of the success rate");
if (
  COUNT_MAXIMUM_SLOW_RATE_OFFSET - COUNT_REQUIRED_RATE_OFFSET !==
  MAXIMUM_SLOW_RATE_OFFSET - REQUIRED_RATE_OFFSET
)
  ERROR("the rules of both windows must have one order");
if (MEASURE_PENDING_OFFSET - MEASURE_CALLS_OFFSET !== BUCKET_PENDING_OFFSET)
  ERROR("sums and measure must have one order");
if (GENERATION_SHIFT - TICKET_GENERATION_SHIFT !== TICKET_SHIFT)
  ERROR("word >>> TICKET_SHIFT must be a plain ticket");
if (GENERATION_MASK << TICKET_GENERATION_SHIFT < 0) ERROR("a ticket must be below 2^31");
if (STATE_CLOSED !== 0 || STATE_RETURNING !== 3) ERROR("isCounting relies on the bits of the states");
if (MODE_ENABLED !== 0 || MODE_SHADOW !== 3) ERROR("isJudging relies on the bits of the modes");
if (MAXIMUM_STRIPES > OWNER_MASK) ERROR("every stripe must fit the owner bits");
if (MAXIMUM_PROBES >= SLOT_PENDING || SLOT_PENDING + PENDING_NUMBERS > SLOT_SHADOW)
  ERROR("probes and pending calls must have slots of their own");
if (SLOT_SLOW_PATH << TICKET_SHIFT !== (MODE_FORCED_OPEN << MODE_SHIFT) + STATE_CLOSED)
  ERROR("the slot that leads to the slow path must be closed and forced open in a word");
if (PENDING_NUMBERS < 2 * MAXIMUM_BUCKETS) ERROR("a call that expired must not look like one that did not");
if (MAXIMUM_CALLS + MAXIMUM_WEIGHT < 0) ERROR("one more report must not wrap a full stripe");
if (CURRENT_SKIP_JUDGEMENT > MAXIMUM_CALLS) ERROR("a stripe that skips judgement must not be full");
if (RECORD_OPENED_OFFSET + 8 > RECORD_SIZE) ERROR("a record must fit its size");
if (RECORD_OPENED_OFFSET % 8 !== 0 || MEASURE_TOTALS_OFFSET % 8 !== 0 || TOTAL_SUCCEEDED_OFFSET % 8 !== 0)
  ERROR("f64 cells must be aligned");
if (WRITER_SCRATCH_OFFSET + MEASURE_SIZE > WRITER_SIZE) ERROR("measure must fit its scratch");
if (STRIPES_OFFSET + TOTAL_SUCCEEDED_OFFSET + 8 > WORD_OFFSET + CACHE_LINE_SIZE)
  ERROR("all that a call of a closed breaker writes must be on the line of WORD");
if (DELAYS_OFFSET % 8 !== 0) ERROR("delays must be aligned");
