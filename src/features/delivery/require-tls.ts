/**
 * Mail with REQUIRETLS tries each mail host of its domain, in their order, until one offers it, speaks TLS and is proven to be
 * the domain's (RFC 8689 4.2.1). What ordinary mail would wait for (nobody answers, a handshake fails, a policy is not met)
 * this waits for, too; only when each host has shown that it will not do does it come back, with what each of them lacks.
 */
import type { Reply } from '../../mail/reply.ts';
import type { SmtpConnection } from './connection.ts';
import type { Host, LaneFailure } from './site.ts';

/** A host that was passed by. */
export type Passed = {
  readonly host: Host;
  readonly why: string;
  /** It will not do tomorrow either; RFC 8689 4.2.1 has the codes. */
  readonly final: '5.7.10' | '5.7.30' | null;
  /** It spoke with us, so that other mail could have left. */
  readonly isReached: boolean;
  readonly transcript: string;
};

const whyCharsMax = 200;
const transcriptCharsMax = 8000;

/** What keeps mail with REQUIRETLS from a connection that is open; null when nothing does. */
export function lackOf(connection: SmtpConnection): string | null {
  if (!connection.isPeerProven) return 'not proven to be a mail host of the recipient’s';
  return connection.capabilities.requireTls ? null : 'offers no REQUIRETLS';
}

/** A host whose connection could not be opened with TLS. */
export function passedFor(host: Host, failure: LaneFailure): Passed {
  const { phase, reply, error, transcript = '' } = failure;
  const hasNoTls = phase === 'tls' && (reply === null ? failure.isWithoutTls === true : reply.code >= 500);
  const said = reply === null ? (error ?? 'no connection') : `${reply.code} ${reply.text}`;
  const why = hasNoTls ? 'offers no TLS' : `${phase}: ${said.replaceAll(/\s+/g, ' ').slice(0, whyCharsMax)}`;
  return { host, why, final: hasNoTls ? '5.7.10' : null, isReached: phase === 'tls', transcript };
}

/** Why the mail of a site did not leave, with what each host lacks. `last` is how the last one failed. */
export function failureOfAll(passed: readonly Passed[], last: LaneFailure): LaneFailure {
  if (passed.length === 0) return last;
  const told = passed.map(({ host, why }) => `${host.name} (${host.address}): ${why}`);
  const transcript = passed.map(({ host, transcript: said }) => `*: ${host.name} (${host.address})\n${said}`);
  const failure = {
    ...last,
    host: passed.at(-1)?.host ?? last.host,
    transcript: transcript.join('\n').slice(0, transcriptCharsMax),
    isPolicy: passed.some(({ isReached }) => isReached),
  };
  if (passed.some(({ final }) => final === null))
    return { ...failure, error: `no mail host takes it with REQUIRETLS now: ${told.join('; ')}` };
  return { ...failure, phase: 'tls', final: finalReply(passed, told) };
}

function finalReply(passed: readonly Passed[], told: readonly string[]): Reply {
  const isWithoutTls = passed.every(({ final }) => final === '5.7.10');
  const text = ['no mail host of the recipient’s takes mail with REQUIRETLS', ...told].join('\n');
  return { code: 554, enhanced: isWithoutTls ? '5.7.10' : '5.7.30', text };
}
