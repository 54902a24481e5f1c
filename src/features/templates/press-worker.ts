/** The press's own thread: one job at a time. */
import { parentPort } from 'node:worker_threads';
import { present } from '../../base/assert.ts';
import { makeMarkup } from '../../mail/markup/make.ts';
import type { MarkupJob } from '../../mail/markup/make.ts';

const port = present(parentPort);
port.on('message', (job: MarkupJob) => {
  makeMarkup(job).then(
    (result) => port.postMessage(result),
    (error: unknown) => {
      // Ends the thread: the press tells its caller, and starts another one.
      throw error;
    },
  );
});
port.postMessage('ready');
