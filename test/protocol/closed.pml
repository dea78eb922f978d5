/*
 * The verdict of a closed breaker over the time window: assembly/window.ts, sum.ts, detector.ts and judgeClosed of
 * machine.ts, one step for each access to memory. Two stripes, a window of two buckets, time in buckets.
 *
 * Both threads report; the clock goes on at any step, so one thread is ahead of the other; thread 0 is killed at
 * any step. Slow calls are left out: they are read and written beside failures, in the same order.
 */
#ifndef REPORTS
#define REPORTS 1 /* of thread 0; thread 1 makes MORE */
#endif
#ifndef MORE
#define MORE 1
#endif
#define MINIMUM 2
#define RATES_BROKEN(c, f) (2 * (f) > (c)) /* success rate below a half */
#define BAD(c, f) ((c) >= MINIMUM && RATES_BROKEN(c, f))

/* The memory; of each stripe: does TICKET name this generation, LATEST, END, sums, buckets. */
bool joined[2];
byte latest[2] = 1;
byte end[2] = 2;
byte sums[4];
byte buckets[8];
#define CALLS 0
#define FAILURES 2
#define SUM(field, i) sums[(field) + (i)]
#define BUCKET(field, i, n) buckets[2 * (field) + 2 * (i) + (n) % 2]
bool opened;
byte clock = 1;

/* What only the properties look at. */
bool wasTrue; /* there was a moment at which the whole memory, read at once, gave the verdict */
bool cleared[2]; /* the stripe has no remains of an earlier generation */
bool killed, fresh, stopped[2];

byte time = 1; /* the latest that a thread has acted on */
#define PART(field, i) (!cleared[i] -> 0 : (time < end[i] -> SUM(field, i) : (time == end[i] -> BUCKET(field, i, time + 1) : 0)))
#define TRUE_SUM(field) (PART(field, 0) + PART(field, 1))
#define LOOK wasTrue = wasTrue || BAD(TRUE_SUM(CALLS), TRUE_SUM(FAILURES))

inline pass(to) {
  time = (to > time -> to : time);
  LOOK
}

inline advance(to) {
  if
  :: to > latest[me] -> atomic { latest[me] = to; pass(to) }
  :: else -> skip
  fi
}

inline clear(n) {
  atomic { BUCKET(CALLS, me, n) = 0; BUCKET(FAILURES, me, n) = 0; LOOK }
}

inline join() {
  atomic { joined[me] = true; cleared[me] = true; LOOK }
}

inline turnEnd(to) {
  atomic { end[me] = to + 1; LOOK }
}

/* `slid`: whether it had to. Reads of own cells are no steps: nobody else writes them. */
inline slide(to) {
  slid = !joined[me] || to >= end[me];
  if
  :: !slid -> skip
  :: else ->
#ifdef MUTANT_TICKET_EARLY
    wasStale = !joined[me];
    joined[me] = true;
#define STALE wasStale
#else
#define STALE (!joined[me])
#endif
#ifdef MUTANT_END_EARLY
    turnEnd(to);
#endif
    if
    :: STALE || to > end[me] -> clear(0); clear(1)
    :: else -> clear(to)
    fi;
    atomic {
      SUM(CALLS, me) = BUCKET(CALLS, me, 0) + BUCKET(CALLS, me, 1);
      SUM(FAILURES, me) = BUCKET(FAILURES, me, 0) + BUCKET(FAILURES, me, 1);
      LOOK
    };
#ifndef MUTANT_END_EARLY
    turnEnd(to);
#endif
    join()
  fi
}

inline add() {
  atomic {
    BUCKET(CALLS, me, end[me] + 1) = BUCKET(CALLS, me, end[me] + 1) + 1;
    BUCKET(FAILURES, me, end[me] + 1) = BUCKET(FAILURES, me, end[me] + 1) + failed;
    LOOK
  };
#ifdef MUTANT_FAILURES_FIRST
  SUM(FAILURES, me) = SUM(FAILURES, me) + failed;
  atomic { SUM(CALLS, me) = SUM(CALLS, me) + 1; LOOK }
#else
  atomic {
    SUM(FAILURES, me) = SUM(FAILURES, me) + failed;
    SUM(CALLS, me) = SUM(CALLS, me) + 1;
    LOOK
  }
#endif
}

/* Adds to `sum` what stripe `i` has in the window that ends with the bucket `now`. */
inline sumOf(sum, field, i) {
  if
  :: !joined[i] -> skip
  :: else ->
    seen = end[i];
    if
    :: now < seen -> sum = sum + SUM(field, i)
    :: now == seen -> sum = sum + BUCKET(field, i, seen + 1)
    :: else -> skip
    fi
  fi;
  seen = 0
}

inline sumAt(sum, field) {
  sum = 0;
  sumOf(sum, field, 0);
  sumOf(sum, field, 1)
}

inline judge() {
  sumAt(c, CALLS);
  sumAt(f, FAILURES);
  cause = BAD(c, f);
#ifndef MUTANT_CALLS_ONCE
  if
  :: cause -> sumAt(c, CALLS); cause = RATES_BROKEN(c, f)
  :: else -> skip
  fi;
#endif
  c = 0; f = 0
}

inline judgeClosed() {
  do
  :: judge();
#ifdef MUTANT_TIME_UNSEEN
    break
#else
    if
    :: latest[1 - me] > now -> now = latest[1 - me]
    :: else -> skip
    fi;
    advance(now);
    slide(now);
    if
    :: !slid -> break
    :: else -> skip
    fi
#endif
  od;
  if
  :: cause -> atomic { assert(wasTrue || opened); opened = true } /* no false verdict */
  :: else -> skip
  fi
}

inline report() {
  if
  :: !failed && joined[me] && SUM(CALLS, me) >= MINIMUM && now < end[me] && now >= latest[me] -> add()
  :: else ->
    if
    :: now < latest[me] -> now = latest[me]
    :: else -> skip
    fi;
    fresh = true;
#ifdef MUTANT_LATEST_LATE
    atomic { pass(now) };
    slide(now);
    advance(now);
#else
    advance(now);
    slide(now);
#endif
#ifdef MUTANT_JUDGED_BEFORE
    judgeClosed();
    add()
#else
    add();
    judgeClosed()
#endif
  fi
}

proctype thread(byte me, left) {
  byte now, seen, c, f;
  bool failed, slid, cause;
#ifdef MUTANT_TICKET_EARLY
  bool wasStale;
#endif
  {
    do
    :: left > 0 && !opened ->
      left--;
      now = clock;
      if
      :: failed = true
      :: failed = false
      fi;
      report();
      now = 0; failed = false; slid = false; cause = false
    :: else -> break
    od
  } unless { me == 0 && killed };
  stopped[me] = true
}

inline stripe(i, oldCalls, oldFailures, newCalls, newFailures) {
  joined[i] = true;
  cleared[i] = true;
  BUCKET(CALLS, i, 0) = oldCalls;
  BUCKET(FAILURES, i, 0) = oldFailures;
  BUCKET(CALLS, i, 1) = newCalls;
  BUCKET(FAILURES, i, 1) = newFailures;
  SUM(CALLS, i) = oldCalls + newCalls;
  SUM(FAILURES, i) = oldFailures + newFailures
}

active proctype main() {
  atomic {
    if
    :: stripe(0, 2, 2, 3, 0)                    /* what expires holds all failures */
    :: stripe(0, 0, 0, 3, 1)                    /* one failure more is not too much */
    :: stripe(0, 3, 0, 1, 1)                    /* what expires holds all successes */
    :: stripe(0, 2, 2, 2, 2); joined[0] = false; cleared[0] = false /* nothing but remains of an earlier generation */
    fi;
    if
    :: stripe(1, 0, 0, 0, 0)
    :: stripe(1, 1, 0, 1, 1)
    fi;
    LOOK;
    run thread(0, REPORTS);
    run thread(1, MORE)
  };
  do
  :: clock == 1 -> clock = 2
  :: !killed -> atomic { killed = true; fresh = false }
  :: stopped[0] && stopped[1] -> break
  od;
  /* Not late: whatever is true when all have stopped has been seen, unless the thread that made it true died
     and nobody has looked since. */
  assert(opened || !BAD(TRUE_SUM(CALLS), TRUE_SUM(FAILURES)) || (killed && !fresh))
}
