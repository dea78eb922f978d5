/*
 * The count window: assembly/count.ts, one step for each access to memory. It holds the last SIZE outcomes.
 *
 * Two threads append, and main makes a transition. A thread may carry on after its generation has ended: it
 * looks at the word where the code does. Every property is checked at every change of the head, so a thread that
 * is killed anywhere is one that makes no further step.
 */
#define SIZE 2
#ifndef APPENDS
#define APPENDS 4 /* of one thread; the other makes FEW */
#endif
#ifndef FEW
#define FEW 1
#endif

/* The head: latest outcome, failures (2 bits), number (4 bits), generation. */
#define LATEST(h) ((h) & 1)
#define FAILURES(h) (((h) >> 1) & 3)
#define NUMBER(h) (((h) >> 3) & 15)
#define HEAD_GENERATION(h) ((h) >> 7)
#define EMPTY(generation) ((generation) << 7)
#define ONE_CALL 8
#define ONE_FAILURE 2

/* A word of the ring, its only one: two outcomes, and how often it was changed. */
#define OUTCOME(w, place) (((w) >> (place)) & 1)
#define ONE_CHANGE 4
#ifdef MUTANT_CHANGES_UNCOUNTED
#define CHANGED(w) (w)
#else
#define CHANGED(w) ((w) + ONE_CHANGE)
#endif

/* The memory. */
short head = EMPTY(1);
short ring;
byte generation = 1; /* of WORD */

/* What only the properties look at: the outcomes of this generation. */
byte counted;
bit truth[SIZE];
bool leaving; /* its end is in the journal: no verdict on it has any effect */

/* Whoever reads the head sees the last outcomes of this generation, or none of any. */
#define RIGHT (leaving || HEAD_GENERATION(head) != generation \
  || (NUMBER(head) == counted && FAILURES(head) == truth[0] + truth[1]))

/* Puts the latest outcome into the ring. */
inline writeLatest() {
  word = ring;
  place = (NUMBER(held) - 1) & 1;
  if
#ifdef MUTANT_FIRST_PLACE_SKIPPED
  :: OUTCOME(word, place) == LATEST(held) -> written = true
#else
  :: OUTCOME(word, place) == LATEST(held) && place != 0 -> written = true
#endif
  :: else ->
#ifndef MUTANT_HEAD_UNSEEN
    written = (head == held);
#endif
    atomic {
      written = written && (ring == word);
      if
      :: written -> ring = CHANGED(word ^ ((OUTCOME(word, place) ^ LATEST(held)) << place))
      :: else -> skip
      fi
    }
  fi;
  word = 0; place = 0
}

#define BASE (HEAD_GENERATION(held) == mine -> held : EMPTY(mine))

/* The swap of the head: here an outcome counts. */
inline swap() {
  d_step {
    written = (head == held);
    if
    :: written ->
      head = BASE + ONE_CALL + ONE_FAILURE * (outcome - evicted) + outcome - LATEST(BASE);
      if
      :: generation == mine -> truth[counted % SIZE] = outcome; counted++
      :: else -> skip
      fi;
      assert(RIGHT)
    :: else -> skip
    fi
  }
}

inline append() {
  do
  :: held = head;
#ifndef MUTANT_WORD_UNSEEN
    if
    :: generation != mine -> break
    :: else -> skip
    fi;
#endif
    written = true;
#ifndef MUTANT_NO_HELP
    if
    :: NUMBER(BASE) > 0 -> writeLatest()
    :: else -> skip
    fi;
#endif
    if
    :: !written -> skip
    :: else ->
      evicted = (NUMBER(BASE) < SIZE -> 0 : OUTCOME(ring, NUMBER(BASE) & 1));
      swap();
#ifdef MUTANT_NO_HELP
      if
      :: written -> ring = ring ^ ((OUTCOME(ring, NUMBER(BASE) & 1) ^ outcome) << (NUMBER(BASE) & 1))
      :: else -> skip
      fi;
#endif
      if
      :: written -> break
      :: else -> skip
      fi
    fi
  od
}

proctype thread(byte left) {
  short held, word;
  byte place, mine;
  bit evicted, outcome;
  bool written;
  do
  :: left > 0 ->
    mine = generation;
    if
    :: outcome = 0
    :: outcome = 1
    fi;
    append();
    skip;
    d_step { left--; held = 0; evicted = 0; outcome = 0; written = 0; mine = 0 }
  :: else -> break
  od
}

active proctype main() {
  atomic { run thread(FEW); run thread(APPENDS) };
#ifdef MUTANT_EMPTIED_LATE
  d_step { generation++; counted = 0; truth[0] = 0; truth[1] = 0; assert(RIGHT) };
  head = 0
#else
  leaving = true; /* the head of the journal is raised */
  head = 0;
  d_step { leaving = false; generation++; counted = 0; truth[0] = 0; truth[1] = 0; assert(RIGHT) }
#endif
}
