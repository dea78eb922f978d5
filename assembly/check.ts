/** What the layout promises and the code relies on: a mistake here does not compile. */
import {
  BREAKER_REMAINDER,
  BUCKET_CALLS_OFFSET,
  BUCKET_FAILURES_OFFSET,
  BUCKET_SIZE,
  BUCKET_SLOW_OFFSET,
  BUCKETS_OFFSET,
  CACHE_LINE_SIZE,
  CALLS_OFFSET,
  CONTROL_SIZE,
  DELAYS_OFFSET,
  FAILURES_OFFSET,
  GENERATION_MASK,
  GENERATION_SHIFT,
  MAXIMUM_CALLS,
  MAXIMUM_PROBES,
  MAXIMUM_STRIPES,
  MAXIMUM_WEIGHT,
  OWNER_MASK,
  RECORD_SIZE,
  RECORD_SLOW_OFFSET,
  SHARED_STRIPES_OFFSET,
  SLOT_UNJUDGED,
  SLOW_OFFSET,
  STRIPES_OFFSET,
  TICKET_GENERATION_SHIFT,
  TICKET_SHIFT,
  WORD_OFFSET,
} from "./layout";

if ((BREAKER_REMAINDER + WORD_OFFSET) % CACHE_LINE_SIZE !== 0) ERROR("WORD must start a cache line");
if (BREAKER_REMAINDER % 8 !== 0 || STRIPES_OFFSET % 8 !== 0 || SHARED_STRIPES_OFFSET % 8 !== 0)
  ERROR("u64 cells must be aligned");
if (BUCKETS_OFFSET % 8 !== 0 || BUCKET_SIZE % 8 !== 0) ERROR("stripes must keep their alignment");
if (CONTROL_SIZE + BUCKETS_OFFSET + 10 * BUCKET_SIZE > 256)
  ERROR("a breaker of ten buckets and one stripe must fit 256 bytes");
if (FAILURES_OFFSET - CALLS_OFFSET !== BUCKET_FAILURES_OFFSET - BUCKET_CALLS_OFFSET)
  ERROR("sums and buckets must have one order");
if (SLOW_OFFSET - CALLS_OFFSET !== BUCKET_SLOW_OFFSET - BUCKET_CALLS_OFFSET)
  ERROR("sums and buckets must have one order");
if (GENERATION_SHIFT - TICKET_GENERATION_SHIFT !== TICKET_SHIFT)
  ERROR("word >>> TICKET_SHIFT must be a plain ticket");
if (GENERATION_MASK << TICKET_GENERATION_SHIFT < 0) ERROR("a ticket must be below 2^31");
if (MAXIMUM_STRIPES > OWNER_MASK) ERROR("every stripe must fit the owner bits");
if (MAXIMUM_PROBES >= SLOT_UNJUDGED) ERROR("every probe must fit the slot bits");
if (MAXIMUM_CALLS + MAXIMUM_WEIGHT < 0) ERROR("one more report must not wrap a full stripe");
if (RECORD_SLOW_OFFSET + 4 > RECORD_SIZE) ERROR("a record must fit its size");
if (DELAYS_OFFSET % 8 !== 0) ERROR("delays must be aligned");
