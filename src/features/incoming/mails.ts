/** Received mail as its holder reads it, asks for it again, and takes it away. */
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { Outcome } from '../webhooks/index.ts';
import { take } from './arrive.ts';
import type { IncomingMail, IncomingWorld, RouteWorld } from './model.ts';
import { testRequest, wholeOf } from './payload.ts';
import { findSealed } from './sql-hand-over.ts';
import { deleteMail, findMail, listMails, readContent, replayMail } from './sql-mails.ts';
import type { MailFilter } from './sql-mails.ts';

export function list(
  { db }: IncomingWorld,
  scope: Scope,
  filter: Omit<MailFilter, 'subaccountId'>,
): Promise<readonly IncomingMail[]> {
  const subaccountId = onlySubaccount(scope.reach);
  return db.scoped(scope, (tx) => listMails(tx, { ...filter, subaccountId }));
}

export async function get({ db }: IncomingWorld, scope: Scope, id: string): Promise<IncomingMail> {
  const mail = await db.scoped(scope, (tx) => findMail(tx, id));
  if (mail === null) throw refuse('not_found');
  return mail;
}

/** With its bytes: as they were received, our own trace and results before them. */
export async function read(
  { db, hostname }: IncomingWorld,
  scope: Scope,
  id: string,
): Promise<{ readonly mail: IncomingMail; readonly bytes: Buffer }> {
  return db.scoped(scope, async (tx) => {
    const mail = await findMail(tx, id);
    const stored = mail === null ? null : await readContent(tx, mail.contentId);
    if (mail === null || stored === null) throw refuse('not_found');
    return { mail, bytes: wholeOf(mail, stored, hostname) };
  });
}

/** Hands it over once more, as if it had come now. */
export async function replay({ db, clock }: IncomingWorld, scope: Scope, id: string): Promise<IncomingMail> {
  const now = new Date(clock.now());
  return db.scoped(scope, async (tx) => {
    const mail = await findMail(tx, id);
    if (mail === null) throw refuse('not_found');
    if (mail.state === 'waiting')
      throw refuse('conflict.state', { message: 'The mail waits to be handed over' });
    if (!(await replayMail(tx, id, now)))
      throw refuse('conflict.state', { message: 'The route of the mail is gone' });
    return { ...mail, state: 'waiting', isReplay: true, attempts: 0, finishedAt: null } as const;
  });
}

export async function remove({ db }: IncomingWorld, scope: Scope, id: string): Promise<void> {
  await db.scoped(scope, async (tx) => {
    const mail = await findMail(tx, id);
    if (mail === null) throw refuse('not_found');
    await deleteMail(tx, mail);
  });
}

export type HandedIn = {
  readonly raw: Buffer;
  readonly recipients: readonly string[];
  readonly mailFrom: string;
  readonly remoteAddress: string;
  readonly helo: string;
};

/** As if it had come by SMTP, for the scope's own domains, proven or not: those of nobody else. */
export async function handIn(
  world: IncomingWorld,
  scope: Scope,
  { raw, ...mail }: HandedIn,
): Promise<readonly IncomingMail[]> {
  const { accountId, subaccountId } = scope;
  const arriving = { ...mail, bytes: raw, protocol: 'HTTP' };
  const taken = await take(world, arriving, { accountId, subaccountId });
  switch (taken.kind) {
    case 'taken':
      return taken.mails;
    case 'unknown':
    case 'closed':
      return [];
    case 'too_large':
      throw invalidField('raw', 'maxLength', `must not exceed ${world.messageBytesMax} bytes`);
    case 'loops':
      throw invalidField('raw', 'loop', 'has passed more than 100 servers');
    case 'full':
      throw refuse('limit.reached', { message: 'Too much mail waits to be handed over already' });
  }
}

/** Sends something that is no mail, and says what came of it. */
export async function test(world: RouteWorld, scope: Scope, id: string): Promise<Outcome> {
  const { db, ring, poster } = world;
  const route = await db.scoped(scope, (tx) => findSealed(tx, id));
  if (route === null) throw refuse('not_found');
  const { outcome } = await poster.send(
    ring,
    route,
    testRequest(world, route, scope.requestId),
    AbortSignal.timeout(40_000),
  );
  return outcome;
}
