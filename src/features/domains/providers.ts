/**
 * How DNS providers want a record to be entered. Data: a provider is known by its name servers. `apex` is what stands for
 * the zone itself; a target `withDot` would otherwise be taken as a name inside the zone; a `quoted` text is entered in
 * quotation marks, cut into strings of at most 255 characters (RFC 1035 3.3.14).
 */
export type DnsProvider = {
  readonly id: string;
  readonly name: string;
  readonly nameServers: readonly RegExp[];
  readonly host: 'relative' | 'absolute';
  readonly apex: '@' | '';
  readonly target: 'plain' | 'withDot';
  readonly text: 'plain' | 'quoted';
  /** Where the records are kept, in our words. */
  readonly panel: string;
  readonly hint?: string;
};

const usual = { host: 'relative', apex: '@', target: 'plain', text: 'plain' } as const;

export const dnsProviders: readonly DnsProvider[] = [
  {
    ...usual,
    id: 'cloudflare',
    name: 'Cloudflare',
    nameServers: [/\.ns\.cloudflare\.com$/],
    panel: 'Choose the domain in the dashboard, then DNS and Records.',
    hint: 'Switch the proxy (the cloud) off for each CNAME: it must say "DNS only".',
  },
  {
    ...usual,
    id: 'godaddy',
    name: 'GoDaddy',
    nameServers: [/\.domaincontrol\.com$/],
    panel: 'Open the domain in your portfolio, then its DNS tab.',
  },
  {
    ...usual,
    id: 'namecheap',
    name: 'Namecheap',
    nameServers: [/\.registrar-servers\.com$/],
    panel: 'In the list of domains press Manage, then Advanced DNS, Host Records.',
  },
  {
    ...usual,
    id: 'route53',
    name: 'Amazon Route 53',
    nameServers: [/\.awsdns-\d+\.(?:com|net|org|co\.uk)$/],
    apex: '',
    text: 'quoted',
    panel: 'Open Hosted zones, choose the zone, then Create record.',
    hint: 'The name field shows the zone behind it: enter only what comes before.',
  },
  {
    ...usual,
    id: 'google-cloud',
    name: 'Google Cloud DNS',
    nameServers: [/^ns-cloud-.*\.googledomains\.com$/],
    apex: '',
    target: 'withDot',
    text: 'quoted',
    panel: 'In Network services open Cloud DNS, choose the zone, then Add standard.',
  },
  {
    ...usual,
    id: 'azure',
    name: 'Azure DNS',
    nameServers: [/\.azure-dns\.(?:com|net|org|info)$/],
    panel: 'Open DNS zones, choose the zone, then Record sets.',
  },
  {
    ...usual,
    id: 'digitalocean',
    name: 'DigitalOcean',
    nameServers: [/^ns\d\.digitalocean\.com$/],
    target: 'withDot',
    panel: 'Under Networking open Domains and choose the domain.',
  },
  {
    ...usual,
    id: 'ionos',
    name: 'IONOS',
    nameServers: [/\.ui-dns\.(?:com|de|org|biz)$/],
    panel: 'Under Domains and SSL choose the domain, then the DNS tab.',
  },
  {
    ...usual,
    id: 'hetzner',
    name: 'Hetzner DNS',
    nameServers: [/\.ns\.hetzner\.(?:com|de)$/, /^(?:ns1\.first-ns|robotns\d\.second-ns)\.(?:de|com)$/],
    target: 'withDot',
    panel: 'Open DNS in the console and choose the zone.',
  },
  {
    ...usual,
    id: 'ovh',
    name: 'OVHcloud',
    nameServers: [/\.ovh\.net$/, /\.anycast\.me$/],
    apex: '',
    target: 'withDot',
    panel: 'Choose the domain under Web Cloud, then DNS zone, Add an entry.',
  },
  {
    ...usual,
    id: 'gandi',
    name: 'Gandi',
    nameServers: [/\.gandi\.net$/],
    target: 'withDot',
    panel: 'Choose the domain, then DNS records.',
  },
  {
    ...usual,
    id: 'hostinger',
    name: 'Hostinger',
    nameServers: [/\.dns-parking\.com$/],
    panel: 'Choose the domain, then DNS and name servers.',
  },
  {
    ...usual,
    id: 'squarespace',
    name: 'Squarespace',
    nameServers: [/\.squarespacedns\.com$/],
    panel: 'Choose the domain, then DNS and DNS settings, custom records.',
  },
  {
    ...usual,
    id: 'wix',
    name: 'Wix',
    nameServers: [/\.wixdns\.net$/],
    apex: '',
    panel: 'Under Domains open the actions of the domain, then Manage DNS records.',
  },
  {
    ...usual,
    id: 'vercel',
    name: 'Vercel',
    nameServers: [/\.vercel-dns\.com$/],
    apex: '',
    panel: 'Under Domains choose the domain; its records are on that page.',
  },
  {
    ...usual,
    id: 'dnsimple',
    name: 'DNSimple',
    nameServers: [/\.dnsimple(?:-edge)?\.(?:com|net|org|io)$/],
    apex: '',
    panel: 'Choose the domain, then DNS, Manage records.',
  },
  {
    ...usual,
    id: 'porkbun',
    name: 'Porkbun',
    nameServers: [/\.ns\.porkbun\.com$/],
    apex: '',
    panel: 'In the list of domains press DNS beside the domain.',
  },
  {
    ...usual,
    id: 'linode',
    name: 'Akamai (Linode)',
    nameServers: [/^ns\d\.linode\.com$/],
    apex: '',
    panel: 'Open Domains in the manager and choose the domain.',
  },
];

/** The provider that all of a zone's name servers belong to. */
export function guessProvider(nameServers: readonly string[]): DnsProvider | null {
  if (nameServers.length === 0) return null;
  const isServed = ({ nameServers: patterns }: DnsProvider): boolean =>
    nameServers.every((name) => patterns.some((pattern) => pattern.test(name)));
  return dnsProviders.find(isServed) ?? null;
}
