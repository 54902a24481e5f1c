/** A mail put together from blocks. What it makes is MJML: the same draft as in the source, changed where it was touched. */
import { Alert, Group, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { CSSProperties, ReactElement } from 'react';
import { ActButton } from '../../../parts/act-button.tsx';
import { facts } from '../../../shell/facts.ts';
import type { Language } from '../languages.ts';
import './designer.css';
import { startDesigner } from './editor.ts';
import type { Chosen, Designer as Made, Outline } from './editor.ts';
import { useHistory } from './history.ts';
import type { History } from './history.ts';
import { Insert } from './insert.tsx';
import { blocks } from './kinds.ts';
import { Properties } from './properties.tsx';
import { Toolbar } from './toolbar.tsx';
import { readDesign } from './tree.ts';

type DesignerProps = {
  readonly source: string;
  readonly onChange: (source: string) => void;
  readonly language: Language;
  /** What the mail is tried with: its fields can be put in. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Whose template it is: whose snippets it may show. */
  readonly subaccountId: number;
};

export function Designer(props: DesignerProps): ReactElement {
  const { source } = props;
  const isWide = useMediaQuery('(min-width: 900px)', undefined, { getInitialValueInEffect: false });
  const read = readDesign(source);
  if (!isWide)
    return (
      <Alert color="gray" title="The designer needs a wider screen">
        Turn the device, or change the template in its source.
      </Alert>
    );
  if (!read.ok)
    return (
      <Alert color="red" role="alert" title="The designer cannot open this">
        Line {read.line}: {read.message}. It can be put right in the source.
      </Alert>
    );
  return <Designing {...props} />;
}

/** The designer in a place of its own, for as long as it is shown. */
function useDesigner({ source, onChange }: Pick<DesignerProps, 'source' | 'onChange'>, history: History) {
  const place = useRef<HTMLDivElement>(null);
  const [made, setMade] = useState<Made | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [isLinking, setLinking] = useState(false);
  const writeButton = useRef<HTMLButtonElement>(null);
  const now = useRef({ source, onChange, history });
  useLayoutEffect(() => {
    now.current = { source, onChange, history };
  });
  useEffect(() => {
    const own = document.createElement('div');
    // By a class: GrapesJS puts attributes back at its end, and a style would be one that the policy refuses.
    own.className = 'designer-place';
    place.current?.append(own);
    let stop = (): void => own.remove();
    let isGone = false;
    void startDesigner(own, `${facts.routes}/canvas`, {
      onChoose: setChosen,
      onLeave: () => writeButton.current?.focus(),
      onAskLink: () => setLinking(true),
      onChange(made, isMoved) {
        now.current.history.push(now.current.source, isMoved);
        now.current.onChange(made);
      },
    }).then((designer) => {
      stop = () => {
        // Out of the page first: at its end it makes a frame anew, which would have our policy and not the canvas's.
        own.remove();
        designer.stop();
      };
      if (isGone) stop();
      else setMade(designer);
    });
    return () => {
      isGone = true;
      stop();
    };
  }, []);
  // At once: what is written in the meantime would be taken back.
  useLayoutEffect(() => {
    made?.load(source);
  }, [made, source]);
  return { place, made, chosen, isLinking, setLinking, writeButton };
}

function Designing({ source, onChange, language, data, subaccountId }: DesignerProps): ReactElement {
  const history = useHistory();
  const { place, made, chosen, ...linking } = useDesigner({ source, onChange }, history);
  const outline = made?.outline() ?? [];
  return (
    <div>
      <Acts made={made} chosen={chosen} outline={outline} history={history} source={source} set={onChange} />
      <Toolbar made={made} words={chosen?.words ?? null} {...linking}>
        <Insert
          of={{ source, language, data, subaccountId }}
          isReady={chosen !== null}
          put={(mark) => made?.insert(mark)}
        />
      </Toolbar>
      <div className="designer">
        <div className="designer-side">
          <Blocks made={made} language={language} />
          <Parts outline={outline} chosen={chosen} choose={(path) => made?.choose(path)} />
        </div>
        <div className="designer-canvas" ref={place} />
        <section className="designer-side" aria-label="Properties">
          {chosen === null ? (
            <Text size="sm" c="dimmed">
              Choose a part in the design or in the list of parts.
            </Text>
          ) : (
            <Properties
              key={chosen.path.join('.')}
              part={chosen.part}
              replace={(part) => made?.replace(part) ?? false}
            />
          )}
        </section>
      </div>
    </div>
  );
}

type ActsProps = {
  readonly made: Made | null;
  readonly chosen: Chosen | null;
  readonly outline: readonly Outline[];
  readonly history: History;
  readonly source: string;
  readonly set: (source: string) => void;
};

/** How many stand beside it, itself included. */
function siblings({ path }: Chosen, outline: readonly Outline[]): number {
  const parent = path.slice(0, -1).join('.');
  return outline.filter(
    (each) => each.path.length === path.length && each.path.slice(0, -1).join('.') === parent,
  ).length;
}

function Acts({ made, chosen, outline, history, source, set }: ActsProps): ReactElement {
  const none = chosen === null || chosen.path.length === 0 ? 'Choose a part first.' : null;
  const at = chosen?.path.at(-1) ?? 0;
  const last = chosen === null ? 0 : siblings(chosen, outline) - 1;
  const step = (to: string | null): void => {
    if (to !== null) set(to);
  };
  const { past, future } = history.steps;
  const acts = [
    ['Undo', past.length > 0 ? null : 'Nothing was changed here.', () => step(history.back(source))],
    ['Redo', future.length > 0 ? null : 'Nothing was undone.', () => step(history.forth(source))],
    ['Move up', none ?? (at > 0 ? null : 'It is the first.'), () => made?.move(-1)],
    ['Move down', none ?? (at < last ? null : 'It is the last.'), () => made?.move(1)],
    ['Remove', none, () => made?.remove()],
  ] as const;
  return (
    <Group gap={6} mb={8}>
      {acts.map(([label, why, run]) => (
        <ActButton key={label} size="compact-xs" variant="default" why={why} onClick={() => run()}>
          {label}
        </ActButton>
      ))}
    </Group>
  );
}

/** Dragged, or put in behind what is chosen by a click or Enter. */
function Blocks({
  made,
  language,
}: {
  readonly made: Made | null;
  readonly language: Language;
}): ReactElement {
  const known = blocks.filter((block) => block.language === undefined || block.language === language);
  return (
    <section aria-label="Blocks" className="designer-blocks">
      {known.map(({ id, label }) => (
        <div
          key={id}
          role="button"
          tabIndex={0}
          className="designer-block"
          draggable
          onClick={() => made?.add(id)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' && event.key !== ' ') return;
            event.preventDefault();
            made?.add(id);
          }}
          onDragStart={(event) => {
            event.dataTransfer.setData('text/plain', '');
            event.dataTransfer.effectAllowed = 'copy';
            made?.startDrag(id);
          }}
          onDragEnd={() => made?.endDrag()}
        >
          {label}
        </div>
      ))}
    </section>
  );
}

type PartsProps = {
  readonly outline: readonly Outline[];
  readonly chosen: Chosen | null;
  readonly choose: (path: readonly number[]) => void;
};

function Parts({ outline, chosen, choose }: PartsProps): ReactElement {
  const current = chosen?.path.join('.');
  return (
    <section aria-label="Parts of the mail">
      <ul className="designer-outline">
        {outline.map(({ path, label }) => (
          <li key={path.join('.')}>
            <button
              type="button"
              style={{ '--depth': path.length } as CSSProperties}
              aria-current={path.join('.') === current}
              onClick={() => choose(path)}
            >
              {label}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
