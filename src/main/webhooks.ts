/** The connections to subscribers' endpoints, and the work that uses them. */
import { makeIdPrinter } from '../base/ids.ts';
import type { Keyring } from '../base/seal.ts';
import { mandrillMailWording, mandrillWording } from '../dialects/mandrill/index.ts';
import { sparkpostMailWording, sparkpostWording } from '../dialects/sparkpost/index.ts';
import { IncomingSender } from '../features/incoming/index.ts';
import type { IncomingWorld, MailWordings } from '../features/incoming/index.ts';
import type { Node } from '../features/queue/index.ts';
import { Poster, WebhookSender } from '../features/webhooks/index.ts';
import type { SenderOptions, WebhookWorld, Wordings } from '../features/webhooks/index.ts';
import type { Outbound } from './outbound.ts';

/** What reaches tenants' endpoints, and how each provider words what is sent there. */
export type Calling = Pick<WebhookWorld, 'network' | 'poster' | 'wordings'> & {
  readonly mailWordings: MailWordings;
};

type WebhooksWorld = Pick<SenderOptions, 'db' | 'clock' | 'log' | 'ring'> & {
  readonly node: Node;
  readonly outbound: Outbound;
  readonly incoming: IncomingWorld;
};

export async function startWebhooks(
  { node, outbound, incoming, ...world }: WebhooksWorld,
  stack: AsyncDisposableStack,
): Promise<Calling> {
  const { network } = outbound;
  const wordings = wordingsOf(world.ring);
  const poster = stack.use(new Poster(network));
  stack.use(await WebhookSender.start({ ...world, node: node.number, network, poster, wordings }));
  const mailWordings: MailWordings = { sparkpost: sparkpostMailWording, mandrill: mandrillMailWording };
  const sending = { ...incoming, node: node.number, log: world.log, network, poster, mailWordings };
  stack.use(await IncomingSender.start(sending));
  return { network, poster, wordings, mailWordings };
}

/** Each provider's own, from its dialect. */
function wordingsOf(ring: Keyring): Wordings {
  const ids = makeIdPrinter(ring.mac('printed ids', ''));
  return { mandrill: mandrillWording(ids), sparkpost: sparkpostWording(ids) };
}
