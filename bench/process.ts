/** A case in a process of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Line } from "./line.ts";
import { type Answer, type Assignment, PATIENCE_MS } from "./protocol.ts";

// Compiled by then: run.mjs sees to it.
const PROGRAM = fileURLToPath(new URL("./case.js", import.meta.url));

/** Starts the process. */
export function openProcess(assignment: Assignment): Line {
  const child = fork(PROGRAM, [JSON.stringify(assignment)], { execArgv: [], stdio: "inherit" });
  return {
    greeting: nextAnswer(child),
    ask(order) {
      const answer = nextAnswer(child);
      child.send(order);
      return answer;
    },
    end() {
      if (child.connected) child.disconnect();
    },
  };
}

function nextAnswer(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      child.off("message", hear);
      child.off("exit", fall);
      child.off("error", reject);
    };
    const hear = (answer: Answer): void => {
      end();
      resolve(answer);
    };
    const fall = (code: number | null, signal: string | null): void => {
      end();
      reject(new Error(`its process ended with ${signal ?? `code ${code}`}`));
    };
    const timer = setTimeout(() => {
      end();
      child.kill();
      reject(new Error(`it gave no answer in ${PATIENCE_MS / 1_000} s`));
    }, PATIENCE_MS);
    child.once("message", hear);
    child.once("exit", fall);
    child.once("error", reject);
  });
}
