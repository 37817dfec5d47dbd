import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { askHealth } from "../../src/cli/ask-health.ts";
import { createCertificate } from "../support/certificate.ts";

const cases = suite("cli/ask-health");

const health = { state: "running", version: "1", generation: "0", instance: "i" };

/** A file's TLS options, as far as they count here. */
const tlsOf = ({ cert, key }: { readonly cert: string; readonly key: string }) => ({ cert, key, certFile: "a.pem", keyFile: "a.key" });

cases("tells the key to the certificate of the file, and to no other", async () => {
  const [own, other] = [createCertificate(), createCertificate({ serial: 2 })];
  const keys: unknown[] = [];
  const server = createServer({ cert: own.cert, key: own.key }, (request, response) => {
    keys.push(request.headers.authorization);
    response.end(JSON.stringify(health));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  assert.equal(await askHealth(url, tlsOf(own), "sesame"), { health });
  const refused = await askHealth(url, tlsOf(other), "sesame");
  assert.match("silent" in refused ? refused.silent : "", /certificate/);
  assert.equal(keys, ["Bearer sesame"]);
  server.close();
  await once(server, "close");
});

cases.run();
