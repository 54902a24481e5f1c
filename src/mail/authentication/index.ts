/**
 * Who a mail that comes in is from: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 9989), by mailauth over the records that
 * the caller finds. Never throws for what a mail holds: what cannot be judged has the result `temperror` or `permerror`.
 */
import { authenticate } from 'mailauth/lib/mailauth.js';

/** Words of RFC 8601 2.7: none, pass, fail, softfail, neutral, policy, temperror, permerror. */
export type Authentication = {
  readonly spf: { readonly result: string; readonly domain: string; readonly detail: string };
  readonly dkim: readonly { readonly result: string; readonly domain: string; readonly selector: string }[];
  readonly dmarc: { readonly result: string; readonly domain: string; readonly policy: string };
};

/** Data of the records, or why there is none. */
export type FindRecords = (
  name: string,
  type: string,
) => Promise<
  | { readonly kind: 'found'; readonly data: readonly unknown[] }
  | { readonly kind: 'none'; readonly code: 'ENOTFOUND' | 'ENODATA' }
  | { readonly kind: 'failed' }
>;

const detailMax = 300;
const signaturesMax = 10;

export async function authenticateMail(
  bytes: Buffer,
  session: { readonly remoteAddress: string; readonly helo: string; readonly mailFrom: string },
  { find, hostname }: { readonly find: FindRecords; readonly hostname: string },
): Promise<Authentication> {
  const resolver = async (name: string, type: string): Promise<unknown> => {
    const found = await find(name, type);
    if (found.kind === 'found') return found.data;
    const code = found.kind === 'none' ? found.code : 'ESERVFAIL';
    throw Object.assign(new Error(`query${type} ${code} ${name}`), { code });
  };
  try {
    const { spf, dkim, dmarc } = await authenticate(bytes, {
      ip: session.remoteAddress,
      helo: session.helo,
      sender: session.mailFrom,
      mta: hostname,
      disableArc: true,
      disableBimi: true,
      minBitLength: 1024,
      resolver,
    });
    const signed = (dkim.results ?? []).filter(({ signingDomain }) => signingDomain !== undefined);
    return {
      spf: {
        result: spf === false ? 'none' : word(spf.status.result),
        domain: spf === false ? '' : (spf.domain ?? ''),
        detail: spf === false ? '' : (spf.status.comment ?? '').slice(0, detailMax),
      },
      dkim: signed.slice(0, signaturesMax).map(({ status, signingDomain = '', selector = '' }) => {
        return { result: word(status.result), domain: signingDomain, selector };
      }),
      dmarc: {
        result: dmarc === false || dmarc === undefined ? 'none' : word(dmarc.status.result),
        domain: dmarc === false || dmarc === undefined ? '' : (dmarc.status.header?.from ?? ''),
        policy: dmarc === false || dmarc === undefined ? '' : (dmarc.policy ?? ''),
      },
    };
  } catch {
    return {
      spf: { result: 'permerror', domain: '', detail: 'the mail could not be judged' },
      dkim: [],
      dmarc: { result: 'permerror', domain: '', policy: '' },
    };
  }
}

function word(result: string): string {
  return /^[a-z]{1,20}$/.test(result) ? result : 'permerror';
}

/** Of a domain or selector; anything else might end the field. */
function name(text: string): string {
  return /^[a-z0-9._-]{1,255}$/i.test(text) ? text : 'unknown';
}

/** RFC 8601 2.2, with its line end; values are words and names. */
export function resultsField({ spf, dkim, dmarc }: Authentication, hostname: string): string {
  const rows = [
    `spf=${spf.result}${spf.domain === '' ? '' : ` smtp.mailfrom=${name(spf.domain)}`}`,
    ...(dkim.length === 0 ? ['dkim=none'] : []),
    ...dkim.map(
      ({ result, domain, selector }) =>
        `dkim=${result} header.d=${name(domain)}${selector === '' ? '' : ` header.s=${name(selector)}`}`,
    ),
    `dmarc=${dmarc.result}${dmarc.domain === '' ? '' : ` header.from=${name(dmarc.domain)}`}`,
  ];
  return `Authentication-Results: ${hostname};\r\n ${rows.join(';\r\n ')}\r\n`;
}
