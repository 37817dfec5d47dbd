import type { Batches, CallContext, ChatCall } from "../chat/call.ts";
import { abortSignalOf } from "../chat/stop-signal.ts";
import type { ChatRequest, ContentPart, ImageContent, ImageLink, Message } from "../chat/request.ts";
import { invalidField } from "../errors.ts";
import type { Emulation, EmulationContext } from "./emulation.ts";

/** Each is a request to somebody else's server. */
const mostImages = 16;
/** Of all of them: they are held in memory together. */
const mostBytes = 20 * 1024 * 1024;

/**
 * Fetches the images that a conversation names by their address: the editor's models take no links, nor do small servers.
 * Throws `invalidField` (400) for one that cannot be had, and for too many or too large ones.
 */
export const remoteImages: Emulation = {
  isNeeded: ({ messages }) => messages.some(({ content }) => content.some(({ type }) => type === "image-link")),
  around: (call, { fetchImage }) => (request, context) => withImages(call, request, context, fetchImage),
};

async function* withImages(call: ChatCall, request: ChatRequest, context: CallContext, fetchImage: EmulationContext["fetchImage"]): Batches {
  const links = request.messages.flatMap(linksIn);
  const tooMany = links[mostImages];
  if (tooMany !== undefined) throw invalidField(tooMany.field, `A request may name ${mostImages} images by their address at most: send the others as data URLs.`);
  const images = await fetchAll(links, abortSignalOf(context.signal), fetchImage);
  yield* call({ ...request, messages: request.messages.map((message) => replaceLinks(message, images)) }, context);
}

/** All or none: the first that cannot be had stops the others. */
const fetchAll = async (links: readonly ImageLink[], signal: AbortSignal, fetchImage: EmulationContext["fetchImage"]): Promise<ReadonlyMap<ContentPart, ImageContent>> => {
  const stop = new AbortController();
  const eitherSignal = AbortSignal.any([signal, stop.signal]);
  let bytes = 0;
  const fetchOne = async (link: ImageLink): Promise<readonly [ImageLink, ImageContent]> => {
    const image = await fetchImage(link, eitherSignal);
    bytes += image.data.byteLength;
    if (bytes > mostBytes) throw invalidField(link.field, `The images of a request that are named by their address may have ${mostBytes} bytes together: send fewer, or smaller ones.`);
    return [link, image];
  };
  try {
    return new Map(await Promise.all(links.map(fetchOne)));
  } finally {
    stop.abort();
  }
};

const linksIn = (message: Message): readonly ImageLink[] =>
  (message.role === "user" || message.role === "tool" ? message.content.filter((part) => part.type === "image-link") : []);

const replaceLinks = (message: Message, images: ReadonlyMap<ContentPart, ImageContent>): Message =>
  (message.role === "user" || message.role === "tool" ? { ...message, content: message.content.map((part) => images.get(part) ?? part) } : message);
