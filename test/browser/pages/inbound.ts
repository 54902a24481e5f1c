import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { joinBy } from '../../doubles/browser.ts';
import { WebhookReceiver } from '../../doubles/webhook-receiver.ts';
import { hostile, pageTest } from '../ground.ts';
import { handIn, inboundDomain, inboundRoute, rawMail } from '../inbound.ts';

pageTest('inbound-domains', 'adds one, which a bad name is told for beside its field', async (it) => {
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/inbound-domains');
  await page.getByRole('button', { name: 'New inbound domain' }).click();
  const name = page.getByRole('textbox', { name: /^Domain/ });
  await name.fill('not a domain');
  await page.keyboard.press('Enter');
  await page.getByText(/must be a domain name/).waitFor();
  assert.equal(await name.getAttribute('aria-invalid'), 'true');
  await name.fill('in.adds.example');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'in.adds.example' }).waitFor();
  await page.getByText('No routes of this domain yet').waitFor();
  await window.check();
  await window.go('/inbound-domains');
  await page.getByRole('link', { name: 'in.adds.example' }).waitFor();
  await window.check();
});

pageTest(
  'inbound-domain',
  'shows the record that was seen beside the one that is wanted, is proven, and is deleted by its name',
  async (it) => {
    const { id, record } = await inboundDomain(it, 'in.proves.example');
    it.dns.zone['in.proves.example'] = { MX: [[10, 'mx.elsewhere.example']] };
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/inbound-domains/${id}`);
    const panel = page.getByRole('region', { name: 'Record', exact: true });
    await panel.getByText(record.value, { exact: true }).waitFor();
    await panel.getByRole('button', { name: 'Copy the value of the record' }).waitFor();
    await it.world.until(
      async () => {
        await page.getByRole('button', { name: 'Check now' }).click();
        return panel.getByText('10 mx.elsewhere.example').count();
      },
      (count) => count === 1,
    );
    await panel.getByText(/none leads to/).waitFor();
    await window.check();
    it.dns.zone['in.proves.example'] = { MX: [[10, record.value]] };
    await it.world.until(
      async () => {
        await page.getByRole('button', { name: 'Check now' }).click();
        return page.locator('main').getByText('proven', { exact: true }).count();
      },
      (count) => count === 1,
    );
    await panel.getByText('To do').waitFor({ state: 'detached' });
    await window.check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel('Type in.proves.example to go on').fill('in.proves.example');
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('in.proves.example was deleted').waitFor();
    assert.equal((await it.boss.api('GET', `/inbound-domains/${id}`)).status, 404);
    await window.check();
  },
);

pageTest(
  'inbound-routes',
  'makes one for a pattern of a domain, whose secret is shown once and signs what comes',
  async (it) => {
    await using receiver = await WebhookReceiver.start();
    await inboundDomain(it, 'in.routes.example');
    await using window = await it.open('owner');
    const { page } = window;
    await window.go('/inbound-routes');
    await page.getByRole('button', { name: 'New route' }).click();
    const dialogue = page.getByRole('dialog', { name: 'New route' });
    const choice = dialogue.getByRole('combobox', { name: /^Inbound domain/ });
    await choice.click();
    await page.getByRole('option', { name: 'in.routes.example' }).click();
    const pattern = dialogue.getByRole('textbox', { name: /^Pattern/ });
    await pattern.fill('a b');
    await dialogue.getByRole('textbox', { name: /^Address of the program/ }).fill(receiver.url);
    await dialogue.getByRole('textbox', { name: 'Name' }).fill(`Desk ${hostile}`);
    await dialogue.getByRole('button', { name: 'Make it' }).click();
    await dialogue.getByText(/must be what stands before the @/).waitFor();
    assert.equal(await pattern.getAttribute('aria-invalid'), 'true');
    await pattern.fill('help');
    await dialogue.getByRole('button', { name: 'Make it' }).click();
    await dialogue.getByText('Shown this once').waitFor();
    const secret = String(await dialogue.locator('.mono').textContent());
    await dialogue.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'help@in.routes.example' }).waitFor();
    await window.check();
    await handIn(it, 'help@in.routes.example', rawMail('help@in.routes.example', 'One', '<p>One</p>'));
    const [posted] = await it.world.until(
      () => Promise.resolve(receiver.received),
      ({ length }) => length > 0,
    );
    new Webhook(secret).verify(posted?.body ?? '', posted?.headers as Record<string, string>);
  },
);

pageTest(
  'inbound-route',
  'is tested, changed, paused, begun anew after a failure, its secret rotated, and deleted by its name',
  async (it) => {
    await using receiver = await WebhookReceiver.start();
    receiver.react = () => 500;
    const domain = await inboundDomain(it, 'in.route.example');
    const { id } = await inboundRoute(it, domain, { pattern: 'desk', url: receiver.url });
    await handIn(it, 'desk@in.route.example', rawMail('desk@in.route.example', 'Waits', '<p>Waits</p>'));
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/inbound-routes/${id}`);
    await page.getByText('It does not take what is sent').waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('It did not take the test').waitFor();
    await page.getByText('Status 500', { exact: true }).waitFor();
    await window.check();
    await page.keyboard.press('Escape');
    receiver.react = () => 204;
    await page.getByRole('button', { name: 'Try it again now' }).click();
    await page.getByText('It does not take what is sent').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused: mail is taken, and waits').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Resumed: what waited is handed over').waitFor();
    await page.getByRole('button', { name: 'Change' }).click();
    const dialogue = page.getByRole('dialog', { name: 'Change desk@in.route.example' });
    await dialogue.getByRole('textbox', { name: /^Pattern/ }).fill('desk-*');
    await dialogue.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'desk-*@in.route.example', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Rotate the secret' }).click();
    await page.getByRole('button', { name: 'Rotate it' }).click();
    const rotated = page.getByRole('dialog', { name: 'The new secret' });
    assert.match(String(await rotated.locator('.mono').textContent()), /^whsec_/);
    await rotated.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Old secret signs until').waitFor();
    await window.check();
    await page.getByRole('link', { name: 'what came for it' }).click();
    await page.getByRole('link', { name: /^Ada Reader/ }).waitFor();
    assert.equal(await page.getByRole('row').count(), 2);
    await window.go(`/inbound-routes/${id}`);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel('Type desk-*@in.route.example to go on').fill('desk-*@in.route.example');
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('desk-*@in.route.example was deleted').waitFor();
    await window.check();
  },
);

pageTest('inbound-mails', 'are found by recipient, state and domain', async (it) => {
  const domain = await inboundDomain(it, 'in.finds.example');
  await inboundRoute(it, domain, { url: 'https://127.0.0.1/mail', status: 'paused' });
  for (const who of ['one', 'two'])
    await handIn(
      it,
      `${who}@in.finds.example`,
      rawMail(`${who}@in.finds.example`, `For ${who} ${hostile}`, '<p>x</p>'),
    );
  await using window = await it.open('owner');
  const { page } = window;
  await window.go('/inbound-mails');
  await page.getByRole('combobox', { name: 'Domain' }).click();
  await page.getByRole('option', { name: 'in.finds.example' }).click();
  await page.waitForURL(/domain=/);
  await page.getByText(`For one ${hostile}`).waitFor();
  await page.getByLabel('Recipient', { exact: true }).fill('two@in.finds.example');
  await page.getByText(`For one ${hostile}`).waitFor({ state: 'detached' });
  await page.getByText(`For two ${hostile}`).waitFor();
  await window.check();
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'given up' }).click();
  await page.getByText('No received messages are like that').waitFor();
  await window.check();
});

pageTest(
  'inbound-mail',
  'tells who it is from and whether it was taken, runs nothing of it, is handed over again, and deleted',
  async (it) => {
    await using receiver = await WebhookReceiver.start();
    const to = 'help@in.reads.example';
    const domain = await inboundDomain(it, 'in.reads.example');
    await inboundRoute(it, domain, { url: receiver.url });
    const raw = rawMail(to, `Order ${hostile}`, `<h1>Dear shop</h1>${hostile}`);
    const { id } = await handIn(it, to, raw);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/inbound-mails/${id}`);
    await page.getByRole('heading', { name: `Order ${hostile}` }).waitFor();
    const hands = page.getByRole('region', { name: 'Handing it over' });
    await hands.getByText('handed over', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Who it is from' }).getByText('no signature').waitFor();
    const frame = page.frameLocator('iframe[title="Content of the received mail"]').frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Dear shop' }).waitFor();
    // The browser says that it ran nothing: that is no fault.
    const faults = window.problems.filter(
      (line) => !/Blocked script execution|Content Security Policy/.test(line),
    );
    window.problems.splice(0, window.problems.length, ...faults);
    await page.getByText('Source', { exact: true }).click();
    await page
      .getByLabel('Content of the received mail')
      .getByText(/^Authentication-Results|Received:/)
      .waitFor();
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Keep order.pdf as a file' }).click();
    assert.equal((await coming).suggestedFilename(), 'order.pdf');
    await window.check();
    await page.getByRole('button', { name: 'Hand over again' }).click();
    await page.getByRole('button', { name: 'Hand it over' }).click();
    await hands.getByText('it was asked to be handed over once more').waitFor();
    await it.world.until(
      () => Promise.resolve(receiver.received),
      ({ length }) => length === 2,
    );
    assert.deepEqual(
      receiver.received.map(({ isReplay }) => isReplay),
      [false, true],
    );
    await hands.getByText('handed over', { exact: true }).waitFor();
    await window.check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('The mail was deleted').waitFor();
    assert.equal((await it.boss.api('GET', `/inbound-mails/${id}`)).status, 404);
  },
);

pageTest(
  'inbound-mails',
  'of their own are read by a client who may not hand them over again, those of the account are not; closed without the grant',
  async (it) => {
    const headers = { 'lettershop-subaccount': String(it.subaccountId) };
    const domain = await inboundDomain(it, 'in.client.example', headers);
    const route = await inboundRoute(it, domain, {
      url: 'https://127.0.0.1/mail',
      pattern: 'own',
      status: 'paused',
    });
    const own = await handIn(
      it,
      'own@in.client.example',
      rawMail('own@in.client.example', 'Of the client', '<p>x</p>'),
      headers,
    );
    const others = await inboundDomain(it, 'in.not-theirs.example');
    await inboundRoute(it, others, { url: 'https://127.0.0.1/mail', status: 'paused' });
    const to = 'x@in.not-theirs.example';
    const foreign = await handIn(it, to, rawMail(to, 'Of the account', '<p>x</p>'));
    await using window = await it.open('reader');
    const { page } = window;
    await window.go('/inbound-mails');
    await page.getByText('Of the client').first().waitFor();
    assert.equal(await page.getByText('Of the account').count(), 0);
    await window.check();
    await window.go(`/inbound-mails/${own.id}`);
    for (const name of ['Hand over again', 'Delete']) {
      const button = page.getByRole('button', { name });
      await button.waitFor();
      assert.equal(await button.getAttribute('aria-disabled'), 'true', name);
    }
    // What it says takes a grant of its own.
    await page.getByRole('region', { name: 'Who it is from' }).waitFor();
    assert.equal(await page.getByRole('region', { name: 'Content' }).count(), 0);
    await window.check();
    await window.go(`/inbound-mails/${foreign.id}`);
    await page.getByRole('heading', { name: 'Not found' }).waitFor();
    window.problems.length = 0;
    await window.go(`/inbound-routes/${route.id}`);
    for (const name of ['Send a test', 'Pause', 'Resume', 'Change', 'Delete', 'Rotate the secret']) {
      const button = page.getByRole('button', { name });
      if ((await button.count()) > 0) assert.equal(await button.getAttribute('aria-disabled'), 'true', name);
    }
    await window.check();
    for (const viewer of ['client', 'reporting'] as const) {
      await using other = await it.open(viewer);
      for (const path of ['/inbound-mails', '/inbound-domains', '/inbound-routes']) {
        await other.go(path);
        await other.page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
      }
      await other.check();
    }
  },
);

pageTest('inbound-domains', 'are hidden from somebody whose access hides them', async (it) => {
  const caller = await joinBy(it.world, it.boss, 'hidden-inbound@inbox.test', {
    subaccounts: [{ id: it.subaccountId, role: 'developer', hiddenPages: ['inbound'] }],
  });
  await using window = await it.openAs(caller);
  const { page } = window;
  await window.go('/inbound-domains');
  await page.getByRole('heading', { name: /is not open to you here/ }).waitFor();
  await page.getByRole('link', { name: 'Domains', exact: true }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Inbound domains' }).count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Received mail' }).count(), 0);
  await window.check();
});
