import * as tls from "node:tls";

let trust: { readonly secureContext?: tls.SecureContext } | undefined;

/**
 * Trust in the authorities that the machine knows, beside those that this process knows: behind a company's proxy, one of
 * them has signed everything. Made once, for reading them takes a while. Nothing where Node cannot read them.
 */
export const systemTrust = (): { readonly secureContext?: tls.SecureContext } => (trust ??= readTrust());

const readTrust = (): { readonly secureContext?: tls.SecureContext } => {
  try {
    return { secureContext: tls.createSecureContext({ ca: [...tls.getCACertificates("default"), ...tls.getCACertificates("system")] }) };
  } catch {
    // Older versions have no such function, and some editors are built with another library for TLS.
    return {};
  }
};
