/** What clients counted from the answers that they got, in the words of the metrics. */
export interface Tally {
  readonly statuses: Record<string, number>;
  readonly routes: Record<string, number>;
  readonly tokens: Record<string, number>;
  /** By the model asked for: answers that told their usage, and those that began at all. */
  readonly withUsage: Record<string, number>;
  readonly withFirstPart: Record<string, number>;
  /** Requests that asked for a model, by the code of their error; "" = none. */
  readonly errors: Record<string, number>;
  readonly fallbacks: Record<string, number>;
  readonly unmatched: number;
  readonly wrongKeys: number;
  readonly limited: number;
  readonly retries: number;
}

type Mutable = { -readonly [Name in keyof Tally]: Tally[Name] };

interface Answer {
  readonly status: number;
  readonly error: string;
  /** How often a model was asked. */
  readonly attempts: number;
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

const add = (counts: Record<string, number>, name: string, by = 1): void => void (counts[name] = (counts[name] ?? 0) + by);

/**
 * Asks for each of all kinds of answers in turn, eight at once, and counts what comes.
 * @param isEnough is asked with the number of requests so far
 */
export const countAnswers = async (url: string, key: string, isEnough: (asked: number) => boolean): Promise<Tally> => {
  const tally: Mutable = { statuses: {}, routes: {}, tokens: {}, withUsage: {}, withFirstPart: {}, errors: {}, fallbacks: {}, unmatched: 0, wrongKeys: 0, limited: 0, retries: 0 };
  let asked = 0;
  const work = async (): Promise<void> => {
    while (!isEnough(asked)) await kinds[asked++ % kinds.length]?.(url, key, tally);
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return tally;
};

const ask = async (url: string, key: string, body: object, path = "/v1"): Promise<Answer> => {
  const response = await fetch(`${url}${path}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "authorization": `Bearer ${key}` },
    body: JSON.stringify({ messages: [{ role: "user", content: "count to three" }], ...body }),
  });
  const text = await response.text();
  const frames = text.startsWith("data: ") ? text.split("\n\n").filter((frame) => frame.startsWith("data: {")).map((frame) => frame.slice(6)) : [text];
  const objects = frames.map((frame) => JSON.parse(frame) as { error?: { code: string }; usage?: Answer["usage"] });
  const usage = objects.findLast((object) => object.usage !== undefined && object.usage !== null)?.usage;
  return {
    status: response.status,
    attempts: Number(response.headers.get("x-llm-proxy-attempts") ?? 0),
    error: objects.find(({ error }) => error !== undefined)?.error?.code ?? "",
    ...(usage ? { usage } : {}),
  };
};

/** What every answer of a route to a question for a model is counted under. */
const count = (tally: Mutable, model: string, { status, error, usage, attempts }: Answer, route = "main"): void => {
  add(tally.statuses, String(status));
  add(tally.routes, route);
  add(tally.errors, error);
  if (status === 200) add(tally.withFirstPart, model);
  if (usage !== undefined) {
    add(tally.withUsage, model);
    add(tally.tokens, "input", usage.prompt_tokens);
    add(tally.tokens, "output", usage.completion_tokens);
  }
  // Each model that fails before it begins is asked once more; only the alias "second" has another.
  if (model === "broken") tally.retries += attempts - 1;
  if (model === "second") {
    tally.retries += attempts - 2;
    add(tally.fallbacks, "503");
  }
};

const kinds: readonly ((url: string, key: string, tally: Mutable) => Promise<void>)[] = [
  async (url, key, tally) => count(tally, "fast", await ask(url, key, { model: "fast" })),
  async (url, key, tally) => count(tally, "fast", await ask(url, key, { model: "fast", stream: true, stream_options: { include_usage: true } })),
  async (url, key, tally) => count(tally, "second", await ask(url, key, { model: "second" })),
  async (url, key, tally) => count(tally, "broken", await ask(url, key, { model: "broken" })),
  async (url, key, tally) => count(tally, "cut", await ask(url, key, { model: "cut", stream: true })),
  async (url, key, tally) => count(tally, "other", await ask(url, key, { model: `unknown-${Math.random()}` })),
  async (url, key, tally) => {
    const answer = await ask(url, key, { model: "fast" }, "/tight");
    if (answer.status === 200) return count(tally, "fast", answer, "tight");
    // Refused before anybody looked at what it asks for.
    tally.limited += 1;
    add(tally.statuses, String(answer.status));
    add(tally.routes, "tight");
  },
  async (url, _key, tally) => {
    const { status } = await ask(url, "wrong", { model: "fast" });
    tally.wrongKeys += 1;
    add(tally.statuses, String(status));
    add(tally.routes, "main");
  },
  async (url, _key, tally) => {
    await (await fetch(`${url}/nowhere/${Math.random()}`)).text();
    tally.unmatched += 1;
  },
];
