import type { Batches, CallContext, ChatCall } from "../chat/call.ts";
import type { ChatRequest, ContentPart, ImageContent, ImageLink, Message } from "../chat/request.ts";
import { invalidField } from "../errors.ts";
import type { Emulation, EmulationContext } from "./emulation.ts";

/** Each is a request to somebody else's server. */
const mostImages = 16;

/**
 * Fetches the images that a conversation names by their address: the editor's models take no links, nor do small servers.
 * Throws `invalidField` (400) for one that cannot be had, or for too many.
 */
export const remoteImages: Emulation = {
  isNeeded: ({ messages }) => messages.some(({ content }) => content.some(({ type }) => type === "image-link")),
  around: (call, { fetchImage }) => (request, context) => withImages(call, request, context, fetchImage),
};

async function* withImages(call: ChatCall, request: ChatRequest, context: CallContext, fetchImage: EmulationContext["fetchImage"]): Batches {
  const links = request.messages.flatMap(linksIn);
  const tooMany = links[mostImages];
  if (tooMany !== undefined) throw invalidField(tooMany.field, `A request may name ${mostImages} images by their address at most: send the others as data URLs.`);
  const images = new Map(await Promise.all(links.map(async (link) => [link, await fetchImage(link, context.signal)] as const)));
  yield* call({ ...request, messages: request.messages.map((message) => replaceLinks(message, images)) }, context);
}

const linksIn = (message: Message): readonly ImageLink[] =>
  (message.role === "user" || message.role === "tool" ? message.content.filter((part) => part.type === "image-link") : []);

const replaceLinks = (message: Message, images: ReadonlyMap<ContentPart, ImageContent>): Message =>
  (message.role === "user" || message.role === "tool" ? { ...message, content: message.content.map((part) => images.get(part) ?? part) } : message);
