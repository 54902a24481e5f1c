/** What scenarios share that look at mail as it leaves: a program that hands it all to one sink, with an address for tracked links. */
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

export type RelayGround = AsyncDisposable & { readonly world: World; readonly sink: SmtpSink };

/** Its sending domain is shared for use by subaccounts. */
export async function openRelayGround(): Promise<RelayGround> {
  const sink = await SmtpSink.start();
  const world = await startWorld({
    LETTERSHOP_OUTBOUND: 'relay',
    LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
    LETTERSHOP_TRACKING_URL: 'https://track.lettershop.test',
  });
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
  return {
    world,
    sink,
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
    },
  };
}
