/*
 * Ownership, journal, recovery, reuse: assembly/transition.ts and journal.ts, one step for each access to memory.
 *
 * Two threads make transitions of two breakers and hold open ones longer. Thread 0 is killed at any step; main
 * cleans up after it (interrupted at any step, and once more), frees breaker 0 and hands its block out again,
 * and gives the stripe to a new thread. The fields of a draft are one step: nobody reads them before the head.
 */
#define THREADS 2
#define BREAKERS 2
#define CAPACITY 2

#define CLOSED 0
#define OPEN 1
#define HALF_OPEN 2

/* WORD: state in 2 bits, owner in 2, generation in 4. */
#define STATE(w) ((w) & 3)
#define OWNER(w) (((w) >> 2) & 3)
#define GENERATION(w) ((w) >> 4)
#define WORD(generation, state) (((generation) << 4) | (state))
#define OWNED(w, index) ((w) | (((index) + 1) << 2))
#define PLACE(index, number) ((index) * CAPACITY + (number) % CAPACITY)
#ifndef CALLS
#define CALLS 1 /* of thread 1; thread 0 makes two, and one more in its second life */
#endif
#define NOBODY 15

/* The memory. DEADLINE: 0 has passed, 1 has not. */
byte word[BREAKERS] = WORD(1, CLOSED);
bit deadline[BREAKERS];
byte level[BREAKERS];
byte head[THREADS];
byte pointer[THREADS] = NOBODY;
byte recordBreaker[THREADS * CAPACITY] = NOBODY;
byte recordGeneration[THREADS * CAPACITY];
byte recordState[THREADS * CAPACITY];
byte recordLevel[THREADS * CAPACITY];

/* What only the properties look at. */
bool written[BREAKERS]; /* there is a record of the next generation, and WORD does not show it yet */
short reborn; /* how far generations went on without a record */
bool killed, stopped[THREADS];

inline publishWord(value) {
  atomic {
    if
    :: GENERATION(value) != GENERATION(word[breaker]) ->
      assert(written[breaker]);                         /* no transition without a record, none done twice */
      assert(GENERATION(value) == GENERATION(word[breaker]) + 1);
      assert(level[breaker] == recordLevel[draft]);
      assert(STATE(value) != HALF_OPEN || deadline[breaker] == 0); /* what is held open stays open */
      written[breaker] = false
    :: else -> assert(!written[breaker])                /* no record is dropped */
    fi;
    word[breaker] = value
  }
}

inline complete() {
#ifdef MUTANT_LEVEL_COUNTED
  level[breaker] = level[breaker] + (recordState[draft] == OPEN -> 1 : 0);
#else
  level[breaker] = recordLevel[draft];
#endif
#ifdef MUTANT_POINTER_EARLY
  pointer[me] = NOBODY;
#endif
  publishWord(WORD(recordGeneration[draft], recordState[draft]));
  pointer[me] = NOBODY
}

inline commit() {
  atomic {
    assert(OWNER(word[breaker]) == me + 1 && !written[breaker]);
    written[breaker] = true;
    head[me]++
  }
}

inline own() {
  owned = false;
  if
  :: OWNER(seen) != 0 -> skip
  :: else ->
#ifndef MUTANT_POINTER_LATE
    pointer[me] = breaker;
#endif
#ifdef MUTANT_NO_SWAP
    if
    :: word[breaker] == seen -> word[breaker] = OWNED(seen, me); owned = true
    :: else -> skip
    fi;
#else
    atomic {
      if
      :: word[breaker] == seen -> word[breaker] = OWNED(seen, me); owned = true
      :: else -> skip
      fi
    };
#endif
    if
#ifdef MUTANT_POINTER_LATE
    :: owned -> pointer[me] = breaker
#else
    :: owned -> skip
#endif
    :: else -> pointer[me] = NOBODY
    fi
  fi
}

inline transition(state) {
  own();
  if
  :: !owned -> skip
#ifndef MUTANT_HOLD_UNSEEN
  :: owned && state == HALF_OPEN && deadline[breaker] == 1 -> publishWord(seen); pointer[me] = NOBODY
#endif
  :: else ->
    draft = PLACE(me, head[me]);
#ifdef MUTANT_HEAD_EARLY
    commit();
#endif
    d_step {
      recordBreaker[draft] = breaker;
      recordGeneration[draft] = GENERATION(seen) + 1;
      recordState[draft] = state;
      recordLevel[draft] = (state == OPEN -> level[breaker] + 1 : level[breaker])
    };
#ifdef MUTANT_WORD_FIRST
    complete();
    commit()
#else
#ifndef MUTANT_HEAD_EARLY
    commit();
#endif
    complete()
#endif
  fi
}

inline hold() {
  own();
  if
  :: owned -> deadline[breaker] = 1; publishWord(seen); pointer[me] = NOBODY
  :: else -> skip
  fi
}

inline call() {
  if
  :: breaker = 0
  :: breaker = 1
  fi;
  seen = word[breaker];
  if
  :: STATE(seen) == CLOSED -> transition(OPEN)
  :: STATE(seen) == OPEN -> if :: deadline[breaker] == 0 -> transition(HALF_OPEN) :: else -> skip fi
  :: STATE(seen) == OPEN -> hold()
  :: STATE(seen) == HALF_OPEN -> transition(CLOSED)
  fi
}

#define REGISTERS byte breaker, seen, draft; bool owned

proctype thread(byte me, calls) {
  REGISTERS;
  {
    do
    :: calls > 0 -> calls--; call()
    :: else -> break
    od
  } unless { me == 0 && killed };
  stopped[me] = true
}

#ifdef MUTANT_ANY_BREAKER
#define SAME_BREAKER true
#else
#define SAME_BREAKER (recordBreaker[draft] == breaker)
#endif
#ifdef MUTANT_ANY_GENERATION
#define SAME_GENERATION true
#else
#define SAME_GENERATION (recordGeneration[draft] == GENERATION(seen) + 1)
#endif

inline recover() {
  breaker = pointer[me];
  if
  :: breaker == NOBODY -> skip
  :: else ->
    seen = word[breaker];
    if
    :: OWNER(seen) != me + 1 -> pointer[me] = NOBODY
    :: else ->
      draft = PLACE(me, head[me] + CAPACITY - 1);
      if
      :: SAME_BREAKER && SAME_GENERATION -> complete()
      :: else -> publishWord(WORD(GENERATION(seen), STATE(seen))); pointer[me] = NOBODY
      fi
    fi
  fi
}

/* Frees breaker 0, which nobody owns, and makes a new one of its block. */
inline reuse() {
  d_step {
    OWNER(word[0]) == 0 ->
#ifdef MUTANT_REUSE_FROM_ONE
    reborn = reborn - GENERATION(word[0]) + 1;
    word[0] = WORD(1, CLOSED);
#else
    reborn++;
    word[0] = WORD(GENERATION(word[0]) + 1, CLOSED);
#endif
    deadline[0] = 0;
    level[0] = 0
  }
}

active proctype main() {
  REGISTERS;
  byte me = 0;
  bool again, reused;
  atomic { run thread(0, 2); run thread(1, CALLS) };
  do
  :: !reused -> reuse(); reused = true
  :: !killed ->
    killed = true;
    stopped[0];
    { recover() } unless { atomic { !again -> again = true } };
    recover();
    atomic { killed = false; stopped[0] = false; run thread(0, 1) };
    break
  od;
  stopped[0] && stopped[1];
  for (breaker : 0 .. BREAKERS - 1) { assert(OWNER(word[breaker]) == 0) }; /* nothing is stuck */
  assert(pointer[0] == NOBODY && pointer[1] == NOBODY);
  /* As many records as transitions. */
  assert(head[0] + head[1] + reborn == GENERATION(word[0]) + GENERATION(word[1]) - 2)
}
