/** Tracked mail as its recipient has it: what came into the sink, its links, and following them. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import PostalMime from 'postal-mime';
import type { SmtpSink } from '../doubles/smtp-sink.ts';
import type { World } from '../world.ts';

export const person = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
/** A relay that loads everything when the mail arrives. */
export const machine = 'Mozilla/5.0';

/** Links and pixels of the last mail to an address, in their order. */
export async function linksTo(world: World, sink: SmtpSink, to: string): Promise<readonly string[]> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.filter((each) => each.to === to).at(-1)),
    (each) => each !== undefined,
  );
  const { html = '' } = await PostalMime.parse(kept?.bytes ?? Buffer.alloc(0));
  return [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link.replaceAll('&amp;', '&'));
}

/** Follows a link, or loads a pixel, and waits until that is in the log. */
export async function follow(world: World, link: string | undefined, userAgent = person): Promise<void> {
  const { host, pathname, search } = new URL(link ?? '');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(
      {
        host: '127.0.0.1',
        port: world.program.doors.httpPort,
        path: `${pathname}${search}`,
        headers: { host, 'user-agent': userAgent },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    )
      .on('error', reject)
      .end();
  });
  assert.ok(status === 200 || status === 302, `${status} ${link}`);
  await world.program.tracker.engagements.idle();
}
