// `npm run test:browser`: our pages in a real Chromium, light and dark, wide and narrow. Prints "not run" when there is none.
// A page waits for its browser and the browser for the program, so that two processes, each with a browser and a program that
// its pages share, keep two cores busy. Arguments are file patterns; without any, everything.
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ensureProgram, notRun } from './apt.ts';
import { inParts, runFiles, withPostgres } from './test-files.ts';

const patterns = process.argv.slice(2);
const files = globSync(patterns.length > 0 ? patterns : ['test/browser/pages/*.ts']).sort();
/** Takes as long as ten others. */
const longest = 'test/browser/pages/every.ts';

/** Drags by hand, each step when the one before is seen: in its time, with nothing beside it. */
const byHand = 'test/browser/pages/designer.ts';

/** A few are quicker in one, and a line of them is read while they run. */
const isAlone = files.length < 4;
const others = files.filter((file) => file !== longest && file !== byHand);
const parts = isAlone ? [files] : [...(files.includes(longest) ? [[longest]] : []), ...inParts(others)];
let hasPassed = true;

async function runParts(): Promise<void> {
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const ended = await runFiles(part, isAlone, { TEST_SHARE: 'yes' });
    hasPassed &&= ended.hasPassed;
    if (!isAlone) console.log(ended.output);
  }
}

if (!ensureProgram('/usr/bin/chromium', ['chromium']))
  notRun('pages in Chromium', 'chromium is not installed');
else
  await withPostgres(async () => {
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, runParts));
    if (!isAlone && files.includes(byHand)) parts.push([byHand]);
    await runParts();
    process.exitCode = hasPassed ? 0 : 1;
  });
