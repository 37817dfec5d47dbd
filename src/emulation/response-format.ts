import type { Batches, CallContext, ChatCall } from "../chat/call.ts";
import type { StreamPart, Usage } from "../chat/part.ts";
import { isJsonObject, type ChatRequest, type ResponseFormat } from "../chat/request.ts";
import { unusableAnswer } from "../errors.ts";
import { addUsage } from "./add-usage.ts";
import type { Emulation } from "./emulation.ts";
import { instruct } from "./instruct.ts";
import { compileSchema, type SchemaCheck } from "./json-schema.ts";
import { findJson, type FoundJson } from "./json-text.ts";
import { readAnswer, type ReadAnswer } from "./read-answer.ts";

/**
 * Makes an answer JSON of the form that was asked for: the model is told the form, its answer is held back until it is
 * valid, and one that is not goes back to it once, with what is wrong. An answer that calls tools, or that a limit, a
 * stop sequence or a filter ended, is not JSON anyway and goes out as it is. Throws `unusableAnswer` (502) when the second answer is wrong too.
 */
export const responseFormat: Emulation = {
  isNeeded: ({ responseFormat: format }, can) => format !== undefined && !can.has("response-format"),
  around: (call, { model }) => ({ responseFormat: format, ...request }, context) =>
    (format === undefined ? call(request, context) : answerAsJson(call, request, format, context, model)),
};

async function* answerAsJson(call: ChatCall, request: ChatRequest, format: ResponseFormat, context: CallContext, model: string): Batches {
  const check = await checkOf(format);
  const instructed = instruct(request, instructionOf(format));
  const first = await readAnswer(call(instructed, context));
  const found = judge(first, check);
  if (!("problems" in found)) {
    yield partsOf(first, found);
    return;
  }
  const second = await readAnswer(call(withCorrection(instructed, first, found.problems), context));
  const repaired = judge(second, check);
  if ("problems" in repaired) throw unusableAnswer(model, `gave two answers that are not of the response_format: ${repaired.problems.join("; ")}. Make the schema simpler, or ask for another model.`);
  yield partsOf(second, repaired, first.result.usage);
}

const checkOf = async (format: ResponseFormat): Promise<SchemaCheck> =>
  format.type === "json-schema"
    ? compileSchema(format.schema, "response_format.json_schema.schema")
    : (value) => (isJsonObject(value) ? [] : ["the value must be an object"]);

type Judgement = FoundJson | { readonly asItIs: true } | { readonly problems: readonly string[] };

const judge = ({ result }: ReadAnswer, check: SchemaCheck): Judgement => {
  const isCut = result.finishReason !== "stop" || result.stopSequence !== undefined;
  if (result.toolCalls.length > 0 || result.refusal !== "" || isCut) return { asItIs: true };
  const found = findJson(result.text);
  if (found === undefined) return { problems: ["it holds no JSON"] };
  const problems = check(found.value);
  return problems.length === 0 ? found : { problems };
};

/** The answer's parts with its text replaced by the JSON in it. @param spent what was used up before */
const partsOf = ({ parts, result }: ReadAnswer, judgement: FoundJson | { readonly asItIs: true }, spent?: Usage): readonly StreamPart[] => {
  const kept = "asItIs" in judgement || judgement.text === result.text ? parts : replaceText(parts, judgement.text);
  return spent === undefined ? kept : kept.map((part) => (part.type === "finish" ? addSpent(part, spent) : part));
};

const addSpent = ({ usage: own, ...finish }: Extract<StreamPart, { type: "finish" }>, spent: Usage): StreamPart => {
  const usage = addUsage([own, spent]);
  return { ...finish, ...(usage === undefined ? {} : { usage }) };
};

const replaceText = (parts: readonly StreamPart[], text: string): readonly StreamPart[] => {
  const first = parts.findIndex(({ type }) => type === "text-delta");
  const replaced: StreamPart = { type: "text-delta", text };
  return parts.map((part, index) => (index === first ? replaced : part)).filter((part) => part === replaced || part.type !== "text-delta");
};

const instructionOf = (format: ResponseFormat): string => {
  if (format.type === "json") return "Answer with one JSON object and nothing else: no words before or after it, no code fence.";
  const about = format.description === undefined ? "" : ` It is: ${format.description}`;
  return `Answer with one JSON value named ${format.name} and nothing else: no words before or after it, no code fence.${about}\nIt must be valid by this JSON Schema:\n${JSON.stringify(format.schema)}`;
};

/** The conversation with the wrong answer at its end, and what is wrong with it. */
const withCorrection = (request: ChatRequest, { result }: ReadAnswer, problems: readonly string[]): ChatRequest => ({
  ...request,
  messages: [
    ...request.messages,
    ...(result.text === "" ? [] : [{ role: "assistant" as const, content: [{ type: "text" as const, text: result.text }], toolCalls: [] }]),
    { role: "user", content: [{ type: "text", text: `That answer cannot be used: ${problems.join("; ")}. Give the whole answer again, corrected, as JSON and nothing else.` }] },
  ],
});
