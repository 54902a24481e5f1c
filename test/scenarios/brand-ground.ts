/** What the scenarios of brands share: calls under a host name of one's own. */
import { request } from 'node:http';

export type HostAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
};

export type AskOptions = { readonly body?: unknown; readonly headers?: Record<string, string> };

/** A request under a host name of its own, which `fetch` does not allow. */
export function askAt(
  url: string,
  host: string,
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<HostAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = {
      host,
      ...(method === 'GET' ? {} : { origin: `http://${host}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    };
    const asked = request({ hostname, port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          bytes: Buffer.concat(chunks),
        }),
      );
    });
    asked.once('error', reject);
    asked.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}
