/** NDJSON to a TCP server: `tcp://host:port`, or `tls://host:port`. */
import type { Socket } from "node:net";
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Sink, SinkContext } from "../../flow/protocol/source-and-sink.ts";
import { tcpAddressOf } from "../base/address.ts";
import { reasonOf } from "../base/errors.ts";
import { unreachable } from "../base/reach.ts";
import { schemeOf } from "../base/spec.ts";
import { LineWriter } from "../stream/line-writer.ts";
import { CLOSED, Dialer } from "./dialer.ts";
import { type ResolvedTcpOptions, resolveTcpOptions, type TcpOptions } from "./tcp-options.ts";

/**
 * One line for each event. An ack means that our system has taken the bytes for sending: TCP knows no answer of the other
 * side, so what was under way when a connection breaks may be lost although it was acked.
 *
 * A connection that is lost, or that takes nothing for `timeoutMs`, fails what it has not taken, sends a trigger, and is
 * tried again by the rules; a restore follows when it is back. What comes meanwhile fails at once. After the last try
 * everything fails.
 */
export class TcpSink implements Sink {
  readonly name: string;
  readonly #options: ResolvedTcpOptions;
  readonly #dialer: Dialer;
  #context: SinkContext | undefined;
  #writer: LineWriter | undefined;
  /** Why there is no writer. */
  #fault = "not connected";
  /** There is no other try to connect. */
  #isGivenUp = false;
  #triggered = false;

  /** @throws ConnectError for a bad address; OptionError for an option out of range. */
  constructor(spec: string, options?: TcpOptions) {
    this.name = spec;
    this.#options = resolveTcpOptions(options);
    const { timeoutMs, rules, tls } = this.#options;
    this.#dialer = new Dialer({
      address: tcpAddressOf(spec, "ERR_SINK"),
      tls: schemeOf(spec) === "tls" ? tls : undefined,
      timeoutMs,
      rules,
      onUp: (socket) => this.#connect(socket),
      onDown: (reason) => this.#disconnect(reason),
      onGivenUp: (reason) => this.#giveUp(reason),
    });
  }

  get congested(): boolean {
    return this.#writer?.congested === true;
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    try {
      await this.#dialer.dial();
    } catch (error) {
      if (this.#options.probe) throw unreachable("ERR_SINK", this.name, error);
      this.#disconnect(reasonOf(error));
      this.#dialer.redial(reasonOf(error));
    }
  }

  onEvent(event: FlowEvent): void {
    if (this.#writer !== undefined) this.#writer.add(event);
    else if (this.#isGivenUp) this.#context?.fail(event, { error: this.#fault, final: true });
    else this.#context?.fail(event, { error: this.#fault });
  }

  async drain(): Promise<void> {
    await this.#writer?.drain();
  }

  async close(): Promise<void> {
    this.#writer?.abandon("the sink was closed");
    await this.#dialer.close();
  }

  #connect(socket: Socket): void {
    const { timeoutMs } = this.#options;
    const context = this.#context;
    if (context === undefined) return;
    const writer = new LineWriter(socket, context, (error) => lost(reasonOf(error)));
    this.#writer = writer;
    // Whatever the other side says is read and thrown away: unread, it would turn the end into a reset.
    socket.resume();
    // One that ends wants no more, and what we would still write may go to nobody.
    socket.once("end", () => {
      writer.die(lost(CLOSED));
      socket.destroy();
    });
    // An idle connection may stay; one that takes nothing of what it was given is dead.
    socket.setTimeout(timeoutMs, () => {
      if (socket.writableLength > 0) socket.destroy(new Error(`nothing was taken for ${timeoutMs} ms`));
    });
    if (this.#triggered) context.contraflow("restore");
    this.#triggered = false;
  }

  /** First the answers: a breaker counts them, and they may open it, before the trigger opens it by force. */
  #disconnect(reason: string): void {
    const writer = this.#writer;
    this.#writer = undefined;
    this.#fault = `not connected: ${reason}`;
    writer?.abandon(lost(reason));
    this.#triggered = true;
    this.#context?.contraflow("trigger");
    this.#context?.relieved();
  }

  /** A trigger that no restore can follow would hold the flow for ever. */
  #giveUp(reason: string): void {
    this.#isGivenUp = true;
    this.#fault = `not connected: ${reason}`;
    if (this.#triggered) this.#context?.contraflow("restore");
    this.#triggered = false;
  }
}

function lost(reason: string): string {
  return `connection lost: ${reason}`;
}
