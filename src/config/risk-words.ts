import type { Risk } from "./risks.ts";

/** What a file would do, as it follows "It would": a few plain words that name the one thing at stake. */
export const renderRisk = ({ kind, name, sentTo }: Risk): string => {
  const words = riskWords[kind](printable(name));
  return sentTo === undefined ? words : `${words} and send it to ${printable(sentTo)}`;
};

const riskWords: Readonly<Record<Risk["kind"], (name: string) => string>> = {
  host: (name) => `let other machines in, on ${name}`,
  allowedOrigin: (name) => `let web pages of ${name} use the models`,
  allowedHost: (name) => `answer requests that are addressed to ${name}`,
  upstream: (name) => `send prompts to ${name}`,
  tls: (name) => `use the certificate or key in ${name}`,
  content: () => "write prompts and answers to the log",
  env: (name) => `read the environment variable ${name}`,
  secret: (name) => `read the secret ${name}`,
  file: (name) => `read the file ${name}`,
};

/** A name as nobody can misread it: without line ends, characters that hide, and those that turn the direction of text. */
const printable = (name: string): string => name.replaceAll(/[^\x20-\x7E]/gu, (character) => (/[\p{L}\p{N}\p{M}]/u.test(character) ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`));
