// `npm run bench:templates`: rendered copies per second of a 10 KiB template with 20 substitutions in every language,
// beside the handlebars package's compiled template on the same text. Runs take turns; median, least and most are printed, and the
// median of each round's ratio to the package's.
import Handlebars from 'handlebars';
import { compile, render } from '../src/mail/template/index.ts';
import type { Language } from '../src/mail/template/index.ts';

const seconds = Number(process.argv[2] ?? 1);
const rounds = 7;
const names = Array.from({ length: 20 }, (_unused, index) => `field_${index}`);
const filler = 'Lorem ipsum dolor sit amet, consetetur sadipscing elitr. '.repeat(9).slice(0, 490);

const written: Readonly<Partial<Record<Language, (name: string) => string>>> = {
  handlebars: (name) => `{{${name}}}`,
  sparkpost: (name) => `{{${name}}}`,
  merge_tags: (name) => `*|${name}|*`,
  mailersend: (name) => `{{ ${name} }}`,
  mailjet: (name) => `{{var:${name}}}`,
  liquid: (name) => `{{ ${name} }}`,
};

const text = (tag: (name: string) => string): string =>
  names.map((name) => `<p>${filler} ${tag(name)}</p>`).join('\n');
const people = Array.from({ length: 100 }, (_unused, person) =>
  Object.fromEntries(names.map((name) => [name, `${name} of <person> ${person}`])),
);

type Contender = { readonly name: string; readonly run: (data: Record<string, string>) => string };

function contenders(): Contender[] {
  const theirs = Handlebars.compile(text((name) => `{{${name}}}`));
  const list: Contender[] = [{ name: 'handlebars package', run: (data) => theirs(data) }];
  for (const [language, tag] of Object.entries(written) as [Language, (name: string) => string][]) {
    const compiled = compile(language, text(tag), { part: 'html' });
    if (!compiled.ok) throw new Error(`${language}: ${compiled.faults[0]?.message}`);
    const { template } = compiled;
    list.push({
      name: language,
      run: (data) => {
        const result = render(template, data);
        if (!result.ok) throw new Error(result.fault.message);
        return result.text;
      },
    });
  }
  return list;
}

/** Each text is turned into bytes, as a copy is: a string that nobody reads is not made. */
function perSecond({ run }: Contender): number {
  const started = performance.now();
  let copies = 0;
  let bytes = 0;
  while (performance.now() - started < (seconds * 1000) / rounds) {
    for (const person of people) bytes += Buffer.from(run(person)).length;
    copies += people.length;
  }
  if (bytes === 0) throw new Error('nothing was rendered');
  return copies / ((performance.now() - started) / 1000);
}

const all = contenders();
console.log(`copies per second: ${'median'.padStart(12)} ${'least'.padStart(10)} ${'most'.padStart(10)}`);
const figures = new Map<string, number[]>(all.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const contender of all) figures.get(contender.name)?.push(perSecond(contender));
}
const theirs = figures.get('handlebars package') ?? [];
const middle = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
for (const [name, list] of figures) {
  const shown = [middle(list), Math.min(...list), Math.max(...list)].map((figure) =>
    Math.round(figure).toLocaleString('en').padStart(10),
  );
  const ratio = middle(list.map((figure, round) => figure / (theirs[round] ?? figure)));
  console.log(`${name.padEnd(20)} ${shown.join(' ')} ${ratio.toFixed(2).padStart(6)}x`);
}
