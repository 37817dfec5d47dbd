import { imageTypeOf } from "../../chat/image-type.ts";
import type { ContentPart, ImageContent, ImageLink, JsonObject, TextContent } from "../../chat/request.ts";
import { invalidField } from "../../errors.ts";
import { requireArray, requireObject, requireString } from "../fields.ts";

/** Text and images: a string, or a list of parts. Throws `invalidField` (400) naming the part. */
export const decodeContent = (value: unknown, path: string): readonly ContentPart[] => decodeParts(value, path, decodePart);

/** The same where there may be text only, as in instructions and what a model said. */
export const decodeText = (value: unknown, path: string): readonly TextContent[] => decodeParts(value, path, decodeTextPart);

type Decode<Part> = (part: JsonObject, type: string, path: string) => Part;

const decodeParts = <Part extends ContentPart>(value: unknown, path: string, decode: Decode<Part>): readonly (Part | TextContent)[] =>
  typeof value === "string" ? [{ type: "text", text: value }]
    : requireArray(value, path, "a string or a list of parts").map((item, index) => {
      const part = requireObject(item, `${path}[${index}]`, "a content part");
      return decode(part, requireString(part["type"], `${path}[${index}].type`), `${path}[${index}]`);
    });

const decodeTextPart: Decode<TextContent> = (part, type, path) => {
  if (type === "refusal") return { type: "text", text: requireString(part["refusal"], `${path}.refusal`) };
  if (type !== "text") throw invalidField(`${path}.type`, `Content of type ${JSON.stringify(type.slice(0, 40))} cannot be sent to a model here: send text.`);
  return { type: "text", text: requireString(part["text"], `${path}.text`) };
};

const decodePart: Decode<ContentPart> = (part, type, path) => {
  if (type === "image_url") return decodeImage(part["image_url"], `${path}.image_url`);
  if (type === "text" || type === "refusal") return decodeTextPart(part, type, path);
  throw invalidField(`${path}.type`, `Content of type ${JSON.stringify(type.slice(0, 40))} cannot be sent to a model here: send text or an image.`);
};

/** `detail` is a hint that nobody here can pass on. Some clients send the address alone. */
const decodeImage = (value: unknown, path: string): ImageContent | ImageLink => {
  const [address, field] = typeof value === "string" ? [value, path] : [requireObject(value, path, "an object with the image's url")["url"], `${path}.url`];
  const url = requireString(address, field);
  if (url.startsWith("data:")) return decodeDataUrl(url, field);
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw invalidField(field, "An image's url must begin with data:, https:// or http://.");
  return { type: "image-link", url, field };
};

/** The bytes decide of which kind an image is, not what the client calls it. @see RFC 2397 */
const decodeDataUrl = (url: string, field: string): ImageContent => {
  const comma = url.indexOf(",");
  if (comma === -1 || !/;base64$/i.test(url.slice(0, comma))) throw invalidField(field, "A data URL must have the form data:image/png;base64,…");
  const data = Buffer.from(url.slice(comma + 1), "base64");
  const mediaType = imageTypeOf(data);
  if (mediaType === undefined) throw invalidField(field, "The data are no PNG, JPEG, GIF or WebP image.");
  return { type: "image", mediaType, data };
};
