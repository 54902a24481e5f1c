/** The connections to subscribers' endpoints, and the work that uses them. */
import { makeIdPrinter } from '../base/ids.ts';
import type { Keyring } from '../base/seal.ts';
import { mandrillWording } from '../dialects/mandrill/index.ts';
import { sparkpostWording } from '../dialects/sparkpost/index.ts';
import { IncomingSender } from '../features/incoming/index.ts';
import type { IncomingWorld } from '../features/incoming/index.ts';
import type { Node } from '../features/queue/index.ts';
import { Poster, WebhookSender } from '../features/webhooks/index.ts';
import type { SenderOptions, WebhookWorld, Wordings } from '../features/webhooks/index.ts';
import type { Outbound } from './outbound.ts';

type WebhooksWorld = Pick<SenderOptions, 'db' | 'clock' | 'log' | 'ring'> & {
  readonly node: Node;
  readonly outbound: Outbound;
  readonly incoming: IncomingWorld;
};

export async function startWebhooks(
  { node, outbound, incoming, ...world }: WebhooksWorld,
  stack: AsyncDisposableStack,
): Promise<Pick<WebhookWorld, 'network' | 'poster' | 'wordings'>> {
  const { network } = outbound;
  const wordings = wordingsOf(world.ring);
  const poster = stack.use(new Poster(network));
  stack.use(await WebhookSender.start({ ...world, node: node.number, network, poster, wordings }));
  stack.use(await IncomingSender.start({ ...incoming, node: node.number, log: world.log, network, poster }));
  return { network, poster, wordings };
}

/** Each provider's own, from its dialect. */
function wordingsOf(ring: Keyring): Wordings {
  const ids = makeIdPrinter(ring.mac('printed ids', ''));
  return { mandrill: mandrillWording(ids), sparkpost: sparkpostWording(ids) };
}
