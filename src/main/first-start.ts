/** The first account, its owner, key and built-in domain; and the lines that a person reads at each start. */
import type { Config } from '../base/config.ts';
import type { Database } from '../base/database/database.ts';
import { StartFault } from '../base/start-fault.ts';
import type { Scope } from '../base/scope.ts';
import type { DomainName } from '../mail/address.ts';
import type { Access } from '../features/access/index.ts';
import type { Clock } from '../base/clock.ts';
import { allAccounts, createAccount, systemAccount } from '../features/accounts/index.ts';
import { create as createDomain } from '../features/domains/index.ts';
import type { DomainWorld } from '../features/domains/index.ts';
import { create as createKey } from '../features/keys/index.ts';
import { isRefusal } from '../features/refusals/index.ts';
import { makeLoginLink } from '../features/logins/index.ts';
import { addOwner } from '../features/users/index.ts';

export type FirstLogin = { readonly key: string; readonly loginToken: string; readonly email: string };

export type FirstStartWorld = {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly access: Access;
  readonly domains: DomainWorld;
};

/** The installation's own account with the domain that its notices leave from; its scope. */
export async function openSystemAccount({
  db,
  clock,
  access,
  domains,
}: Omit<FirstStartWorld, 'config'>): Promise<Scope> {
  const scope = access.operatorScope(await systemAccount(db, new Date(clock.now())));
  const name = domains.mailDomain as DomainName;
  await createDomain(domains, scope, { name, share: 'none', isBuiltin: true }).catch((error: unknown) => {
    if (!isRefusal(error) || error.code !== 'conflict.exists') throw error;
  });
  return scope;
}

/** Makes the first account unless there is one; null when the installation has been started before. */
export async function firstStart(world: FirstStartWorld): Promise<FirstLogin | null> {
  const { db, clock, config, access } = world;
  const pair = bootstrapPair(config);
  if ((await allAccounts(db)).length > 0) return null;
  const now = new Date(clock.now());
  const account = await createAccount(db, 'First account', now);
  const scope = access.operatorScope(account);
  if (config.LETTERSHOP_OUTBOUND === 'capture') {
    const name = 'lettershop.test' as DomainName;
    await createDomain(world.domains, scope, { name, share: 'use', isBuiltin: true });
  }
  const request = {
    kind: 'api',
    name: 'First key',
    reach: 'account',
    grants: null,
    domainLimit: null,
    allowedAddresses: [],
    expiresAt: null,
  } as const;
  const made = await createKey({ db, clock }, scope, request, ...(pair === null ? [] : [pair]));
  const owner = {
    email: config.LETTERSHOP_ADMIN_EMAIL,
    accountId: account.id,
    password: config.LETTERSHOP_ADMIN_PASSWORD,
  };
  const loginToken = await makeLoginLink(db, await addOwner(db, owner), now);
  return { key: made.secret, loginToken, email: owner.email };
}

function bootstrapPair(config: Config): { publicId: string; secret: string } | null {
  if (config.LETTERSHOP_BOOTSTRAP_KEY === null) return null;
  const [publicId, secret, ...rest] = config.LETTERSHOP_BOOTSTRAP_KEY.split(':');
  if (
    publicId === undefined ||
    secret === undefined ||
    rest.length > 0 ||
    publicId === '' ||
    secret.length < 20
  ) {
    throw new StartFault(
      'LETTERSHOP_BOOTSTRAP_KEY must be public:secret, the secret with at least 20 characters',
    );
  }
  return { publicId, secret };
}
