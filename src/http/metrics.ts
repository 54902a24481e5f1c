/** Prometheus on a port of its own, away from tenants; no label ever names one. */
import { createServer } from 'node:http';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { assert } from '../base/assert.ts';

export type Metrics = {
  /** For the counters and gauges of others. */
  readonly registry: Registry;
  /** Of `startHttp`: pattern and never path, so the number of series is bounded by the number of routes. */
  readonly observe: (method: string, pattern: string, status: number, seconds: number) => void;
};

export function makeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'lettershop_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its reply',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    registry,
    observe: (method, route, status, seconds) => {
      durations.observe({ method: known(method), route: route || 'none', status: String(status) }, seconds);
    },
  };
}

/** A caller may send any word as a method; each new one would be a new series. */
function known(method: string): string {
  return ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].includes(method) ? method : 'other';
}

export type MetricsServer = AsyncDisposable & { readonly host: string; readonly port: number };

/** `GET /metrics` in the text format, all else 404. Rejects with the error of `listen`. */
export async function startMetrics(options: {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
}): Promise<MetricsServer> {
  const { registry } = options;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a metrics server without an address');
  return {
    host: address.address,
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
