/** What somebody has to enter where, so that a domain is proven: by its DNS provider, if it can be told. Pure over `resolve`. */
import type { ProofPurpose, WantedRecord } from './model.ts';
import { txtOf } from './proof.ts';
import type { Resolve } from './proof.ts';
import { dnsProviders, guessProvider } from './providers.ts';
import type { DnsProvider } from './providers.ts';
import { explainSpf } from './spf-merge.ts';
import type { SpfMerge } from './spf-merge.ts';
import { findZone } from './zone.ts';
import type { Zone } from './zone.ts';

export type EnteredRecord = {
  readonly purpose: ProofPurpose;
  readonly type: WantedRecord['type'];
  readonly required: boolean;
  /** The whole name and value. */
  readonly name: string;
  readonly value: string;
  /** What the provider's form wants in its fields for name and value. */
  readonly enterName: string;
  readonly enterValue: string;
};

export type Instructions = {
  readonly domain: string;
  readonly zone: Zone | null;
  readonly provider: DnsProvider | null;
  readonly records: readonly EnteredRecord[];
  readonly spf: SpfMerge;
};

export type InstructionFacts = {
  readonly domain: string;
  readonly records: readonly WantedRecord[];
  /** LETTERSHOP_MAIL_DOMAIN. */
  readonly mailDomain: string;
};

/** `providerId` beats the guess; an unknown one counts as none. */
export async function instructionsFor(
  facts: InstructionFacts,
  resolve: Resolve,
  providerId: string | null,
): Promise<Instructions> {
  const [zone, spf] = await Promise.all([
    findZone(facts.domain, resolve),
    explainSpf(facts.domain, `spf.${facts.mailDomain}`, txtOf(resolve)),
  ]);
  const chosen = dnsProviders.find(({ id }) => id === providerId) ?? null;
  const provider = providerId === null ? guessProvider(zone?.nameServers ?? []) : chosen;
  const records = facts.records.map((record) => {
    const value = record.purpose === 'spf' ? spf.merged : record.value;
    return entered({ ...record, value }, provider, zone?.name ?? null);
  });
  return { domain: facts.domain, zone, provider, records, spf };
}

/** What is typed into the form. Without a zone or a provider that is known: whole names. */
export function entered(
  record: WantedRecord,
  provider: DnsProvider | null,
  zone: string | null,
): EnteredRecord {
  const { purpose, type, required, name, value } = record;
  return {
    purpose,
    type,
    required,
    name,
    value,
    enterName: enteredName(name, provider, zone),
    enterValue: enteredValue(type, value, provider),
  };
}

function enteredName(name: string, provider: DnsProvider | null, zone: string | null): string {
  if (provider === null || zone === null || provider.host === 'absolute') return name;
  if (name === zone) return provider.apex;
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : name;
}

function enteredValue(type: WantedRecord['type'], value: string, provider: DnsProvider | null): string {
  if (type !== 'TXT') return provider?.target === 'withDot' ? `${value}.` : value;
  if (provider?.text !== 'quoted') return value;
  return (value.match(/.{1,255}/gs) ?? ['']).map((part) => `"${part}"`).join(' ');
}

/** As plain paragraphs, for a mail or for copying. */
export function instructionParagraphs({ domain, zone, provider, records, spf }: Instructions): string[] {
  const where =
    provider === null
      ? 'Names are given in full. Most providers want only the part before your domain, and "@" for the domain itself.'
      : `${provider.name} serves ${zone?.name ?? domain}. ${provider.panel}${provider.hint === undefined ? '' : ` ${provider.hint}`}`;
  return [
    `To let mail be sent from ${domain}, these DNS records are needed.`,
    where,
    ...records.map((record) => {
      const need = record.required ? 'required' : 'recommended';
      const name = record.enterName === '' ? '(leave empty)' : record.enterName;
      return `${record.type} record (${need}: ${purposeWords[record.purpose]})\nName: ${name}\nValue: ${record.enterValue}`;
    }),
    ...(spf.seen !== null && spf.seen.length > 0 ? [`About SPF:\n${spf.advice.join('\n')}`] : []),
    'It takes minutes, sometimes hours, until new records are seen everywhere. Nothing else has to be done.',
  ];
}

const purposeWords: Readonly<Record<ProofPurpose, string>> = {
  ownership: 'whose domain it is',
  dkim: 'a key that signs its mail',
  return_path: 'where bounces go',
  return_path_cname: 'where bounces go',
  return_path_mx: 'where bounces go',
  spf: 'who may send',
  dmarc: 'what receivers do with forgeries',
};
