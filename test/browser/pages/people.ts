import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { Browser as Caller, joinBy, linkTo, mailsTo, password, tokenOf } from '../../doubles/browser.ts';
import { pageTest } from '../ground.ts';
import type { Window } from '../ground.ts';

const hostile = '<img src=x onerror=alert(1)>';

async function choose(window: Window, label: string, option: RegExp): Promise<void> {
  await window.page.getByRole('combobox', { name: label }).last().click();
  await window.page.getByRole('option', { name: option }).click();
}

pageTest(
  'people',
  'invites by mail to a chosen subaccount, with chosen grants and hidden pages, and changes, mails again and revokes it',
  async (it) => {
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/people');
    await page
      .getByRole('table', { name: 'People' })
      .getByText('reporting in Harbour Books')
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Invite' }).click();
    // The browser lets it through; the API does not.
    await page.getByLabel('Address').fill('ada..lovelace@inbox.test');
    await page.getByText('Chosen subaccounts', { exact: true }).click();
    await page.getByRole('combobox', { name: 'Subaccounts' }).fill('Harbour');
    await page.getByRole('option', { name: /Harbour Books/ }).click();
    await choose(window, 'Role', /^custom/);
    await page.getByLabel('Note').fill(hostile);
    await page.getByRole('button', { name: 'Mail the invitation' }).click();
    await page.getByText('must be a valid email').waitFor();
    await page.getByLabel('Address').fill('ada@inbox.test');
    await page.getByLabel('messages:read').check();
    await page.getByLabel('metrics:read').check();
    await page.getByRole('button', { name: 'Hide pages or limit to templates' }).click();
    await choose(window, 'Hidden pages', /^statistics/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Mail the invitation' }).click();
    await page.getByText('The invitation is on its way').waitFor();

    const invited = page.getByRole('table', { name: 'Invitations' });
    await invited.getByText('ada@inbox.test').waitFor();
    const { items } = await it.boss.ok<{
      items: { id: string; email: string; subaccounts: { grants: string[]; hiddenPages: string[] }[] }[];
    }>('GET', '/invitations');
    const made = items.find(({ email }) => email === 'ada@inbox.test');
    assert.deepEqual(
      made?.subaccounts.map(({ grants, hiddenPages }) => ({ grants, hiddenPages })),
      [{ grants: ['messages:read'], hiddenPages: ['statistics'] }],
    );
    const [mail] = await it.world.until(
      () => mailsTo(it.world, 'ada@inbox.test'),
      (mails) => mails.length > 0,
    );
    assert.match(mail ?? '', /onerror/);

    const again = page.getByRole('button', { name: 'Mail again to ada@inbox.test' });
    await window.tabTo(again);
    await page.getByText('It was mailed within the last minute').waitFor();
    await sql`update invitations set sent_at = sent_at - interval '2 minutes' where id = ${made?.id}`.execute(
      it.world.database.db.engine,
    );
    await page.reload();
    await again.click();
    await page.getByText('A new link was mailed to ada@inbox.test').waitFor();
    await linkTo(it.world, 'ada@inbox.test', 2);

    await page.getByRole('button', { name: 'Change the invitation of ada@inbox.test' }).click();
    await choose(window, 'Role', /^designer/);
    await page.getByRole('button', { name: 'Change it' }).click();
    await invited.getByText('designer in Harbour Books').waitFor();

    await page.getByRole('button', { name: 'Revoke the invitation of ada@inbox.test' }).click();
    await page.getByRole('button', { name: 'Revoke it' }).click();
    await invited.getByText('ada@inbox.test').waitFor({ state: 'detached' });
    await window.check();
  },
);

pageTest(
  'people',
  'is not open to who may not read people, and offers a manager no role above theirs',
  async (it) => {
    {
      await using window = await it.open('client');
      await window.go('/people');
      await window.page.getByText('users:read').waitFor();
      await window.check();
    }
    const manager = await joinBy(it.world, it.boss, 'manager@inbox.test', {
      subaccounts: [{ id: it.subaccountId, role: 'manager' }],
    });
    await using window = await it.openAs(manager);
    const { page } = window;
    await window.go('/people');
    await page.getByRole('table', { name: 'People' }).getByText('client@inbox.test').waitFor();
    assert.equal(await page.getByText('owner@lettershop.test').count(), 0);
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('combobox', { name: 'Role' }).click();
    for (const role of ['owner', 'admin']) {
      const option = page.getByRole('option', { name: new RegExp(`^${role}`) });
      assert.equal(await option.getAttribute('data-combobox-disabled'), 'true', role);
    }
    await page.getByRole('option', { name: /^reporting/ }).click();
    await page.getByLabel('Address').fill('below@inbox.test');
    await page.getByRole('button', { name: 'Mail the invitation' }).click();
    await page.getByRole('table', { name: 'Invitations' }).getByText('reporting in Harbour Books').waitFor();
    await window.check();
  },
);

pageTest(
  'person',
  'is changed from the account to a subaccount and taken out; a name is text',
  async (it) => {
    const email = 'grace@inbox.test';
    await it.boss.ok('POST', '/invitations', { body: { email, role: 'developer' } });
    const token = tokenOf(await linkTo(it.world, email));
    const grace = new Caller(it.world);
    await grace.auth('/invitation/accept', { token, name: `Grace ${hostile}`, password });
    await grace.logIn(email, password);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/people');
    await page.getByRole('link', { name: `Grace ${hostile}` }).click();
    await page.getByRole('heading', { name: `Grace ${hostile}` }).waitFor();
    await page.getByRole('button', { name: 'Change access' }).click();
    await page.getByText('Chosen subaccounts', { exact: true }).click();
    await page.getByRole('combobox', { name: 'Subaccounts' }).fill('Harbour');
    await page.getByRole('option', { name: /Harbour Books/ }).click();
    await choose(window, 'Role', /^reporting/);
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByRole('heading', { name: 'In Harbour Books' }).waitFor();
    const told = await grace.ok<{ current: { reach: number[] } }>('GET', '/me');
    assert.deepEqual(told.current.reach, [it.subaccountId]);
    await page.getByRole('button', { name: 'Take out' }).click();
    await page.getByRole('button', { name: 'Take them out' }).click();
    await page.getByRole('heading', { name: 'People', exact: true }).waitFor();
    await page.getByRole('link', { name: /Grace/ }).waitFor({ state: 'detached' });
    await window.check();
  },
);

pageTest('person', 'one does not take oneself out as the last owner, and is told so in words', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/people');
  await page.getByRole('link', { name: /owner@lettershop.test/ }).click();
  const change = page.getByRole('button', { name: 'Change access' });
  await window.tabTo(change);
  await page.getByText(/nobody changes an equal or higher one/).waitFor();
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  await page.getByText('The last owner stays').waitFor();
  await window.check();
});
