/** What a client has to know to ask for a first answer. */
export interface SnippetFacts {
  /** As OpenAI's clients take it: without `/chat/completions`. */
  readonly baseUrl: string;
  /** A name that is served. */
  readonly model: string;
  readonly needsKey: boolean;
}

/** Where a snippet reads the key from: one that is written out would end up in a repository. */
export const keyVariable = "LLM_PROXY_KEY";

export interface Snippet {
  readonly label: string;
  /** What has to be there to run it; absent = nothing that a machine would not have. */
  readonly needs?: string;
  /** A whole program that asks one question and prints the answer. */
  readonly render: (facts: SnippetFacts) => string;
}

const question = "Hello";

const curl = ({ baseUrl, model, needsKey }: SnippetFacts): string => {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: question }] });
  return [
    `curl ${shellQuoted(`${baseUrl}/chat/completions`)}`,
    "-H 'content-type: application/json'",
    ...(needsKey ? [`-H "authorization: Bearer $${keyVariable}"`] : []),
    `-d ${shellQuoted(body)}`,
  ].join(" \\\n  ");
};

const shellQuoted = (text: string): string => (/^[\w:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

const python = ({ baseUrl, model, needsKey }: SnippetFacts): string => `${needsKey ? "import os\n\n" : ""}from openai import OpenAI

client = OpenAI(base_url=${JSON.stringify(baseUrl)}, api_key=${needsKey ? `os.environ["${keyVariable}"]` : '"none"'})
answer = client.chat.completions.create(
    model=${JSON.stringify(model)},
    messages=[{"role": "user", "content": "${question}"}],
)
print(answer.choices[0].message.content)
`;

const node = ({ baseUrl, model, needsKey }: SnippetFacts): string => `import OpenAI from "openai";

const client = new OpenAI({ baseURL: ${JSON.stringify(baseUrl)}, apiKey: ${needsKey ? `process.env.${keyVariable}` : '"none"'} });
const answer = await client.chat.completions.create({
  model: ${JSON.stringify(model)},
  messages: [{ role: "user", content: "${question}" }],
});
console.log(answer.choices[0].message.content);
`;

/** OpenAI's chat completions, as those who try something first reach for them. */
export const snippets: readonly Snippet[] = [
  { label: "curl", render: curl },
  { label: "Python", needs: "pip install openai", render: python },
  { label: "Node", needs: "npm install openai", render: node },
];
