/** A case in a process of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StartWorker } from "./worker-channel.ts";
import { ANSWER_TIMEOUT_MS, type Answer } from "./worker-protocol.ts";

/** Starts processes of a program beside this file; run.mjs or compare-builds.mjs has compiled it. */
export function processes(program: string): StartWorker {
  const path = fileURLToPath(new URL(program, import.meta.url));
  return (assignment) => {
    const child = fork(path, [JSON.stringify(assignment)], { execArgv: [], stdio: "inherit" });
    return {
      ready: nextAnswer(child),
      send(order) {
        const answer = nextAnswer(child);
        child.send(order);
        return answer;
      },
      end() {
        if (child.connected) child.disconnect();
      },
    };
  };
}

function nextAnswer(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      child.off("message", receive);
      child.off("exit", exit);
      child.off("error", reject);
    };
    const receive = (answer: Answer): void => {
      end();
      resolve(answer);
    };
    const exit = (code: number | null, signal: string | null): void => {
      end();
      reject(new Error(`its process ended with ${signal ?? `code ${code}`}`));
    };
    const timer = setTimeout(() => {
      end();
      child.kill();
      reject(new Error(`it gave no answer in ${ANSWER_TIMEOUT_MS / 1_000} s`));
    }, ANSWER_TIMEOUT_MS);
    child.once("message", receive);
    child.once("exit", exit);
    child.once("error", reject);
  });
}
