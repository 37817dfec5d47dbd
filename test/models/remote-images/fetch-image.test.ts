import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ProxyError } from "../../../src/errors.ts";
import { createImageFetcher, type ImageFetcherOptions } from "../../../src/models/remote-images/fetch-image.ts";
import { isPublicAddress } from "../../../src/models/remote-images/public-address.ts";

const png = Buffer.from("89504e470d0a1a0a0000", "hex");
const never = new AbortController().signal;
const anyAddress = (): boolean => true;

const withServer = async (answer: RequestListener, run: (origin: string) => Promise<void>): Promise<void> => {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

const fetchFrom = async (url: string, options: ImageFetcherOptions = { isAllowed: anyAddress }, signal = never) => {
  const fetcher = createImageFetcher(options);
  try {
    return await fetcher.fetch({ type: "image-link", url, field: "messages[0].content[0].image_url.url" }, signal);
  } finally {
    await fetcher.close();
  }
};

const refusalOf = async (url: string, options?: ImageFetcherOptions): Promise<string> => {
  const error = await fetchFrom(url, options).then(() => undefined, (thrown: unknown) => thrown);
  assert.instance(error, ProxyError);
  assert.is((error as ProxyError).status, 400);
  assert.is((error as ProxyError).param, "messages[0].content[0].image_url.url");
  return (error as ProxyError).message;
};

const cases = suite("models/remote-images");

cases("fetches an image, through redirects, and tells its kind by its bytes", () => withServer((request, response) => {
  if (request.url === "/a") return void response.writeHead(302, { location: "/b" }).end("moved");
  return void response.writeHead(200, { "content-type": "text/html" }).end(png);
}, async (origin) => {
  assert.equal(await fetchFrom(`${origin}/a`), { type: "image", mediaType: "image/png", data: png });
}));

cases("asks no address that is not public, however it is written, and opens no connection to it", async () => {
  let connections = 0;
  await withServer((_request, response) => {
    connections += 1;
    response.end(png);
  }, async (origin) => {
    const { port } = new URL(origin);
    for (const host of ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "017700000001", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0"]) {
      assert.match(await refusalOf(`http://${host}:${port}/`, {}), "not one of the open internet");
    }
  });
  assert.is(connections, 0);
});

/** A name server that says something else each time. */
const answersInTurn = (...answers: readonly (readonly string[])[]) => {
  const asked: string[] = [];
  const lookup = ((name: string, _options: object, callback: (error: null, addresses: object[]) => void) => {
    const addresses = answers[asked.length] ?? [];
    asked.push(name);
    callback(null, addresses.map((address) => ({ address, family: 4 })));
  }) as unknown as NonNullable<ImageFetcherOptions["lookup"]>;
  return { asked, lookup };
};

cases("a name is looked up once, by the connection: it cannot mean another address afterwards", () => withServer((_request, response) => void response.end(png), async (origin) => {
  const { asked, lookup } = answersInTurn(["127.0.0.1"], ["127.0.0.2"]);
  const options = { isAllowed: (address: string) => address === "127.0.0.1", lookup };
  assert.equal(await fetchFrom(`http://rebound.test:${new URL(origin).port}/`, options), { type: "image", mediaType: "image/png", data: png });
  assert.equal(asked, ["rebound.test"]);
}));

cases("a name that has one address inside among others outside is not asked", async () => {
  let connections = 0;
  await withServer((_request, response) => {
    connections += 1;
    response.end(png);
  }, async (origin) => {
    const { lookup } = answersInTurn(["127.0.0.1", "10.0.0.1"]);
    assert.match(await refusalOf(`http://both.test:${new URL(origin).port}/`, { isAllowed: (address) => address === "127.0.0.1", lookup }), "not one of the open internet");
  });
  assert.is(connections, 0);
});

cases("a redirect to a name that means an address inside is refused too", () => withServer((request, response) => {
  response.writeHead(302, { location: `http://inside.test:${request.socket.localPort}/secret` }).end();
}, async (origin) => {
  const { lookup } = answersInTurn(["10.0.0.1"]);
  assert.match(await refusalOf(origin, { isAllowed: (address) => address === "127.0.0.1", lookup }), "not one of the open internet");
}));

cases("a redirect is looked at like the first address", () => withServer((request, response) => {
  response.writeHead(302, { location: `http://127.0.0.2:${request.socket.localPort}/secret` }).end();
}, async (origin) => {
  assert.match(await refusalOf(origin, { isAllowed: (address) => address === "127.0.0.1" }), "not one of the open internet");
}));

cases("a redirect to another protocol, or without end, is refused", async () => {
  await withServer((_request, response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(), async (origin) => {
    assert.match(await refusalOf(origin), "its url is not http or https");
  });
  await withServer((_request, response) => void response.writeHead(302, { location: "/" }).end(), async (origin) => {
    assert.match(await refusalOf(origin), "more than 3 redirects");
  });
});

cases("a body that is too large is refused, whether it says so or not", async () => {
  for (const length of [undefined, 1000]) {
    await withServer((_request, response) => {
      response.writeHead(200, length === undefined ? {} : { "content-length": length });
      response.end(Buffer.concat([png, Buffer.alloc(990)]));
    }, async (origin) => assert.match(await refusalOf(origin, { isAllowed: anyAddress, maxBytes: 999 }), "larger than 999 bytes"));
  }
});

cases("a server that says nothing is given up", () => withServer(() => {}, async (origin) => {
  assert.match(await refusalOf(origin, { isAllowed: anyAddress, timeoutMs: 20 }), "took longer than 0.02 s");
}));

cases("what is no image, no answer or no server is said, without a word of its body", async () => {
  await withServer((_request, response) => response.end("secret"), async (origin) => {
    const message = await refusalOf(origin);
    assert.match(message, "no PNG, JPEG, GIF or WebP");
    assert.not.match(message, "secret");
  });
  await withServer((_request, response) => void response.writeHead(404).end("secret"), async (origin) => assert.match(await refusalOf(origin), "its server answered 404."));
  assert.match(await refusalOf("http://127.0.0.1:1/"), "its server cannot be reached");
  assert.match(await refusalOf("http://user:password@127.0.0.1:1/"), "user name");
});

cases("is let go of when the client leaves", () => withServer(() => {}, async (origin) => {
  const client = new AbortController();
  const fetching = fetchFrom(origin, { isAllowed: anyAddress }, client.signal);
  const reason = new Error("left");
  client.abort(reason);
  assert.is(await fetching.catch((error: unknown) => error), reason);
}));

cases("knows public addresses from all others", () => {
  for (const address of ["1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "2606:4700::1111"]) assert.ok(isPublicAddress(address), address);
  for (const address of [
    "0.0.0.1", "10.1.2.3", "100.64.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1", "198.19.0.1", "224.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "fc00::1", "fe80::1", "fe80::1%eth0", "2002:7f00:1::", "2001::1", "ff02::1", "localhost", "",
  ]) assert.not(isPublicAddress(address), address);
});

cases.run();
