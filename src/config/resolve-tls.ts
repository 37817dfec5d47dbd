import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { FileSource } from "./file-source.ts";
import type { Tls } from "./generated/types.ts";
import type { Path } from "./problem.ts";
import { sha256 } from "./references.ts";
import type { Report } from "./report.ts";
import type { TlsConfig } from "./types.ts";

/**
 * A listener's certificate and key, read and found to belong together; absent, with an error at the path of the file that is
 * to blame, when they are not. @param files absent = nothing is read, and the answer has no credentials
 */
export const resolveTls = async ({ certFile, keyFile }: Tls, path: Path, files: FileSource | undefined, report: Report): Promise<TlsConfig | undefined> => {
  if (files === undefined) return createTls(certFile, keyFile, "", "");
  const [certText, keyText] = await Promise.all([read(certFile, [...path, "certFile"], files, report), read(keyFile, [...path, "keyFile"], files, report)]);
  if (certText === undefined || keyText === undefined) return undefined;
  const cert = blocksOf(certText, "CERTIFICATE");
  const key = blocksOf(keyText, "(?:[A-Z]+ )*PRIVATE KEY");
  const certificate = parseCertificate(cert, certFile, [...path, "certFile"], report);
  const privateKey = parseKey(key, keyText.includes("ENCRYPTED"), keyFile, [...path, "keyFile"], report);
  if (certificate === undefined || privateKey === undefined) return undefined;
  if (!certificate.checkPrivateKey(privateKey)) {
    report.value("error", [...path, "keyFile"], `The key in ${keyFile} is not that of the certificate in ${certFile}.`, "Name the two files that were made together.");
    return undefined;
  }
  warnOfDates(certificate, certFile, [...path, "certFile"], report);
  return createTls(certFile, keyFile, cert, key);
};

const createTls = (certFile: string, keyFile: string, cert: string, key: string): TlsConfig => {
  const shown = { certFile, keyFile, sha256: sha256(`${cert}\n${key}`) };
  // A private key is in no log and no report because somebody prints a configuration.
  return Object.defineProperty({ certFile, keyFile, cert, key }, "toJSON", { value: () => shown, enumerable: true });
};

const read = async (file: string, path: Path, files: FileSource, report: Report): Promise<string | undefined> => {
  const found = await files.read(file);
  if ("text" in found) return found.text;
  report.value("error", path, found.missing, found.hint);
  return undefined;
};

/** The blocks of one kind without the notes that tools write around them: who opens sockets takes those for a path. */
const blocksOf = (pem: string, kind: string): string =>
  [...pem.matchAll(new RegExp(`-----BEGIN (${kind})-----[^-]+-----END \\1-----`, "g"))].map(([block]) => `${block}\n`).join("");

const parseCertificate = (cert: string, file: string, path: Path, report: Report): X509Certificate | undefined => {
  try {
    return new X509Certificate(cert);
  } catch {
    report.value("error", path, `${file} holds no certificate.`, "Name a PEM file: it has a block between BEGIN CERTIFICATE and END CERTIFICATE.");
    return undefined;
  }
};

const parseKey = (key: string, isEncrypted: boolean, file: string, path: Path, report: Report): KeyObject | undefined => {
  try {
    return createPrivateKey(key);
  } catch {
    const message = isEncrypted ? `The key in ${file} has a password.` : `${file} holds no private key.`;
    report.value("error", path, message, isEncrypted ? "Take the password off: openssl pkey -in OLD -out NEW." : "Name a PEM file: it has a block between BEGIN PRIVATE KEY and END PRIVATE KEY.");
    return undefined;
  }
};

const warnOfDates = ({ validFromDate, validToDate }: X509Certificate, file: string, path: Path, report: Report): void => {
  const now = new Date();
  if (validToDate < now) report.value("warning", path, `The certificate in ${file} has expired on ${day(validToDate)}.`, "Renew it: the listener takes up the new file by itself.");
  if (validFromDate > now) report.value("warning", path, `The certificate in ${file} is valid from ${day(validFromDate)} only.`, "Wait, or use another.");
};

const day = (date: Date): string => date.toISOString().slice(0, 10);
