/**
 * A mail as its reader would see it. A tenant's HTML never meets our page: it is handed to a page of the server that has
 * no origin and no scripts of theirs, and which loads nothing from elsewhere unless pictures are asked for.
 */
import { Button, Group, SegmentedControl } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { facts } from '../shell/facts.ts';

export function HtmlFrame({
  html,
  title,
  hasPictures = false,
}: {
  readonly html: string;
  readonly title: string;
  readonly hasPictures?: boolean;
}): ReactElement {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const place = frame.current;
    if (place === null) return undefined;
    // Without an origin there is no name to send to; the text is the viewer's to see in any case.
    const show = (): void => place.contentWindow?.postMessage({ html }, '*');
    place.addEventListener('load', show);
    show();
    return () => place.removeEventListener('load', show);
  }, [html]);
  return (
    <iframe
      key={String(hasPictures)}
      ref={frame}
      className="mail"
      title={title}
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      src={`${facts.routes}/frame${hasPictures ? '?pictures' : ''}`}
    />
  );
}

export type MailParts = {
  readonly html: string | null;
  readonly text: string | null;
  readonly source: string;
};

export function MailView({
  mail,
  title,
}: {
  readonly mail: MailParts;
  readonly title: string;
}): ReactElement {
  const forms = [
    ...(mail.html === null ? [] : [{ value: 'html', label: 'HTML' }]),
    ...(mail.text === null ? [] : [{ value: 'text', label: 'Text' }]),
    { value: 'source', label: 'Source' },
  ];
  const [form, setForm] = useState(forms[0]?.value ?? 'source');
  const [hasPictures, setPictures] = useState(false);
  return (
    <>
      <Group px={20} pb={12} gap="sm">
        <SegmentedControl
          size="xs"
          aria-label="Form of the content"
          data={forms}
          value={form}
          onChange={setForm}
        />
        {form === 'html' && !hasPictures && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setPictures(true)}>
            Load pictures from elsewhere
          </Button>
        )}
      </Group>
      {form === 'html' && <HtmlFrame html={mail.html ?? ''} title={title} hasPictures={hasPictures} />}
      {form !== 'html' && (
        <pre className="source" tabIndex={0} aria-label={title}>
          {form === 'text' ? mail.text : mail.source}
        </pre>
      )}
    </>
  );
}
