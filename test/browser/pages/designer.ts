import assert from 'node:assert/strict';
import type { FrameLocator, Page } from 'playwright-core';
import { directMouse, drag, handOf } from '../drag.ts';
import { pageTest } from '../ground.ts';
import type { Ground, Window } from '../ground.ts';

/**
 * What a frame without scripts did not run, the test's own questions among it, and pictures that the preview did not ask for.
 * All else that the browser has to say of policies is a fault.
 */
function forgetFrames(window: Window): void {
  const kept = window.problems.filter(
    (line) =>
      !/Blocked script execution in '(?:about:srcdoc|[^']*\/canvas)'|(?:Loading|load) the image/.test(line),
  );
  window.problems.splice(0, window.problems.length, ...kept);
}

const hostile =
  '<script>alert(3)</script><img src=x onerror="alert(4)"><a href="javascript:alert(5)">a link</a>';

const mail = `<mjml>
  <mj-head><mj-title>Order</mj-title></mj-head>
  <mj-body background-color="#f2f0fa">
    <!-- the greeting -->
    <mj-section background-color='#ffffff'>
      <mj-column>
        <mj-text  font-size="16px" >Dear {{ name }}, thank you.</mj-text>
        <mj-button href="https://shop.example/?a=1&amp;b={{ name | url_encode }}">See it</mj-button>
      </mj-column>
    </mj-section>
    <mj-raw>{% if name == "Ada" %}</mj-raw>
    <mj-section><mj-column><mj-text>Only for Ada</mj-text></mj-column></mj-section>
    <mj-raw>{% endif %}</mj-raw>
  </mj-body>
</mjml>
`;

async function make(it: Ground, slug: string, mjml: string): Promise<string> {
  const { id } = await it.boss.ok<{ id: string }>('POST', '/templates', {
    body: {
      name: `Design of ${slug}`,
      slug,
      subject: 'Order of {{ name }}',
      markup: { mjml, inlineCss: false, autoText: true },
    },
  });
  return id;
}

async function stored(it: Ground, id: string): Promise<string> {
  const { version } = await it.boss.ok<{ version: { markup: { mjml: string } } }>('GET', `/templates/${id}`);
  return version.markup.mjml;
}

const design = (page: Page): FrameLocator => page.frameLocator('iframe[title="Design of the mail"]:visible');

pageTest(
  'template',
  'in MJML is put together in a designer: blocks are dragged in, texts written in, parts moved, and the rest of the source stays',
  async (it) => {
    const id = await make(it, 'designed', mail);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/templates/${id}`);
    await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Design').click();
    const canvas = design(page);
    const greeting = canvas.locator('[data-part=mj-text]').first();
    await greeting.getByText('{{ name }}').waitFor();
    await canvas.getByText('Code: if').waitFor();
    await window.picture('designer-light');

    await drag(handOf(page), page.getByRole('button', { name: 'Divider' }), greeting, 0.9);
    await window.picture('designer-dropped');
    await canvas.locator('[data-part=mj-divider]').waitFor();
    // A part that is there already is moved by hand, too: the line goes below the button.
    const line = canvas.locator('[data-part=mj-divider]');
    await drag(await directMouse(page), line, canvas.locator('[data-part=mj-button]'), 0.9);
    await canvas.locator('[data-part=mj-button] + [data-part=mj-divider]').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await canvas.locator('[data-part=mj-divider] + [data-part=mj-button]').waitFor();
    await greeting.dblclick({ position: { x: 40, y: 14 } });
    await page.keyboard.press('End');
    await page.keyboard.type(' Yours & {{ company }}');
    await page.keyboard.press('Escape');
    await greeting.getByText('{{ company }}').waitFor();

    await page.getByRole('button', { name: 'Button', exact: true }).last().click();
    await page.getByRole('status').getByText('Button').waitFor();
    await page.getByRole('button', { name: 'Move up' }).click();
    await page.getByLabel('Rounded corners').fill('8px');
    await window.picture('designer-changed');
    const preview = page.frameLocator('iframe[title="Preview of the mail"]').frameLocator('iframe');
    await preview.getByText('Dear Ada, thank you. Yours &').waitFor();

    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText('The draft was saved').waitFor();
    const button =
      '\n        <mj-button href="https://shop.example/?a=1&amp;b={{ name | url_encode }}" border-radius="8px">See it</mj-button>';
    assert.equal(
      await stored(it, id),
      mail
        .replace(/\n        <mj-button[^\n]*/, '')
        .replace(
          '\n        <mj-text  font-size="16px" >Dear {{ name }}, thank you.</mj-text>',
          `\n        <mj-text  font-size="16px" >Dear {{ name }}, thank you. Yours &amp; {{ company }}</mj-text>${button}\n        <mj-divider border-width="1px" />`,
        ),
    );
    forgetFrames(window);
    await window.check();
  },
);

pageTest(
  'template',
  'whose text holds scripts and handlers runs none of it in the designer, where it is kept as it stands',
  async (it) => {
    const text = `<mj-text>Before ${hostile} after</mj-text>`;
    const source = mail
      .replace('<mj-text>Only for Ada</mj-text>', text)
      .replace('<mj-text  font-size="16px" >Dear', `${text}<mj-text  font-size="16px" >Dear`);
    const id = await make(it, 'hostile-design', source);
    await using window = await it.open('owner');
    const { page } = window;
    await window.go(`/templates/${id}`);
    const preview = page.frameLocator('iframe[title="Preview of the mail"]').frameLocator('iframe');
    await preview.getByText('Before').first().waitFor();
    // The preview has said what it keeps from running; the design has nothing to say.
    window.problems.splice(0);
    await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Design').click();
    const canvas = design(page);
    const first = canvas.locator('[data-part=mj-text]').first();
    await first.getByText('a link').click();
    assert.equal(await canvas.locator('script, img, [onerror], [href]').count(), 0);
    await first.getByText('script', { exact: true }).waitFor();
    assert.deepEqual(
      window.problems.filter((line) => /Content Security Policy|alert/.test(line)),
      [],
    );
    await first.dblclick({ position: { x: 40, y: 14 } });
    await page.keyboard.press('Home');
    await page.keyboard.type('<b>Well</b> ');
    // Markup that somebody got into the document by force runs no more than what is read from the template.
    await page.evaluate(`(() => {
      const frame = [...document.querySelectorAll('iframe')].find((each) => each.title === 'Design of the mail' && each.offsetWidth > 0);
      window.forced = 0;
      const box = frame.contentDocument.createElement('div');
      box.setAttribute('onclick', 'parent.forced = 1');
      box.textContent = 'forced';
      frame.contentDocument.body.prepend(box);
      box.click();
      const script = frame.contentDocument.createElement('script');
      script.textContent = 'parent.forced = 2';
      frame.contentDocument.body.append(script);
    })()`);
    assert.equal(await page.evaluate('window.forced'), 0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText('The draft was saved').waitFor();
    assert.equal(
      await stored(it, id),
      source.replace('<mj-text>Before', '<mj-text>&lt;b&gt;Well&lt;/b&gt; Before'),
    );
    // The preview has nothing more to say once it shows the text alone.
    await page.getByRole('radiogroup', { name: 'Width' }).getByText('Text').click();
    await page.getByLabel('Text of the mail').getByText('Well').waitFor();
    forgetFrames(window);
    // Of the preview, and of what was forced in.
    const kept = window.problems.filter((line) => !line.includes('Content Security Policy'));
    window.problems.splice(0, window.problems.length, ...kept);
    await window.check();
  },
);

pageTest(
  'template',
  'is designed by the keyboard alone, with steps back, and says why a source cannot be designed',
  async (it) => {
    const id = await make(it, 'keyboard-design', mail);
    await using window = await it.open('owner', { colorScheme: 'dark' });
    const { page } = window;
    await window.go(`/templates/${id}`);
    await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Design').click();
    const parts = page.getByRole('region', { name: 'Parts of the mail' });
    await parts.getByRole('button', { name: 'Text' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Text', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Image', exact: true }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Text instead of the image').fill('Our "boat"');
    await page.getByLabel('Address of the image').fill('{{ boat.picture }}');
    await design(page).getByText('Our "boat"').waitFor();
    await window.picture('designer-dark');
    await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Source').click();
    const source = page.getByRole('textbox', { name: 'MJML' });
    const withImage = await source.inputValue();
    assert.ok(
      withImage.includes(
        'thank you.</mj-text>\n        <mj-image src="{{ boat.picture }}" alt="Our &quot;boat&quot;" />\n',
      ),
    );
    await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Design').click();
    await parts.getByRole('button', { name: 'Image' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await design(page).getByText('Our "boat"').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await design(page).getByText('Our "boat"').waitFor();
    await page.getByRole('button', { name: 'Redo' }).click();
    await design(page).getByText('Our "boat"').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await parts.getByRole('button', { name: 'Code: if' }).click();
    await page.getByLabel('Source', { exact: true }).last().fill('<mj-raw>{% if a %}</mj-raw>');
    await page.getByText('The mail cannot be read with this').waitFor();

    await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Source').click();
    assert.equal(await source.inputValue(), withImage);
    await source.fill(mail.replace('</mj-column>', ''));
    await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Design').click();
    await page
      .getByRole('alert')
      .getByText('Line 6: <mj-column> is not ended before </mj-section>')
      .waitFor();
    await page.setViewportSize({ width: 390, height: 800 });
    await page.getByText('The designer needs a wider screen').waitFor();
    await window.picture('designer-phone');
    forgetFrames(window);
    await window.check();
  },
);

pageTest(
  'template',
  'is designed in bold, italic and links, with fields and snippets chosen by name, by keyboard and pointer',
  async (it) => {
    const snippet = await it.boss.ok<{ id: string }>('POST', '/snippets', {
      body: { name: 'Closing words', slug: 'closing', html: '<p>Yours</p>' },
    });
    await it.boss.ok('POST', `/snippets/${snippet.id}/publish`, { body: {} });
    const other = await it.boss.ok<{ id: string }>('POST', '/snippets', {
      body: { name: 'Other language', slug: 'other-language', language: 'handlebars', html: '<p>x</p>' },
    });
    await it.boss.ok('POST', `/snippets/${other.id}/publish`, { body: {} });
    const id = await make(it, 'worded', mail);
    await using window = await it.open('owner');
    const { page } = window;
    const press = async (key: string, times = 1): Promise<void> => {
      for (let at = 0; at < times; at++) await page.keyboard.press(key);
    };
    await window.go(`/templates/${id}`);
    await page.getByRole('radiogroup', { name: 'Worked on as' }).getByText('Design').click();
    const tools = page.getByRole('group', { name: 'Words' });
    const bold = tools.getByRole('button', { name: 'Bold' });
    await window.tabTo(tools.getByRole('button', { name: 'Write' }));
    await page.getByText('Choose a text or a button first.').waitFor();
    const parts = page.getByRole('region', { name: 'Parts of the mail' });
    await parts.getByRole('button', { name: 'Text' }).first().focus();
    await press('Enter');
    const canvas = design(page);
    const greeting = canvas.locator('[data-part=mj-text]').first();

    // By the keyboard alone: into the text, two words bold, out again to where it began.
    await tools.getByRole('button', { name: 'Write' }).focus();
    await press('Enter');
    await press('Home');
    await press('Shift+ArrowRight', 4);
    await press('Control+b');
    await greeting.locator('b').getByText('Dear').waitFor();
    assert.equal(await bold.getAttribute('aria-pressed'), 'true');
    await press('Control+b');
    await greeting.locator('b').waitFor({ state: 'detached' });
    await press('Control+b');
    await greeting.locator('b').waitFor();
    await press('End');
    await press('ArrowLeft');
    await press('Shift+ArrowLeft', 3);
    await press('Control+k');
    const dialogue = page.getByRole('dialog', { name: 'Link' });
    await window.picture('designer-link');
    await dialogue.getByLabel('It leads to').fill('https://shop.example/?to=a&id={{ id }}');
    await press('Enter');
    await greeting.locator('.link').getByText('you').waitFor();
    assert.equal(await canvas.locator('[href]').count(), 0);

    // The box gives the focus back as it goes.
    await dialogue.waitFor({ state: 'detached' });
    // By the pointer: the button takes no words away that are chosen.
    await greeting.dblclick({ position: { x: 40, y: 14 } });
    await press('End');
    await press('ArrowLeft', 5);
    await press('Shift+ArrowLeft', 5);
    await tools.getByRole('button', { name: 'Italic' }).click();
    await greeting.locator('i').getByText('thank').waitFor();
    await press('End');
    await page.keyboard.type(' Yours &');
    await press('Escape');
    await page.waitForFunction('document.activeElement?.textContent === "Write"');
    await window.picture('designer-words');

    const put = tools.getByRole('combobox').or(tools.getByLabel('Put in a field or a snippet')).first();
    await put.pressSequentially('order.id');
    await page.getByRole('option', { name: '{{ order.id }}' }).waitFor();
    await press('Enter');
    await greeting.getByText('{{ order.id }}').waitFor();
    await put.pressSequentially('clos');
    await page.getByRole('option', { name: 'Closing words (closing)' }).waitFor();
    await window.picture('designer-insert');
    await press('Enter');
    await greeting.getByText('{% render "closing" %}').waitFor();
    await put.pressSequentially('other');
    await page.getByRole('option', { name: 'Other language' }).click();
    await page.getByText('is written in another language than this template').waitFor();
    // Behind a part without words it is a text of its own.
    await parts.getByRole('button', { name: 'Code: if' }).click();
    await put.pressSequentially('name');
    await page.getByRole('option', { name: '{{ name }}', exact: true }).click();
    await page.getByRole('button', { name: 'Save the draft' }).click();
    await page.getByText('The draft was saved').waitFor();
    const made = await stored(it, id);
    const worded =
      '<b>Dear</b> {{ name }}, <i>thank</i> <a href="https://shop.example/?to=a&amp;id={{ id }}">you</a>. Yours &amp;{{ order.id }}{% render "closing" %}';
    const expected = mail.replace('Dear {{ name }}, thank you.', worded);
    assert.equal(
      made.replace(
        /\n\s*<mj-section>\s*<mj-column>\s*<mj-text>\{\{ name \}\}<\/mj-text>\s*<\/mj-column>\s*<\/mj-section>|\n\s*<mj-text>\{\{ name \}\}<\/mj-text>/,
        '',
      ),
      expected,
    );
    assert.equal(made.match(/<mj-text>\{\{ name \}\}<\/mj-text>/g)?.length, 1);
    forgetFrames(window);
    await window.check();
  },
);
