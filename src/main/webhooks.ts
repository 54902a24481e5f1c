/** The connections to subscribers' endpoints, and the work that uses them. */
import type { Node } from '../features/queue/index.ts';
import { Poster, WebhookSender } from '../features/webhooks/index.ts';
import type { SenderOptions, WebhookWorld } from '../features/webhooks/index.ts';
import type { Outbound } from './outbound.ts';

type WebhooksWorld = Pick<SenderOptions, 'db' | 'clock' | 'log' | 'ring'> & {
  readonly node: Node;
  readonly outbound: Outbound;
};

export async function startWebhooks(
  { node, outbound, ...world }: WebhooksWorld,
  stack: AsyncDisposableStack,
): Promise<Pick<WebhookWorld, 'network' | 'poster'>> {
  const { network } = outbound;
  const poster = stack.use(new Poster(network));
  stack.use(await WebhookSender.start({ ...world, node: node.number, network, poster }));
  return { network, poster };
}
