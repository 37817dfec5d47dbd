/**
 * The media type of an image by its first bytes, for the four kinds that every model takes; undefined for all else. What a
 * client or a server calls an image is often wrong, and an editor refuses the whole request for it.
 */
export const imageTypeOf = (data: Uint8Array): string | undefined => {
  const text = String.fromCharCode(...data.subarray(0, 12));
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return "image/gif";
  return text.startsWith("RIFF") && text.slice(8) === "WEBP" ? "image/webp" : undefined;
};
