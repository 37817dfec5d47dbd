import type * as vscode from "vscode";
import type { ChatRequest, Tool } from "../chat/request.ts";
import { invalidField } from "../errors.ts";
import type { LanguageModelApi } from "./language-model-api.ts";

export interface EncodedOptions {
  readonly options: vscode.LanguageModelChatRequestOptions;
  /** What was asked for and may not be done, a sentence each. */
  readonly warnings: readonly string[];
}

/** Shown by the editor where it asks whether this extension may use a model. */
const justification = "LLM Proxy serves this model to the programs that use its address, as the folder's .llmproxy.yaml declares.";

/**
 * Everything of a request but its messages. Throws `invalidField` for a tool choice that names no tool of the request.
 * @param vendor whose model is asked: Copilot hands on what it knows and drops the rest
 */
export const encodeOptions = (request: ChatRequest, vendor: string, api: LanguageModelApi): EncodedOptions => {
  const modelOptions = encodeModelOptions(request);
  const { tools, isForced, warnings } = chooseTools(request);
  return {
    options: {
      justification,
      ...(Object.keys(modelOptions).length > 0 ? { modelOptions } : {}),
      ...(tools.length === 0 ? {} : {
        tools: tools.map(encodeTool),
        toolMode: isForced ? api.LanguageModelChatToolMode.Required : api.LanguageModelChatToolMode.Auto,
      }),
    },
    warnings: [...warnings, ...unsure(modelOptions, vendor), ...(tools.some(({ isStrict }) => isStrict === true) ? ["strict of tools is not passed on"] : []), ...request.ignoredOptions.map((name) => `${name} is not passed on`)],
  };
};

/** In the spelling of OpenAI, which is what providers look for. */
const encodeModelOptions = ({ sampling, maxOutputTokens }: ChatRequest): Record<string, number> => {
  const options = {
    temperature: sampling.temperature,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    top_p: sampling.topP,
    max_tokens: maxOutputTokens,
    seed: sampling.seed,
  };
  return Object.fromEntries(Object.entries(options).filter((entry): entry is [string, number] => entry[1] !== undefined));
};

/** Options that Copilot drops for some or all of its models, without a word. */
const unsure = (modelOptions: Readonly<Record<string, number>>, vendor: string): readonly string[] =>
  vendor !== "copilot" ? [] : ["top_p", "seed"].filter((name) => name in modelOptions).map((name) => `copilot may ignore ${name}`);

/**
 * The tools that the model gets to see, and whether it must call one. The editor can force a call only where there is one
 * tool: a choice by name sends that tool alone.
 */
const chooseTools = ({ tools, toolChoice }: ChatRequest): { tools: readonly Tool[]; isForced: boolean; warnings: readonly string[] } => {
  if (typeof toolChoice === "object") {
    const chosen = tools.filter(({ name }) => name === toolChoice.name);
    if (chosen.length === 0) throw invalidField("tool_choice", "tool_choice names a tool that is not among the request's tools: add it to tools, or choose one of them.");
    return { tools: chosen.slice(0, 1), isForced: true, warnings: [] };
  }
  if (toolChoice === "none") return { tools: [], isForced: false, warnings: [] };
  const isForced = toolChoice === "required";
  if (isForced && tools.length === 0) throw invalidField("tool_choice", "tool_choice is \"required\" and the request has no tools: add one, or leave tool_choice out.");
  return isForced && tools.length > 1
    ? { tools, isForced: false, warnings: ["tool_choice required is passed on as auto: VS Code can force a call of one tool only"] }
    : { tools, isForced, warnings: [] };
};

const encodeTool = ({ name, description, inputSchema }: Tool): vscode.LanguageModelChatTool => ({
  name,
  description: description ?? "",
  ...(inputSchema === undefined ? {} : { inputSchema }),
});
