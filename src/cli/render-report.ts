import type { ProxyReport } from "../proxy.ts";

/** A report as lines for people. What an older proxy does not tell is left out. @param file as the person named it */
export const renderReport = ({ figures, routes = [], aliases = [], keys = [], problems = [] }: Partial<ProxyReport>, file: string): readonly string[] => [
  ...(figures === undefined ? [] : [renderFigures(figures)]),
  ...routes.map(renderRoute),
  ...aliases.map(renderAlias),
  ...keys.map(renderKey),
  ...problems.map(({ line, column, severity, message, hint }) => `${file}:${line}:${column}: ${severity}: ${message} (${hint})`),
];

const renderFigures = ({ requests, active, connections, errorRate, duration: { lastHour } }: ProxyReport["figures"]): string => {
  const pace = lastHour.count === 0 ? "none to a model in the last hour" : `in the last hour half within ${Math.round(lastHour.p50)} ms, 99 % within ${Math.round(lastHour.p99)} ms`;
  return `requests: ${requests}, ${active} under way on ${connections} connections, ${(errorRate * 100).toFixed(1)} % failed; ${pace}`;
};

const renderRoute = ({ name, path, protocols, listeners, needsKey }: ProxyReport["routes"][number]): string =>
  `route ${name}${name === path ? "" : ` ${path}`}: ${protocols.join(", ")} on ${listeners.join(", ")}${needsKey ? "" : ", no key"}`;

const renderAlias = ({ name, answers, targets }: ProxyReport["aliases"][number]): string => {
  const skipped = targets.flatMap(({ target, model, unavailable, isFailing }) =>
    unavailable !== undefined ? [`${target} is skipped: ${unavailable}`] : isFailing === true && model !== answers ? [`${target} is asked after the others: it keeps failing`] : []);
  const answering = answers ?? (targets.some(({ isByName }) => isByName === true) ? "the model of the name that is asked for" : "nobody");
  return `model ${name}: ${[answering, ...skipped].join("; ")}`;
};

const renderKey = ({ name, state, models, expires, limits }: ProxyReport["keys"][number]): string => {
  const facts = [
    state === "unset" ? "unset, matches nobody" : state,
    ...(models === undefined ? [] : [models.length === 0 ? "no models" : `only ${models.join(", ")}`]),
    ...(expires === undefined ? [] : [`until ${expires.slice(0, 10)}`]),
    ...limits.map(({ limit, route, remaining, size }) => `${limit} ${remaining} of ${size} left${route === undefined ? "" : ` on ${route}`}`),
  ];
  return `key ${name}: ${facts.join(", ")}`;
};
