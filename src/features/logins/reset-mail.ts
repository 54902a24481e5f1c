import type { AuthWorld } from './auth.ts';
import { countTry } from './sql.ts';
import { hashToken } from './store.ts';

const windowMs = 900_000;
const mailsMax = 3;

type Person = { readonly id: string; readonly email: string };

/** Mails a link to set a new password; nobody's mailbox is filled by a stranger. */
export async function resetMail(world: AuthWorld, { id, email }: Person, token: string): Promise<void> {
  const { db, clock, publicUrl, mail, place } = world;
  const tries = await countTry(db.engine, `reset mail ${hashToken(email)}`, clock.now(), windowMs);
  if (tries > mailsMax) return;
  const theirs = place.host === null ? null : await world.linkHost(place.host, id);
  await mail({
    to: email,
    subject: 'Set a new password',
    paragraphs: [
      'Somebody, probably you, wants to set a new password for this address. The link is good for 30 minutes and works once.',
      'If it was not you, nothing has to be done: your password stays as it is.',
    ],
    action: { label: 'Set a new password', url: `${theirs?.url ?? publicUrl}/reset/${token}` },
    ...(theirs === null ? {} : { fromName: theirs.name }),
  });
}
