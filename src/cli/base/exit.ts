/** How the command ends. Scripts rely on these numbers. */

export const EXIT = {
  /** Every event that was read was delivered, or left out by the pipeline on purpose. */
  done: 0,
  /** The run went to its end, and some events were not delivered: refused, malformed, failed or dropped. */
  undelivered: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The pipeline cannot be read, or is wrong. */
  pipeline: 3,
  /** A source or a sink cannot be opened, or a source broke. */
  connection: 4,
  /** A bug: counts that do not add up, or an unforeseen error. EX_SOFTWARE of sysexits.h. */
  internal: 70,
  /** 128 + the number of the signal, as a shell would report it. */
  interrupted: 130,
  terminated: 143,
  /** The reader of stdout went away, as a shell would report it of a tool that SIGPIPE ends. */
  abandoned: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For --help. */
export const EXIT_HELP = `Exit codes:
  ${EXIT.done}    every event was delivered, or left out by the pipeline on purpose
  ${EXIT.undelivered}    the run ended, and some events were not delivered: refused (overflow), malformed
       (err), failed or dropped; the summary says how many
  ${EXIT.usage}    the command line is wrong
  ${EXIT.pipeline}    the pipeline cannot be read, or is wrong
  ${EXIT.connection}    a source or a sink cannot be opened, or the source broke
  ${EXIT.internal}   an error in bluesmoke itself; BLUESMOKE_DEBUG=1 shows where
  ${EXIT.interrupted}  stopped by SIGINT (Ctrl-C), ${EXIT.terminated} by SIGTERM: no more is read, what is under way ends,
       and the summary is printed; a second signal ends the command at once
  ${EXIT.abandoned}  the reader of stdout went away (| head): no more is read, and the rest is dropped and counted`;
