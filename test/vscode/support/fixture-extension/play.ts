import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import type { EventName, Response } from "../models.ts";
import type { Step } from "../script.ts";
import { LanguageModelDataPart, LanguageModelThinkingPart } from "./untyped-parts.ts";

/** The call that a script plays in. */
export interface Stage {
  readonly progress: vscode.Progress<vscode.LanguageModelResponsePart>;
  readonly token: vscode.CancellationToken;
  note(event: EventName): void;
  pause(): Promise<void>;
}

class Stopped extends Error {}

/** What the step throws; not always an Error, as providers throw strings too. */
const failure = ({ kind, message, name, code }: Extract<Step, { do: "fail" }>): unknown => {
  switch (kind) {
    case "blocked":
      return vscode.LanguageModelError.Blocked(message);
    case "no-permissions":
      return vscode.LanguageModelError.NoPermissions(message);
    case "not-found":
      return vscode.LanguageModelError.NotFound(message);
    case "string":
      return message;
    case "plain":
      return Object.assign(new Error(message), name === undefined ? {} : { name }, code === undefined ? {} : { code });
  }
};

const dataPart = ({ mimeType, json, base64 = "" }: Extract<Step, { do: "data" }>): vscode.LanguageModelResponsePart =>
  new LanguageModelDataPart(
    json === undefined ? Buffer.from(base64, "base64") : Buffer.from(JSON.stringify(json)),
    mimeType,
  );

/** Reports parts and waits; both stop the script once it is cancelled, unless it is one that does not care. */
const createActor = ({ progress, token, note }: Stage, ignoresCancellation: boolean) => {
  const isStopped = (): boolean => token.isCancellationRequested && !ignoresCancellation;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => {}); // A script that ends by itself leaves it unheard.
  if (!ignoresCancellation) token.onCancellationRequested(() => reject(new Stopped()));
  return {
    report(part: vscode.LanguageModelResponsePart): void {
      if (isStopped()) throw new Stopped();
      progress.report(part);
      note("part");
    },
    async wait(promise: Promise<unknown>): Promise<void> {
      if (isStopped()) throw new Stopped();
      await Promise.race([promise, stopped]);
    },
  };
};

type Actor = ReturnType<typeof createActor>;

const sayText = async ({ text, times, everyMs }: Extract<Step, { do: "text" }>, { report, wait }: Actor) => {
  for (let count = 0; count < times; count += 1) {
    if (count > 0 && everyMs > 0) await wait(sleep(everyMs));
    report(new vscode.LanguageModelTextPart(text));
  }
};

const perform = async (step: Step, actor: Actor, { note, pause }: Stage): Promise<void> => {
  switch (step.do) {
    case "text":
      return sayText(step, actor);
    case "thinking":
      return actor.report(new LanguageModelThinkingPart(step.text));
    case "tool-call":
      return actor.report(new vscode.LanguageModelToolCallPart(step.id, step.name, step.input as object));
    case "data":
      return actor.report(dataPart(step));
    case "wait":
      return actor.wait(sleep(step.ms));
    case "pause":
      note("paused");
      return actor.wait(pause());
    case "fail":
      throw failure(step);
  }
};

/** Plays a script to its end, to its failure, or to the moment when it is cancelled. */
export const play = async ({ steps, whenCancelled }: Response, stage: Stage): Promise<void> => {
  const actor = createActor(stage, whenCancelled === "ignore");
  try {
    for (const step of steps) await perform(step, actor, stage);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    if (whenCancelled === "throw") throw new vscode.CancellationError();
  }
};
