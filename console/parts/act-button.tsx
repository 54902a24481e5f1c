import { Button } from '@mantine/core';
import type { ButtonProps } from '@mantine/core';
import type { ComponentPropsWithoutRef, ReactElement, ReactNode, Ref } from 'react';

type Native = Pick<
  ComponentPropsWithoutRef<'button'>,
  'aria-pressed' | 'aria-keyshortcuts' | 'onMouseDown'
> & {
  readonly ref?: Ref<HTMLButtonElement>;
};

type ActButtonProps = ButtonProps &
  Native & {
    /** Null when it may be done; else the reason, which the button tells when it is hovered or focused. */
    readonly why: string | null;
    readonly onClick?: () => void;
    readonly type?: 'submit' | 'button';
    readonly children: ReactNode;
  };

/** A button that says why it cannot be used instead of vanishing. It stays focusable, so that the keyboard learns why. */
export function ActButton({
  why,
  onClick,
  type = 'button',
  children,
  ...rest
}: ActButtonProps): ReactElement {
  return (
    <Button
      {...rest}
      type={type}
      {...(why === null ? {} : { 'data-disabled': true, 'aria-disabled': true, 'data-hint': why })}
      onClick={(event) => {
        if (why !== null) event.preventDefault();
        else onClick?.();
      }}
    >
      {children}
    </Button>
  );
}
