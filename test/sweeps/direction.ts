/** The direction of imports and the shelves of a feature, as a check over source texts (style, section 1). */
import { dirname, join, normalize } from 'node:path';

/** The order is the architecture: a feature may import only those above it. */
export const featureOrder = [
  'refusals',
  'audit',
  'events',
  'outbox',
  'accounts',
  'subaccounts',
  'keys',
  'logins',
  'users',
  'access',
  'embeds',
  'jobs',
  'domains',
  'senders',
  'templates',
  'lists',
  'suppressions',
  'quotas',
  'pools',
  'suspensions',
  'sites',
  'claims',
  'tracking',
  'brands',
  'transport',
  'queue',
  'messages',
  'metadata',
  'delivery',
  'control',
  'captures',
  'outcomes',
  'metrics',
  'reputation',
  'webhooks',
  'alerts',
  'overview',
  'incoming',
  'inbound',
  'monitoring',
  'reports',
  'exports',
  'logs',
  'notices',
  'erasure',
  'bundles',
  'moving',
] as const;

const layers = ['base', 'mail', 'features', 'http', 'smtp', 'dialects', 'isolation', 'cli', 'main'] as const;
type Layer = (typeof layers)[number];

const mayImport: Record<Layer, readonly Layer[]> = {
  base: ['base'],
  mail: ['base', 'mail'],
  features: ['base', 'mail', 'features'],
  http: ['base', 'mail', 'features', 'http'],
  smtp: ['base', 'mail', 'features', 'smtp'],
  dialects: ['base', 'mail', 'features', 'http', 'smtp', 'dialects'],
  isolation: ['base', 'mail', 'features', 'http', 'isolation'],
  cli: ['base', 'mail', 'features', 'http', 'smtp', 'isolation', 'main', 'cli'],
  main: layers.filter((layer) => layer !== 'isolation'),
};

const mayOpenSockets = ['delivery', 'monitoring', 'webhooks', 'domains', 'captures'];

export type Source = { readonly path: string; readonly text: string };
export type Breach = { readonly path: string; readonly target: string; readonly rule: string };

export function importsOf(text: string): string[] {
  return [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';|^import '([^']+)';/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

export function findBreaches(sources: readonly Source[]): Breach[] {
  const breaches: Breach[] = [];
  for (const { path, text } of sources) {
    if (path.endsWith('.test.ts')) continue;
    for (const target of importsOf(text)) {
      const rule = importRule(path, target);
      if (rule !== null) breaches.push({ path, target, rule });
    }
    for (const rule of textRules(path, text)) breaches.push({ path, target: '', rule });
  }
  return breaches;
}

function importRule(path: string, target: string): string | null {
  const [, layerName, from] = path.split('/');
  if (!target.startsWith('.')) return socketRule(layerName, from, target);
  const [, targetLayerName, to] = normalize(join(dirname(path), target)).split('/');
  const layer = layerOf(layerName);
  const targetLayer = layerOf(targetLayerName);
  if (!mayImport[layer].includes(targetLayer)) return `${layer} may not import ${targetLayer}`;
  if (
    layer === 'dialects' &&
    targetLayer === 'dialects' &&
    from !== to &&
    to !== undefined &&
    to !== 'shared' &&
    !to.endsWith('.ts')
  ) {
    return 'dialects do not import each other';
  }
  if (targetLayer !== 'features' || (layer === 'features' && from === to)) return null;
  if (layer === 'features' && order(to) > order(from))
    return `${from} may not import ${to}: it stands below it`;
  if (!target.endsWith('/index.ts')) return 'a feature is imported through its index.ts';
  return null;
}

function socketRule(layer: string | undefined, feature: string | undefined, target: string): string | null {
  if (!['node:net', 'node:tls', 'node:dgram', 'node:dns', 'node:dns/promises', 'undici'].includes(target))
    return null;
  if (layer === 'mail') return 'mail opens no sockets';
  if (layer === 'features' && !mayOpenSockets.includes(feature ?? '')) {
    return 'only delivery, monitoring, webhooks, domains and the doors open sockets';
  }
  return null;
}

function textRules(path: string, text: string): string[] {
  const name = path.split('/').at(-1) ?? '';
  const inFeature = path.startsWith('src/features/');
  const rules: string[] = [];
  const holdsSql =
    /\bsql`|[`'"](?:\/\*[^*`]*\*\/\s*)?(?:select [^`]+ from |insert into |update \w+ set |delete from |with (?:recursive )?\w+ as )/.test(
      text,
    );
  if (!name.startsWith('sql') && !path.startsWith('src/base/') && holdsSql)
    rules.push('only sql files hold SQL');
  if (!path.startsWith('src/features/access/') && /\bas (?:unknown as )?Scope\b/.test(text))
    rules.push('only access makes a Scope');
  if (inFeature && /\.unscoped\(/.test(text)) rules.push('a tenant transaction needs a Scope');
  return rules;
}

function layerOf(name: string | undefined): Layer {
  const found = layers.find((layer) => layer === name?.replace(/\.ts$/, ''));
  if (found === undefined) throw new Error(`no layer for src/${name}`);
  return found;
}

function order(feature: string | undefined): number {
  return featureOrder.indexOf(feature as (typeof featureOrder)[number]);
}
