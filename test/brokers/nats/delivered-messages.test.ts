import { describe, expect, it } from "vitest";
import { DeliveredMessages } from "../../../src/brokers/nats/delivered-messages.ts";

function messageOf(seq: number, timestampNanos: number) {
  const message = { seq, info: { timestampNanos }, acks: 0, ack: () => void message.acks++ };
  return message;
}

describe("messages that NATS has delivered", () => {
  it("are taken once, and acked again where they were acked", () => {
    const delivered = new DeliveredMessages();
    const [first, again, third] = [messageOf(1, 10), messageOf(1, 10), messageOf(1, 10)];
    expect(delivered.isDouble(first)).toBe(false);
    expect(delivered.isDouble(again)).toBe(true);
    expect(again.acks).toBe(0); // the flow works on it
    delivered.commit(first);
    expect(delivered.isDouble(third)).toBe(true);
    expect(third.acks).toBe(1);
  });

  it("are others in a stream that was made anew, although the numbers begin again", () => {
    const delivered = new DeliveredMessages();
    const before = messageOf(1, 10);
    delivered.isDouble(before);
    delivered.commit(before);
    expect(delivered.isDouble(messageOf(1, 20))).toBe(false);
    delivered.commit(before); // a late ack of the old one
    const again = messageOf(1, 20);
    expect(delivered.isDouble(again)).toBe(true);
    expect(again.acks).toBe(0);
  });

  it("are forgotten in their order, when they are many", () => {
    const delivered = new DeliveredMessages();
    for (let seq = 1; seq <= 100_001; seq++) delivered.isDouble(messageOf(seq, 1));
    expect(delivered.isDouble(messageOf(2, 1))).toBe(true);
    expect(delivered.isDouble(messageOf(1, 1))).toBe(false);
  });
});
