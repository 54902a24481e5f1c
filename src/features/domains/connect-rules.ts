/**
 * Domain Connect (draft-ietf-dconn-domainconnect-02): our templates, what a DNS provider tells of itself, and the signed
 * address to which a person's browser is sent. Pure.
 */
import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { WantedRecord } from './model.ts';
import { returnPathLabel } from './bounce-proof.ts';

/** Services that we have a template for: a sending domain, and a tracking domain. */
export type ConnectService = 'sending' | 'tracking';

export type ConnectHome = {
  /** LETTERSHOP_MAIL_DOMAIN: our provider id, and the domain under which the public key is published. */
  readonly mailDomain: string;
  /** Where the console and API are reached. */
  readonly publicUrl: string;
};

/** The group of records that is applied only when the SPF record has room. */
export const spfGroup = 'spf';
const baseGroups = ['proof', 'dkim', 'bounce'];

/** The template as DNS providers take it; served in public so that an operator can hand it in. */
export function connectTemplate(
  service: ConnectService,
  { mailDomain, publicUrl }: ConnectHome,
): Readonly<Record<string, unknown>> {
  const head = {
    providerId: mailDomain,
    providerName: 'Lettershop',
    serviceId: service,
    version: 1,
    syncPubKeyDomain: mailDomain,
    syncRedirectDomain: new URL(publicUrl).hostname,
    warnPhishing: false,
  };
  if (service === 'tracking')
    return {
      ...head,
      serviceName: 'Links of your mail',
      description: 'Lets the links in your mail bear your own name.',
      variableDescription: 'target: a name under the domain of the installation, different for each owner',
      hostRequired: true,
      records: [
        {
          type: 'CNAME',
          groupId: 'tracking',
          host: '@',
          pointsTo: `%target%.track.${mailDomain}`,
          ttl: 3600,
        },
      ],
    };
  return {
    ...head,
    serviceName: 'Sending mail',
    description: 'Lets mail be sent from your domain, signed with its own keys.',
    // Several holders of one name have keys of their own.
    multiInstance: true,
    variableDescription: 'token: whose domain it is; s1, s2, s3: names of keys; k1, k2, k3: the keys',
    records: [
      { type: 'TXT', groupId: 'proof', host: '_lettershop', data: 'lettershop-verify=%token%', ttl: 3600 },
      ...[1, 2, 3].map((number) => ({
        type: 'TXT',
        groupId: 'dkim',
        host: `%s${number}%._domainkey`,
        data: `%k${number}%`,
        ttl: 3600,
      })),
      {
        type: 'CNAME',
        groupId: 'bounce',
        host: returnPathLabel,
        pointsTo: `bounce.${mailDomain}`,
        ttl: 3600,
      },
      // Merged into the record that is there, never beside it.
      { type: 'SPFM', groupId: spfGroup, host: '@', spfRules: `include:spf.${mailDomain}` },
    ],
  };
}

/** The template's variables for a sending domain. */
export function sendingVariables(
  ownerToken: string,
  records: readonly WantedRecord[],
): Readonly<Record<string, string>> {
  const keys = records.filter(({ purpose }) => purpose === 'dkim').slice(0, 3);
  return {
    token: ownerToken,
    ...Object.fromEntries(
      keys.flatMap(({ name, value }, index) => [
        [`s${index + 1}`, name.split('.')[0] ?? ''],
        [`k${index + 1}`, value],
      ]),
    ),
  };
}

export function sendingGroups(hasSpfRoom: boolean): readonly string[] {
  return hasSpfRoom ? [...baseGroups, spfGroup] : baseGroups;
}

export type ConnectSettings = {
  readonly providerId: string;
  readonly providerName: string;
  readonly urlSyncUX: string;
  readonly urlAPI: string;
};

/** The host, maybe with a path, of a `_domainconnect` record; null for anything that is not one. */
export function connectHost(text: string): string | null {
  const host = /^([a-z0-9][a-z0-9.-]{2,252}[a-z0-9])(\/[\w./-]{0,100})?$/i.exec(text.trim());
  return host === null ? null : `${(host[1] ?? '').toLowerCase()}${(host[2] ?? '').replace(/\/$/, '')}`;
}

/** What a provider says of itself; null unless it offers the synchronous flow, over https. */
export function parseSettings(body: string): ConnectSettings | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { providerId, providerName, urlSyncUX, urlAPI } = value as Record<string, unknown>;
  if (typeof providerId !== 'string' || !/^[\w.-]{1,253}$/.test(providerId)) return null;
  const sync = httpsBase(urlSyncUX);
  const api = httpsBase(urlAPI);
  if (sync === null || api === null) return null;
  const name =
    typeof providerName === 'string' && /^[^\p{Cc}]{1,200}$/u.test(providerName) ? providerName : providerId;
  return { providerId, providerName: name, urlSyncUX: sync, urlAPI: api };
}

function httpsBase(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 500 || !URL.canParse(value)) return null;
  const url = new URL(value);
  const isPlain =
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '';
  return isPlain ? url.href.replace(/\/$/, '') : null;
}

export type Application = {
  readonly service: ConnectService;
  readonly zone: string;
  /** Below the zone; empty for the zone itself. */
  readonly host: string;
  readonly groups: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly redirectUri: string;
  readonly state: string;
};

/** The apply address: RSA-SHA256 over the query exactly as it stands, then `sig` and the label of the public key. */
export function applyUrl(
  settings: ConnectSettings,
  { mailDomain }: Pick<ConnectHome, 'mailDomain'>,
  application: Application,
  key: { readonly label: string; readonly privateKey: KeyObject },
): string {
  const { service, zone, host, groups, variables, redirectUri, state } = application;
  const pairs: [string, string][] = [
    ['domain', zone],
    ...(host === '' ? [] : [['host', host] as [string, string]]),
    ...Object.entries(variables),
    ['groupId', groups.join(',')],
    ['redirect_uri', redirectUri],
    ['state', state],
  ];
  const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const signature = sign('sha256', Buffer.from(query), key.privateKey).toString('base64');
  const path = templatePath(mailDomain, service);
  return `${settings.urlSyncUX}${path}/apply?${query}&sig=${encodeURIComponent(signature)}&key=${key.label}`;
}

export function templatePath(mailDomain: string, service: ConnectService): string {
  return `/v2/domainTemplates/providers/${mailDomain}/services/${service}`;
}

/** TXT records that publish the key: each carries a part, verifiers put them together by `p`. */
export function keyRecords(publicDer: Buffer): readonly string[] {
  const parts = publicDer.toString('base64').match(/.{1,200}/g) ?? [];
  return parts.map((part, index) => `p=${index + 1},a=RS256,d=${part}`);
}
