/** MTA-STS (RFC 8461): the record in DNS, the policy behind it, and which mail hosts it lists. */

export type StsPolicy = {
  readonly mode: 'enforce' | 'testing' | 'none';
  /** Names, or `*.` and a name: one label more. */
  readonly mx: readonly string[];
  readonly maxAgeSeconds: number;
};

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: StsPolicy }
  | { readonly ok: false; readonly reason: string };

const maxAgeMost = 31_557_600;
const patternsMax = 100;
const pattern =
  /^(?:\*\.)?(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The id of the policy that the TXT records announce; null when they announce none, or more than one (RFC 8461 3.1). */
export function stsRecordId(texts: readonly string[]): string | null {
  const [only, ...others] = texts.filter((text) => /^v=STSv1\s*;/.test(text));
  if (only === undefined || others.length > 0) return null;
  return /;\s*id\s*=\s*([A-Za-z0-9]{1,32})\s*(?:;|$)/.exec(only)?.[1] ?? null;
}

/** A policy file (RFC 8461 3.2): of fields that occur twice the first counts, but for `mx`; unknown ones are nothing to us. */
export function parseStsPolicy(text: string): ParsedPolicy {
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const field = /^\s*([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)\s*$/.exec(line);
    if (field === null) return { ok: false, reason: 'a line is no field' };
    const [, name = '', value = ''] = field;
    if (name === 'mx') mx.push(value.toLowerCase().replace(/\.$/, ''));
    else if (!fields.has(name)) fields.set(name, value);
  }
  if (fields.get('version') !== 'STSv1') return { ok: false, reason: 'the version is not STSv1' };
  const mode = (['enforce', 'testing', 'none'] as const).find((each) => each === fields.get('mode'));
  if (mode === undefined) return { ok: false, reason: 'the mode is not enforce, testing or none' };
  const maxAge = fields.get('max_age') ?? '';
  if (!/^\d{1,10}$/.test(maxAge)) return { ok: false, reason: 'max_age is no number of seconds' };
  if (mx.length > patternsMax || !mx.every((each) => pattern.test(each)))
    return { ok: false, reason: 'an mx is no host name' };
  if (mode !== 'none' && mx.length === 0) return { ok: false, reason: 'no mx is listed' };
  return { ok: true, policy: { mode, mx, maxAgeSeconds: Math.min(Number(maxAge), maxAgeMost) } };
}

/** RFC 8461 4.1: a wildcard stands for exactly one label. */
export function isListed(mx: readonly string[], host: string): boolean {
  const name = host.toLowerCase();
  return mx.some((each) =>
    each.startsWith('*.') ? name.slice(name.indexOf('.')) === each.slice(1) : name === each,
  );
}

/** The policy as its lines, as reports quote it (RFC 8460 4.4). */
export function stsLines({ mode, mx, maxAgeSeconds }: StsPolicy): readonly string[] {
  return ['version: STSv1', `mode: ${mode}`, ...mx.map((each) => `mx: ${each}`), `max_age: ${maxAgeSeconds}`];
}
