import type { Services } from "../services.ts";
import { createEchoHost } from "./echo.ts";
import type { ModelHost, Target } from "./host.ts";

/** Which host answers for a kind of target. A kind without a host has targets that cannot run here. */
export type Hosts = Partial<Record<Target["kind"], ModelHost>>;

/** Every host that needs no editor, one line each. `selector` targets need one: `vscode/` adds its own. */
export const createHosts = ({ clock }: Services): Hosts => ({
  echo: createEchoHost(clock),
});
