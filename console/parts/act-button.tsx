import { Button, Tooltip } from '@mantine/core';
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
  const button = (
    <Button
      {...rest}
      type={type}
      {...(why === null ? {} : { 'data-disabled': true, 'aria-disabled': true })}
      onClick={(event) => {
        if (why !== null) event.preventDefault();
        else onClick?.();
      }}
    >
      {children}
    </Button>
  );
  return why === null ? (
    button
  ) : (
    <Tooltip label={why} events={{ hover: true, focus: true, touch: true }}>
      {button}
    </Tooltip>
  );
}
