/*
 * Half-open: assembly/probe.ts and what acquire.ts and report.ts do with it, one step for each access to memory.
 *
 * Two threads acquire, and succeed, fail or lose their ticket. Main ends half-open generations (a lease that
 * ended, a reset), begins new ones, and takes the breaker as an owner that dies before it has written anything,
 * so that recovery drops it. Ownership itself is in transition.pml: here a transition is one step.
 */
#ifndef PROBES
#define PROBES 1
#endif
#ifndef NEEDED
#define NEEDED 2 /* successes that close */
#endif
#ifndef ROUNDS
#define ROUNDS 2 /* of each thread */
#endif
#ifndef TURNS
#define TURNS 1 /* half-open generations that main ends, beside those that end by a report */
#endif

#define OPEN 0
#define HALF_OPEN 1
#define CLOSED 2

/* WORD: state in 2 bits, owned in 1, generation above. */
#define STATE(w) ((w) & 3)
#define OWNED(w) (((w) >> 2) & 1)
#define GENERATION(w) ((w) >> 3)
#define WORD(generation, state) (((generation) << 3) | (state))

/* The memory. A lease is its generation; successes are a count (2 bits) of a generation. */
byte word = WORD(1, HALF_OPEN);
byte lease[PROBES];
byte successes;

/* What only the properties look at: of the current generation. */
byte out;  /* tickets issued, and neither reported nor lost */
byte lost; /* tickets that nobody will ever report */
byte good; /* successes counted */
byte idle = 2;

/* Swaps WORD if it is `seen`: a whole transition. What was of the old generation is over. */
inline become(state) {
  d_step {
    if
    :: word == seen && !OWNED(seen) ->
      assert(state != CLOSED || good >= NEEDED); /* closes on no fewer successes than it takes */
      word = WORD(GENERATION(seen) + 1, state);
      out = 0; lost = 0; good = 0
    :: else -> skip
    fi
  }
}

inline swapLease(slot, held, next) {
  d_step {
#ifdef MUTANT_LEASE_STORED
    swapped = true;
#else
    swapped = (lease[slot] == held);
#endif
    if
    :: swapped -> lease[slot] = next
    :: else -> skip
    fi
  }
}

/* Ends half-open if enough probes have succeeded and nobody closed it yet. */
inline judgeProbes() {
  cell = successes;
  if
  :: (cell >> 2) == GENERATION(seen) && (cell & 3) >= NEEDED -> become(CLOSED)
  :: else -> skip
  fi
}

/* `reported`: the ticket ends with it. */
inline freeLease(reported) {
  cell = lease[slot];
  if
#ifdef MUTANT_ANY_LEASE
  :: true ->
#else
  :: cell == GENERATION(seen) ->
#endif
    atomic {
      swapLease(slot, cell, 0);
      if
      :: reported && swapped && GENERATION(word) == GENERATION(seen) -> out--
      :: else -> skip
      fi
    }
  :: else -> swapped = false
  fi
}

/* `slot` is PROBES afterwards if none was taken. */
inline takeLease() {
  slot = 0;
  do
  :: slot == PROBES -> break
  :: else ->
    cell = lease[slot];
    if
    :: cell == GENERATION(seen) -> slot++
    :: else ->
#ifndef MUTANT_LEASE_UNSEEN
      if
      :: word != seen -> slot = PROBES; break
      :: else -> skip
      fi;
#endif
      swapLease(slot, cell, GENERATION(seen));
      if
      :: swapped -> break
      :: else -> slot++
      fi
    fi
  od
}

inline acquire() {
  seen = word;
  ticket = false;
  if
  :: STATE(seen) != HALF_OPEN || OWNED(seen) -> skip
  :: else ->
    judgeProbes();
    if
    :: word == seen -> takeLease()
    :: else -> slot = PROBES
    fi;
    if
    :: slot == PROBES -> skip
    :: else ->
      atomic {
        ticket = (word == seen);
        if
        :: ticket -> out++; assert(out + lost <= PROBES) /* never one probe too many */
        :: else -> skip
        fi
      };
#ifndef MUTANT_LEASE_KEPT
      if
      :: !ticket -> freeLease(false)
      :: else -> skip
      fi
#endif
    fi
  fi
}

inline addSuccess() {
  do
  :: cell = successes;
#ifndef MUTANT_SUCCESS_UNSEEN
    if
    :: GENERATION(word) != GENERATION(seen) -> count = 0; break
    :: else -> skip
    fi;
#endif
    count = ((cell >> 2) == GENERATION(seen) -> (cell & 3) + 1 : 1);
    d_step {
      swapped = (successes == cell);
      if
      :: swapped -> successes = (GENERATION(seen) << 2) | count
      :: else -> skip
      fi;
      if
      :: swapped && GENERATION(word) == GENERATION(seen) -> good++; assert(count == good) /* none is lost */
      :: else -> skip
      fi
    };
    if
    :: swapped -> break
    :: else -> skip
    fi
  od
}

/* `seen` is the word of the ticket from `acquire` until here. */
inline report() {
  atomic {
    if
    :: GENERATION(word) == GENERATION(seen) -> seen = word
    :: else -> seen = 0 /* late */
    fi
  };
  if
  :: seen == 0 -> skip
  :: else ->
    judgeProbes();
    freeLease(true);
    if
    :: !swapped -> skip
    :: swapped -> become(OPEN) /* it failed */
    :: swapped ->
      addSuccess();
      if
      :: count >= NEEDED -> become(CLOSED)
      :: else -> skip
      fi
    fi
  fi
}

proctype thread() {
  byte seen, cell, count, slot, rounds = ROUNDS;
  bool ticket, swapped;
  do
  :: rounds > 0 ->
    rounds--;
    acquire();
    if
    :: !ticket -> skip
    :: ticket -> report()
    :: ticket -> atomic { if :: GENERATION(word) == GENERATION(seen) -> out--; lost++ :: else -> skip fi }
    fi
  :: else -> break
  od;
  idle--
}

active proctype main() {
  byte seen, slot, turns = TURNS, deaths = 1;
  atomic { run thread(); run thread() };
  do
  :: turns > 0 && STATE(word) == HALF_OPEN && !OWNED(word) -> /* reset, or the end of a lease */
    turns--;
    atomic { seen = word; become(OPEN) }
  :: STATE(word) == OPEN && !OWNED(word) -> /* the delay has ended: owned, leases cleared, then half-open */
    word = word | 4;
    slot = 0;
    do
    :: slot < PROBES -> lease[slot] = 0; slot++
    :: else -> break
    od;
    atomic { seen = word ^ 4; word = seen; become(HALF_OPEN) }
  :: deaths > 0 && STATE(word) == HALF_OPEN && !OWNED(word) ->
    deaths--;
    word = word | 4;
    word = word ^ 4
  :: idle == 0 -> break
  od;
  skip;
  /* A lease that is out belongs to a ticket that was lost: nothing else waits for its end. */
  d_step {
    slot = 0;
    seen = 0;
    do
    :: slot < PROBES -> seen = seen + (lease[slot] == GENERATION(word)); slot++
    :: else -> break
    od;
    assert(STATE(word) != HALF_OPEN || seen == lost)
  }
}
