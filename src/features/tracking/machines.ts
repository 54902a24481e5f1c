/**
 * Openings and clicks that no person made, or that nobody can know a person made: rules as data, the first that fits. What
 * happened is told all the same, with the name of the rule.
 */

export type MachineRule = {
  readonly name: string;
  readonly userAgent?: RegExp;
  /** A field of the request, in lower case, and what stands in it. */
  readonly header?: readonly [name: string, value: RegExp];
};

export const machineRules: readonly MachineRule[] = [
  { name: 'prefetch', header: ['sec-purpose', /prefetch|prerender|preview/i] },
  { name: 'prefetch', header: ['purpose', /prefetch|preview/i] },
  { name: 'prefetch', header: ['x-purpose', /preview/i] },
  { name: 'prefetch', header: ['x-moz', /prefetch/i] },
  // Loads everything when the mail arrives, through relays, under a name that says nothing more.
  { name: 'apple_mail_privacy', userAgent: /^Mozilla\/5\.0$/ },
  { name: 'gmail_image_proxy', userAgent: /GoogleImageProxy/ },
  { name: 'yahoo_image_proxy', userAgent: /YahooMailProxy/ },
  { name: 'outlook_image_proxy', userAgent: /OutlookImageProxy|Microsoft-Exchange|MSExchange/i },
  {
    name: 'link_scanner',
    userAgent:
      /barracuda|proofpoint|mimecast|symantec|forcepoint|trendmicro|fireeye|safelinks|sophos|cloudmark|urlscan|virustotal/i,
  },
  {
    name: 'link_preview',
    userAgent:
      /preview|facebookexternalhit|slackbot|twitterbot|linkedinbot|whatsapp|telegrambot|discordbot|skypeuri|embedly|pinterestbot/i,
  },
  { name: 'robot', userAgent: /bot\b|crawler|spider|headless|monitor|archiver/i },
  {
    name: 'program',
    userAgent:
      /^(?:curl|wget|python|java|go-http|okhttp|axios|node|undici|ruby|php|perl|libwww|apache-httpclient|postman)/i,
  },
  { name: 'nameless', userAgent: /^\s*$/ },
];

export type Asking = {
  readonly userAgent: string;
  readonly header: (name: string) => string | undefined;
};

/** The name of the rule, null for what may be a person. */
export function machineOf({ userAgent, header }: Asking, rules = machineRules): string | null {
  for (const rule of rules) {
    if (rule.userAgent?.test(userAgent) === true) return rule.name;
    if (rule.header === undefined) continue;
    const value = header(rule.header[0]);
    if (value !== undefined && rule.header[1].test(value)) return rule.name;
  }
  return null;
}
