/** The same over SMTP: bad logins, acting for others by user name, other people's From. */
import { refusals } from '../features/refusals/index.ts';
import { difference, missingLike, randomWord, without } from './compare.ts';
import type { Credential } from './expected.ts';
import type { Holder } from './holders.ts';
import type { Judge } from './judge.ts';
import { authPlain, mailLines } from './smtp-door.ts';
import type { Conversation, SmtpDoor } from './smtp-door.ts';

type Stage = { readonly door: SmtpDoor; readonly a: Holder; readonly judge: Judge };

/** How a native login and a SparkPost login name the subaccount that they act for. */
const userForms = [
  (subaccount: string): string => `lettershop:${subaccount}`,
  (subaccount: string): string => `SMTP_Injection:X-MSYS-SUBACCOUNT=${subaccount}`,
] as const;

/** What a user name cannot be made of: `SMTP_Injection` takes numbers only. */
const isNumber = (text: string): boolean => /^\d+$/.test(text);

export async function attackSmtp(stage: Stage, credentials: readonly Credential[]): Promise<void> {
  await withoutLogin(stage);
  for (const credential of credentials) {
    if (credential.secret === null || credential.actsFor !== undefined) continue;
    await logIn(stage, credential.name, credential.secret, credential.logsIn);
    if (credential.name === 'without the grant') await sendWithoutGrant(stage, credential.secret);
  }
  for (const name of ['foreign account', 'sibling']) {
    const secret = credentials.find((each) => each.name === name)?.secret ?? '';
    await actForForeign(stage, name, secret);
    await nameForeignLogins(stage, name, secret);
    await sendFromForeign(stage, name, secret);
  }
}

async function withoutLogin({ door, judge }: Stage): Promise<void> {
  for (const line of ['MAIL FROM:<a@example.com>', 'AUTH PLAIN !', 'AUTH PLAIN AGE=']) {
    const [reply = ''] = await door([line]);
    judge.count('none');
    if (!/^5\d\d 5\./.test(reply)) judge.blame(`SMTP ${line}`, 'none', `answers "${reply}"`);
  }
}

/** A dead login sounds like one that never was. */
async function logIn({ door, judge }: Stage, who: string, secret: string, logsIn: boolean): Promise<void> {
  const [reply = ''] = await door([authPlain('lettershop', secret)]);
  if (isThrottled(judge, reply)) return;
  judge.count(who);
  const [code] = refusals['auth.failed'].smtp;
  const isRight = logsIn ? reply.startsWith('235 ') : /^5(?:35|50) /.test(reply);
  if (!isRight) judge.blame('SMTP AUTH', who, `answers "${reply}"`);
  if (logsIn || !reply.startsWith(String(code))) return;
  const [never = ''] = await door([authPlain('lettershop', randomWord('ls_'))]);
  tell(judge, 'SMTP AUTH', who, [reply], [never]);
}

async function sendWithoutGrant({ door, judge }: Stage, secret: string): Promise<void> {
  const [, reply = ''] = await door([authPlain('lettershop', secret), 'MAIL FROM:<a@example.com>']);
  judge.count('without the grant');
  if (!reply.startsWith('550 5.7.1')) judge.blame('SMTP MAIL', 'without the grant', `answers "${reply}"`);
}

/** The account's secret with a user name that says for whom. A key that is fixed stays what it is, whatever it says. */
async function actForForeign({ door, a, judge }: Stage, who: string, secret: string): Promise<void> {
  for (const form of userForms) {
    for (const subaccount of [a.subaccountId, `external:${a.word}`]) {
      if (form === userForms[1] && !isNumber(subaccount)) continue;
      const nobody = missingLike(subaccount);
      const talk = (named: string): Promise<Conversation> =>
        door([authPlain(form(named), secret), ...mailLines(`a@${a.word}.example.com`, `you@inbox.test`)]);
      const foreign = await talk(subaccount);
      const missing = await talk(nobody);
      if (isThrottled(judge, foreign[0]) || isThrottled(judge, missing[0])) continue;
      judge.count(who, 2);
      const where = `SMTP AUTH ${form('N')}`;
      tell(judge, where, who, blank(foreign, subaccount), blank(missing, nobody));
      if (who === 'foreign account' && foreign[0]?.startsWith('2') === true) {
        judge.blame(where, who, 'logs in for a subaccount of another account');
      }
      if (foreign.at(-1)?.startsWith('2') === true) judge.blame(where, who, "sends from A's domain");
    }
  }
}

/** The name of A's key or SMTP user with another's secret. */
async function nameForeignLogins({ door, a, judge }: Stage, who: string, secret: string): Promise<void> {
  for (const noun of ['keys', 'smtp-users']) {
    const name = a.things.get(noun)?.alsoSecret[0];
    if (name === undefined) continue;
    const nobody = name.slice(0, 3) + missingLike(name.slice(3));
    const foreign = await door([authPlain(name, secret)]);
    const missing = await door([authPlain(nobody, secret)]);
    if (isThrottled(judge, foreign[0]) || isThrottled(judge, missing[0])) continue;
    judge.count(who, 2);
    tell(judge, `SMTP AUTH as one of ${noun}`, who, blank(foreign, name), blank(missing, nobody));
    if (foreign[0]?.startsWith('5') !== true) judge.blame(`SMTP AUTH as one of ${noun}`, who, 'logs in');
  }
}

async function sendFromForeign({ door, a, judge }: Stage, who: string, secret: string): Promise<void> {
  const domain = `${a.word}.example.com`;
  const nobody = `${missingLike(a.word)}.example.com`;
  const talk = (from: string): Promise<Conversation> =>
    door([authPlain('lettershop', secret), ...mailLines(`a@${from}`, 'you@inbox.test')]);
  const foreign = await talk(domain);
  const missing = await talk(nobody);
  judge.count(who, 2);
  tell(judge, 'SMTP From', who, blank(foreign, domain), blank(missing, nobody));
  if (foreign.at(-1)?.startsWith('550 5.7.1') !== true) {
    judge.blame('SMTP From', who, `answers "${foreign.at(-1)}" to a mail from A's domain`);
  }
}

function isThrottled(judge: Judge, reply: string | undefined): boolean {
  const isIt = reply?.startsWith('421 4.7.0') === true;
  if (isIt) judge.skip();
  return isIt;
}

function blank(replies: Conversation, sent: string): Conversation {
  return replies.map((reply) => without(reply, [sent]));
}

function tell(judge: Judge, where: string, who: string, foreign: Conversation, missing: Conversation): void {
  const told = difference(foreign.join('\n'), missing.join('\n'));
  if (told !== null) judge.blame(where, who, told);
}
