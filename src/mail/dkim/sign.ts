/**
 * DKIM signatures (RFC 6376, 8301, 8463). HOT PATH: the RSA operation (0.9 ms) runs in the thread pool, at most a few at
 * once; Ed25519 (60 us) likewise. Keys are parsed once by the caller.
 */
import { createHash, sign as cryptoSign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { relaxValue, signedHeader } from './header.ts';

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

export type DkimKey = {
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly key: KeyObject;
};

export type SignRequest = {
  /** Header block with CRLF line ends, without the empty line. */
  readonly header: Buffer;
  /** Of the body as it leaves, 32 bytes (`bodyHash`). */
  readonly bodyHash: Buffer;
  readonly domain: string;
  readonly keys: readonly DkimKey[];
  readonly timeSeconds: number;
};

/** More in flight than threads keeps the pool busy; many more would only hold memory. */
const inFlightMax = 8;

export class Signer {
  #inFlight = 0;
  readonly #waiting: (() => void)[] = [];

  /** The DKIM-Signature fields, one per key, folded, CRLF-ended, to be put on top of the message. */
  async sign(request: SignRequest): Promise<Buffer> {
    const header = signedHeader(request.header);
    const fields = await Promise.all(request.keys.map((key) => this.#field(request, header, key)));
    return Buffer.from(fields.join(''), 'latin1');
  }

  async #field(
    { bodyHash, domain, timeSeconds }: SignRequest,
    header: ReturnType<typeof signedHeader>,
    key: DkimKey,
  ): Promise<string> {
    const tags =
      `v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${domain}; s=${key.selector}; t=${timeSeconds};\r\n` +
      `\th=${foldNames(header.names)};\r\n\tbh=${bodyHash.toString('base64')};\r\n\tb=`;
    // RFC 6376 3.7: the field itself comes last, with an empty b= and without its CRLF.
    const own = `dkim-signature:${relaxValue(tags)}`;
    const data = Buffer.from(header.canonical + own, 'latin1');
    const signature = await this.#run(key, data);
    return `DKIM-Signature: ${tags}${foldBase64(signature.toString('base64'))}\r\n`;
  }

  async #run(key: DkimKey, data: Buffer): Promise<Buffer> {
    if (this.#inFlight >= inFlightMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inFlight += 1;
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        const done = (error: Error | null, signature: Buffer): void => {
          if (error === null) resolve(signature);
          else reject(error);
        };
        // RFC 8463 3: PureEdDSA over the SHA-256 digest.
        if (key.algorithm === 'ed25519-sha256')
          cryptoSign(null, createHash('sha256').update(data).digest(), key.key, done);
        else cryptoSign('sha256', data, key.key, done);
      });
    } finally {
      this.#inFlight -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** Folds the list of names at colons, well below 78 characters. */
function foldNames(names: string): string {
  let line = 3;
  let text = '';
  for (const name of names.split(':')) {
    if (text !== '') {
      text += ':';
      line += 1;
    }
    if (line + name.length > 70) {
      text += '\r\n\t ';
      line = 2;
    }
    text += name;
    line += name.length;
  }
  return text;
}

function foldBase64(text: string): string {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += 72) lines.push(text.slice(at, at + 72));
  return lines.join('\r\n\t ');
}
