/** An id for a tool call that came without one: no other call of the conversation has it, in this turn or another. */
export const newCallId = (): string => `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`;
