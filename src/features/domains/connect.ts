/** Automatic set-up by Domain Connect: asking the DNS provider, our signing key, and the state that comes back. */
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { withDeadline } from '../../base/dns/index.ts';
import type { HttpsGet } from '../../base/https-get.ts';
import {
  applyUrl,
  connectHost,
  connectTemplate,
  keyRecords,
  parseSettings,
  templatePath,
} from './connect-rules.ts';
import type { Application, ConnectHome, ConnectService } from './connect-rules.ts';
import type { DomainWorld } from './operations.ts';
import { txtOf } from './proof.ts';
import { findConnectKey, hastenCheck, insertConnectKey } from './sql-connect.ts';
import { zoneCandidates } from './zone.ts';

export type ConnectWorld = DomainWorld & {
  readonly httpsGet: HttpsGet;
  readonly publicUrl: () => string;
};

/** What a provider answered; the texts are for people. */
export type ConnectOffer =
  | { readonly kind: 'offered'; readonly providerName: string; readonly zone: string; readonly url: string }
  | {
      readonly kind: 'unavailable';
      readonly why: 'no_provider' | 'not_supported' | 'no_answer';
      readonly explain: string;
    };

const keyLabel = '_dck1';
const keyContext = 'domain-connect/key';
const stateMacBytes = 16;
const dnsMs = 6000;

/** The address that sets a name up at its provider, when that knows our template. Nothing is changed by asking. */
export async function offerConnect(
  world: ConnectWorld,
  name: string,
  application: Pick<Application, 'service' | 'groups' | 'variables'> & { readonly subject: string },
): Promise<ConnectOffer> {
  const found = await discover(world, name);
  if (found === null)
    return unavailable('no_provider', 'The DNS provider of this domain does not offer automatic set-up.');
  const asked = await world.httpsGet(`https://${found.host}/v2/${found.zone}/settings`);
  if (asked.kind === 'failed')
    return unavailable('no_answer', `The DNS provider gave no answer: ${asked.reason}.`);
  const settings = asked.status === 200 ? parseSettings(asked.body) : null;
  if (settings === null)
    return unavailable('not_supported', 'The DNS provider does not offer automatic set-up for this domain.');
  const template = await world.httpsGet(
    `${settings.urlAPI}${templatePath(world.mailDomain, application.service)}`,
  );
  if (template.kind === 'failed')
    return unavailable('no_answer', `The DNS provider gave no answer: ${template.reason}.`);
  if (template.status !== 200)
    return unavailable(
      'not_supported',
      `${settings.providerName} does not know the template of this installation.`,
    );
  const key = await connectKey(world);
  const { subject, ...rest } = application;
  const host = name === found.zone ? '' : name.slice(0, -found.zone.length - 1);
  const url = applyUrl(
    settings,
    world,
    {
      ...rest,
      zone: found.zone,
      host,
      redirectUri: `${world.publicUrl()}/domain-connect/done`,
      state: stateFor(world, subject),
    },
    { label: keyLabel, privateKey: key },
  );
  return { kind: 'offered', providerName: settings.providerName, zone: found.zone, url };
}

function unavailable(
  why: Extract<ConnectOffer, { kind: 'unavailable' }>['why'],
  explain: string,
): ConnectOffer {
  return { kind: 'unavailable', why, explain };
}

async function discover(
  { resolve }: ConnectWorld,
  name: string,
): Promise<{ readonly zone: string; readonly host: string } | null> {
  const txt = txtOf(withDeadline(resolve, dnsMs));
  for (const zone of zoneCandidates(name)) {
    const [host] = ((await txt(`_domainconnect.${zone}`)) ?? []).flatMap((text) => connectHost(text) ?? []);
    if (host !== undefined) return { zone, host };
  }
  return null;
}

/** The installation's key, made at its first use and the same on every node. */
async function connectKey({ db, ring }: Pick<ConnectWorld, 'db' | 'ring'>): Promise<KeyObject> {
  let sealed = await findConnectKey(db.engine);
  if (sealed === null) {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    sealed = await insertConnectKey(db.engine, ring.seal(der, keyContext));
  }
  return createPrivateKey({ key: ring.open(sealed, keyContext), format: 'der', type: 'pkcs8' });
}

/** What the operator publishes, and hands in to DNS providers. */
export async function connectPapers(world: ConnectWorld): Promise<{
  readonly templates: Readonly<Record<ConnectService, unknown>>;
  readonly key: { readonly type: 'TXT'; readonly name: string; readonly values: readonly string[] };
}> {
  const home: ConnectHome = { mailDomain: world.mailDomain, publicUrl: world.publicUrl() };
  const publicDer = createPublicKey(await connectKey(world)).export({ type: 'spki', format: 'der' });
  return {
    templates: { sending: connectTemplate('sending', home), tracking: connectTemplate('tracking', home) },
    key: { type: 'TXT', name: `${keyLabel}.${world.mailDomain}`, values: keyRecords(publicDer) },
  };
}

function stateFor({ ring }: Pick<ConnectWorld, 'ring'>, subject: string): string {
  const mac = ring.mac('domain-connect', subject).subarray(0, stateMacBytes).toString('base64url');
  return `${subject}.${mac}`;
}

/** The subject (`domains.100123`) of a state that we made; null for any other. */
export function readState({ ring }: Pick<ConnectWorld, 'ring'>, state: string): string | null {
  const match = /^((?:domains|tracking-domains)\.\d{1,16})\.([\w-]{22})$/.exec(state);
  const subject = match?.[1];
  if (subject === undefined) return null;
  return ring.verifyMac('domain-connect', subject, Buffer.from(match?.[2] ?? '', 'base64url'))
    ? subject
    : null;
}

/**
 * A browser came back from the provider: what it says is not believed, but DNS is looked at soon. Not more often than
 * every half a minute.
 */
export function hasten({ db, clock }: Pick<ConnectWorld, 'db' | 'clock'>, id: string): Promise<void> {
  return hastenCheck(db.engine, id, new Date(clock.now()), new Date(clock.now() - 30_000));
}
