import type { Services } from "../services.ts";
import { createEchoHost } from "./echo.ts";
import type { ModelHost, Target } from "./host.ts";
import { createUpstreamHost, type UpstreamOptions } from "./openai-upstream/host.ts";

/** Which host answers for a kind of target. A kind without a host has targets that cannot run here. */
export type Hosts = Partial<Record<Target["kind"], ModelHost>>;

export interface HostOptions {
  readonly upstreams: readonly UpstreamOptions[];
}

/** Every host that needs no editor, one line each. `selector` targets need one: `vscode/` adds its own. */
export const createHosts = ({ clock, connections, countTokens }: Pick<Services, "clock" | "connections" | "countTokens">, { upstreams }: HostOptions): Hosts => ({
  echo: createEchoHost(clock),
  upstream: createUpstreamHost(upstreams, connections, clock, countTokens),
});
