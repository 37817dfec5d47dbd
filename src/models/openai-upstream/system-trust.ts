import * as tls from "node:tls";

let context: tls.SecureContext | undefined;

/**
 * Trust in the authorities that the machine knows, beside those that this process knows: behind a company's proxy, one of
 * them has signed everything. Made once, for reading them takes a while. Nothing in older versions of Node.
 */
export const systemTrust = (): { readonly secureContext?: tls.SecureContext } => {
  const list = tls.getCACertificates as typeof tls.getCACertificates | undefined;
  if (list === undefined) return {};
  return { secureContext: (context ??= tls.createSecureContext({ ca: [...list("default"), ...list("system")] })) };
};
