import type { ReactElement, ReactNode } from 'react';
import { ActButton } from './act-button.tsx';

type SaveButtonProps = {
  /** Null when it may be saved at all. */
  readonly why: string | null;
  readonly isChanged: boolean;
  readonly isSending: boolean;
  readonly onSave: () => void;
  readonly children: ReactNode;
};

/** Of a panel whose fields are saved together: says when there is nothing to save. */
export function SaveButton({ why, isChanged, isSending, onSave, children }: SaveButtonProps): ReactElement {
  return (
    <ActButton
      size="compact-sm"
      why={why ?? (isChanged ? null : 'Nothing was changed since it was saved.')}
      loading={isSending}
      onClick={onSave}
    >
      {children}
    </ActButton>
  );
}
