import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** DER: tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const sizes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...sizes]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const sha256WithRsa = sequence(
  der(0x06, Buffer.from('2a864886f70d01010b', 'hex')),
  der(0x05), // no parameters
);
const commonName = Buffer.from('550403', 'hex');
const name = (text: string) =>
  sequence(der(0x31, sequence(der(0x06, commonName), der(0x0c, Buffer.from(text)))));
const time = (text: string) => der(0x17, Buffer.from(text));

/** A certificate that signed itself, and its key, both as PEM. */
export function selfSigned(commonNameText: string): {
  readonly certificate: string;
  readonly privateKey: string;
  readonly thumbprintSha256: string;
} {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const serial = der(0x02, Buffer.from([1]));
  const validity = sequence(time('200101000000Z'), time('491231235959Z'));
  const subject = name(commonNameText);
  const toSign = sequence(serial, sha256WithRsa, subject, validity, subject, keys.publicKey);
  const signature = sign('sha256', toSign, keys.privateKey);
  const bytes = sequence(toSign, sha256WithRsa, der(0x03, Buffer.from([0]), signature));
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    privateKey: keys.privateKey,
    thumbprintSha256: createHash('sha256').update(bytes).digest('hex').toUpperCase(),
  };
}
