/**
 * What axe-core finds on a page as it now stands, by its rules for WCAG 2.2 up to level AA and its best practices.
 * It sees no more of the page than a reader does: what lies in frames is tenants' mail, and not the console's to mend.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults, NodeResult, RunOptions } from 'axe-core';
import type { Frame, Page } from 'playwright-core';

const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

const usual: RunOptions = { resultTypes: ['violations'], iframes: false };

/** `colours`: those that differ between a light and a dark look of the same page. */
const optionsOf = {
  // The size of targets is of WCAG 2.2 AA, and not asked for by itself.
  all: { ...usual, rules: { 'target-size': { enabled: true } } },
  colours: { ...usual, runOnly: ['color-contrast', 'link-in-text-block'] },
} satisfies Record<string, RunOptions>;

export type Rules = keyof typeof optionsOf;

/**
 * A tip is read with what it describes, and is drawn at the end of the document so that nothing cuts it: there it lies in no
 * landmark, and needs none. All other rules hold for tips, too.
 */
const tips = `axe.configure({ checks: [{ id: 'region', options: {
  regionMatcher: 'dialog, [role=dialog], [role=alertdialog], svg, [role=tooltip]' } }] })`;

/** Colours of what still fades in are those of no reader: axe waits for it, but not for what turns without an end. */
const stillness = `Promise.allSettled(document.getAnimations()
  .filter((each) => each.playState === 'running' && each.effect?.getComputedTiming().endTime !== Infinity)
  .map((each) => each.finished))`;

/** In the browser: the page's policy lets no script in, and does not ask about what the browser's own tools evaluate. */
async function run(page: Page | Frame, rules: Rules): Promise<AxeResults['violations']> {
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(`${source}; ${tips};`);
  await page.evaluate(`${stillness}.then(() => undefined)`);
  const found: AxeResults = await page.evaluate(
    `axe.run(document, ${JSON.stringify(optionsOf[rules])}).then(({ violations }) => ({ violations }))`,
  );
  return found.violations;
}

const lineOf = (rule: string, impact: string, node: NodeResult): string =>
  `${rule} (${impact}) ${node.target.join(' ')} ${node.html.slice(0, 160)}: ${(node.failureSummary ?? '').replaceAll('\n', ' ')}`;

/** A line for each part of the page, or of the page in a frame, that breaks a rule: rule, impact, where, and what would mend it. */
export async function auditOf(page: Page | Frame, rules: Rules = 'all'): Promise<readonly string[]> {
  const found = await run(page, rules);
  return found.flatMap(({ id, impact, nodes }) => nodes.map((node) => lineOf(id, impact ?? 'minor', node)));
}
