import { newCallId } from "../../chat/call-id.ts";
import type { StreamPart } from "../../chat/part.ts";
import type { JsonObject, JsonValue } from "../../chat/request.ts";
import { asObject, readJson } from "./read-json.ts";

/** Puts tool calls together from the pieces that an upstream sends them in. */
export interface ToolCallDecoder {
  /** @param position where the piece stood in its list: its index, where it has none */
  decode(piece: JsonObject, position: number): readonly StreamPart[];
  /** Ends what is open: nothing more comes. */
  end(): readonly StreamPart[];
  hasAny(): boolean;
}

interface OpenCall {
  readonly id: string;
  /** The upstream's own, which another open call may have too. */
  readonly toldId: JsonValue | undefined;
  /** Empty until it is told; the call starts with it. */
  name: string;
  hasStarted: boolean;
  argumentsText: string;
}

/**
 * Pieces are told apart by their index, and may come in turn. A new call ends those before it whose arguments are whole, and
 * the one whose place it takes; others stay open, for their rest may still come. A call without arguments has an empty object
 * in the end: clients parse arguments, and nothing is not JSON.
 */
export const createToolCalls = (): ToolCallDecoder => {
  const byIndex = new Map<number, OpenCall>();
  const open = new Set<OpenCall>();
  const endThose = (isOver: (call: OpenCall) => boolean): readonly StreamPart[] => [...open].filter(isOver).flatMap((call) => {
    open.delete(call);
    return [...start(call), ...(call.argumentsText === "" ? [argumentsDelta(call.id, "{}")] : []), { type: "tool-call-end", id: call.id }];
  });
  const begin = (index: number, toldId: JsonValue | undefined): readonly StreamPart[] => {
    const replaced = byIndex.get(index);
    const ended = endThose((call) => call === replaced || isWhole(call.argumentsText));
    const isTaken = [...open].some(({ id }) => id === toldId);
    const call = { id: isText(toldId) && !isTaken ? toldId : newCallId(), toldId, name: "", hasStarted: false, argumentsText: "" };
    byIndex.set(index, call);
    open.add(call);
    return ended;
  };
  return {
    decode(piece, position) {
      // Small servers leave the index out, and send each call whole.
      const index = typeof piece["index"] === "number" ? piece["index"] : position;
      const { name, arguments: written } = asObject(piece["function"]);
      const ended = isNew(piece, name, byIndex.get(index)) ? begin(index, piece["id"]) : [];
      const call = byIndex.get(index);
      if (call === undefined) return ended;
      if (!call.hasStarted && isText(name)) call.name = name;
      return [...ended, ...(call.name === "" ? [] : start(call)), ...addArguments(call, argumentsOf(written))];
    },
    end: () => endThose(() => true),
    hasAny: () => byIndex.size > 0,
  };
};

/** Arguments that came before the name wait for it. */
const start = (call: OpenCall): readonly StreamPart[] => {
  if (call.hasStarted) return [];
  call.hasStarted = true;
  const { id, name, argumentsText } = call;
  return [{ type: "tool-call-start", id, name }, ...(argumentsText === "" ? [] : [argumentsDelta(id, argumentsText)])];
};

const addArguments = (call: OpenCall, text: string): readonly StreamPart[] => {
  call.argumentsText += text;
  return text === "" || !call.hasStarted ? [] : [argumentsDelta(call.id, text)];
};

const argumentsDelta = (id: string, argumentsText: string): StreamPart => ({ type: "tool-call-delta", id, argumentsText });

/** Some servers write an object where a text should be. */
const argumentsOf = (written: JsonValue | undefined): string => {
  if (written === undefined || written === null) return "";
  return typeof written === "string" ? written : JSON.stringify(written);
};

/** An object that is complete can have no more of it; a number could. */
const isWhole = (argumentsText: string): boolean => argumentsText.trimEnd().endsWith("}") && readJson(argumentsText) !== undefined;

/** Some servers count every call as the first: it is another one where it has another id, or a name and neither id nor index. */
const isNew = (piece: JsonObject, name: JsonValue | undefined, before: OpenCall | undefined): boolean => {
  if (before === undefined) return true;
  return isText(piece["id"]) ? piece["id"] !== before.toldId : isText(name) && piece["index"] === undefined && before.name !== "";
};

const isText = (value: JsonValue | undefined): value is string => typeof value === "string" && value !== "";
