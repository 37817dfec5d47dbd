import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

export interface TestCertificate {
  /** Tells it from the next one. */
  readonly serial: number;
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

export interface TestCertificateOptions {
  readonly from?: Date;
  readonly to?: Date;
  /** Tells one certificate from the next. */
  readonly serial?: number;
  /** Whom it is for, besides 127.0.0.1. Default: localhost. */
  readonly name?: string;
  /** Whether it may sign others. */
  readonly isAuthority?: boolean;
  /** Who signs it. Default: it signs itself. */
  readonly signedBy?: TestCertificate;
}

const day = 86_400_000;

/** A certificate made on the spot: none is committed, so none expires and none leaks. @see RFC 5280 section 4.1 */
export const createCertificate = (options: TestCertificateOptions = {}): TestCertificate => {
  const { from = new Date(Date.now() - day), to = new Date(Date.now() + day), serial = 1, name = "localhost", isAuthority = false, signedBy } = options;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(ecdsaWithSha256);
  const nameOf = (number: number): Buffer => sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(`test ${number}`)))));
  const names = sequence(subjectAltName, der(0x04, sequence(der(0x82, Buffer.from(name)), der(0x87, Buffer.of(127, 0, 0, 1)))));
  const constraints = isAuthority ? [sequence(basicConstraints, der(0x04, sequence(der(0x01, Buffer.of(0xff)))))] : [];
  const certificate = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(serial)),
    algorithm,
    nameOf(signedBy?.serial ?? serial),
    sequence(time(from), time(to)),
    nameOf(serial),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(names, ...constraints)),
  );
  const signed = sequence(certificate, algorithm, der(0x03, Buffer.of(0), sign("sha256", certificate, signedBy?.privateKey ?? privateKey)));
  return { serial, cert: pem("CERTIFICATE", signed), key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), privateKey };
};

/** One element of ASN.1 in its binary form: tag, length, content. */
const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  const length = content.length < 0x80 ? Buffer.of(content.length) : Buffer.of(0x82, content.length >> 8, content.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, content]);
};

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);

const ecdsaWithSha256 = Buffer.from("06082a8648ce3d040302", "hex");
const commonName = Buffer.from("0603550403", "hex");
const subjectAltName = Buffer.from("0603551d11", "hex");
const basicConstraints = Buffer.from("0603551d13", "hex");

/** `20300102030405Z` */
const time = (date: Date): Buffer => der(0x18, Buffer.from(`${date.toISOString().replaceAll(/[-:T]|\..*/g, "")}Z`));

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${(bytes.toString("base64").match(/.{1,64}/g) ?? []).join("\n")}\n-----END ${label}-----\n`;
