/** The designer under `npm run dev`, where its code comes as Vite makes it from the sources, under the console's policy. */
import assert from 'node:assert/strict';
import { devOwner, DevProgram, limitMs } from '../../doubles/dev-program.ts';
import { testKey } from '../../world.ts';
import { pageTest, Window } from '../ground.ts';

const source = `<mjml>
  <mj-body>
    <mj-section><mj-column><mj-text>Dear {{ name }}, thank you.</mj-text></mj-column></mj-section>
  </mj-body>
</mjml>
`;

pageTest('template', 'is designed under `npm run dev` as in the built console', async (it) => {
  await using dev = await DevProgram.start();
  const signal = AbortSignal.timeout(2 * limitMs);
  await dev.ready(signal);
  // Once more, should the program begin anew meanwhile.
  const made = await dev.answer(() =>
    fetch(`http://localhost:${dev.httpPort}/api/v1/templates`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKey.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'In development',
        slug: 'in-development',
        subject: 'x',
        markup: { mjml: source, inlineCss: false, autoText: true },
      }),
      signal,
    }),
  );
  const { id } = (await made.json()) as { readonly id: string };
  assert.equal(made.status, 201);
  await using window = await Window.on(await it.newContext({}), dev.pages);
  const { page } = window;
  page.setDefaultTimeout(limitMs);
  await window.go(`/login?next=${encodeURIComponent(`/templates/${id}`)}`);
  await page.getByLabel('Address').fill(devOwner.email);
  await page.getByLabel('Password').fill(devOwner.password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Design').click();
  const canvas = page.frameLocator('iframe[title="Design of the mail"]:visible');
  await canvas.getByText('thank you').click();
  await page.getByRole('button', { name: 'Bold' }).click();
  await canvas.locator('b').getByText('thank you').waitFor();
  await page.getByRole('button', { name: 'Divider' }).click();
  await canvas.locator('[data-part=mj-divider]').waitFor();
  await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Source').click();
  const text = await page.getByRole('textbox', { name: 'MJML' }).inputValue();
  assert.ok(text.includes('<mj-text><b>Dear {{ name }}, thank you.</b></mj-text>'), text);
  // What the canvas and the preview keep from running is Playwright's own.
  const faults = window.problems.filter((line) => !/Blocked script execution in '/.test(line));
  assert.deepEqual(faults, []);
});
