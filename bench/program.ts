// The program itself as a peer of the benchmark: started in relay mode towards the sink, signing or not.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killKey, NodeProcess } from '../test/kills/node.ts';
import type { Peer } from './peer.ts';

export type OwnPeer = Peer & {
  readonly httpPort: () => number;
  readonly secret: string;
  readonly database: () => ReturnType<NodeProcess['database']>;
};

export async function ownPeer(
  signs: boolean,
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'lettershop-bench-'));
  chmodSync(folder, 0o711);
  const node = new NodeProcess(folder, settings);
  await node.start();
  if (!signs) {
    const db = await node.database();
    await db.query("update domain_keys set state = 'retired'");
    await db.end();
  } else {
    // One RSA-2048 signature, as the peers make.
    const db = await node.database();
    await db.query("update domain_keys set state = 'retired' where algorithm <> 'rsa-sha256'");
    await db.end();
  }
  await node.stop();
  return {
    name: `lettershop${signs ? ' RSA-2048' : ''}`,
    from: 'a@lettershop.test',
    auth: Buffer.from(`\0lettershop\0${killKey.secret}`).toString('base64'),
    secret: killKey.secret,
    start: async (sinkPort) => {
      await node.start({
        LETTERSHOP_OUTBOUND: 'relay',
        LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sinkPort}`,
      });
      return { port: node.ports.smtp, pids: [node.pid] };
    },
    httpPort: () => node.ports.http,
    database: () => node.database(),
    stop: () => node.stop(),
    remove: async () => {
      await node.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
