/** SMTP TLS reporting (RFC 8460): where reports go, and one day's report for one domain. */

/** RFC 8460 4.3; 'ok' is a session that met its policy. */
export type TlsResult =
  | 'ok'
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'dnssec-invalid'
  | 'sts-policy-fetch-error'
  | 'sts-policy-invalid';

/** The policy that a session had to meet, as reports name it. */
export type PolicyFacts = {
  readonly type: 'tlsa' | 'sts' | 'no-policy-found';
  readonly strings: readonly string[];
  /** Patterns of an MTA-STS policy. */
  readonly mx: readonly string[];
};

export type SessionCount = {
  readonly policy: PolicyFacts;
  readonly result: TlsResult;
  /** Empty when no host was spoken to. */
  readonly mx: string;
  readonly address: string;
  readonly detail: string;
  readonly sessions: number;
};

export type ReportFacts = {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly domain: string;
  readonly organization: string;
  readonly contact: string;
  readonly counts: readonly SessionCount[];
};

const targetsMax = 5;

/** Addresses of the one TLSRPTv1 record, `mailto:` and `https:`; empty when reports are not wanted (RFC 8460 3). */
export function reportTargets(texts: readonly string[]): readonly string[] {
  const [only, ...others] = texts.filter((text) => /^v=TLSRPTv1\s*;/.test(text));
  if (only === undefined || others.length > 0) return [];
  const rua = /;\s*rua\s*=\s*([^;]+)/.exec(only)?.[1] ?? '';
  return rua
    .split(',')
    .map((each) => each.trim())
    .filter((each) => /^(?:mailto:[^\s?]+@[^\s?]+|https:\/\/\S+)$/i.test(each))
    .slice(0, targetsMax);
}

export function reportId({
  day,
  domain,
  organization,
}: Pick<ReportFacts, 'day' | 'domain' | 'organization'>): string {
  return `${day}.${domain}@${organization}`;
}

/** The name of its file (RFC 8460 5.1): sender, domain, the day's first and last second. */
export function reportFile({ day, domain, organization }: ReportFacts): string {
  const from = Date.parse(day) / 1000;
  return `${organization}!${domain}!${from}!${from + 86_399}!${day}.json.gz`;
}

/** RFC 8460 4: one entry per policy, of all sessions that had to meet it. Addresses of ours are left out: they may be one tenant's. */
export function reportJson(facts: ReportFacts): Record<string, unknown> {
  const { day, domain, organization, contact, counts } = facts;
  const byPolicy = Map.groupBy(counts, ({ policy }) => JSON.stringify(policy));
  return {
    'organization-name': organization,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': contact,
    'report-id': reportId(facts),
    policies: [...byPolicy.values()].map((group) => policyEntry(domain, group)),
  };
}

function policyEntry(domain: string, group: readonly SessionCount[]): Record<string, unknown> {
  const [{ policy } = { policy: { type: 'no-policy-found', strings: [], mx: [] } as PolicyFacts }] = group;
  const sum = (counts: readonly SessionCount[]): number =>
    counts.reduce((all, { sessions }) => all + sessions, 0);
  const failed = group.filter(({ result }) => result !== 'ok');
  return {
    policy: {
      'policy-type': policy.type,
      ...(policy.strings.length === 0 ? {} : { 'policy-string': policy.strings }),
      'policy-domain': domain,
      ...(policy.mx.length === 0 ? {} : { 'mx-host': policy.mx }),
    },
    summary: {
      'total-successful-session-count': sum(group.filter(({ result }) => result === 'ok')),
      'total-failure-session-count': sum(failed),
    },
    ...(failed.length === 0 ? {} : { 'failure-details': failed.map(failureEntry) }),
  };
}

function failureEntry({ result, mx, address, detail, sessions }: SessionCount): Record<string, unknown> {
  return {
    'result-type': result,
    ...(mx === '' ? {} : { 'receiving-mx-hostname': mx }),
    ...(address === '' ? {} : { 'receiving-ip': address }),
    'failed-session-count': sessions,
    ...(detail === '' ? {} : { 'failure-reason-code': detail }),
  };
}

/** The mail that brings it (RFC 8460 5.3), from top to end, CRLF lines. */
export function reportMail(
  facts: ReportFacts,
  { from, to, gzipped }: { readonly from: string; readonly to: string; readonly gzipped: Buffer },
): Buffer {
  const { domain, organization } = facts;
  const boundary = `tlsrpt-${facts.day}`;
  const id = reportId(facts);
  const lines = [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: Report Domain: ${domain}`,
    ` Submitter: ${organization}`,
    ` Report-ID: <${id}>`,
    `TLS-Report-Domain: ${domain}`,
    `TLS-Report-Submitter: ${organization}`,
    'Auto-Submitted: auto-generated',
    'TLS-Required: No',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type="tlsrpt"; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    'Content-Transfer-Encoding: 7bit',
    '',
    `This is the report on TLS sessions with the mail hosts of ${domain} on ${facts.day} (UTC).`,
    '',
    `--${boundary}`,
    'Content-Type: application/tlsrpt+gzip',
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${reportFile(facts)}"`,
    '',
    ...(gzipped.toString('base64').match(/.{1,76}/g) ?? []),
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'latin1');
}
